"""The words of notices at the console: read, tried, saved, refused with a sentence, and sent to oneself."""

from typing import Any

import pytest

from otpward.core.model.member import Role
from otpward.core.policy.notices import NoticeKind
from otpward.edges.http.console.notice_labels import KINDS
from tests.edges.http.console.staffed import appoint, sit
from tests.fakes.sample import Sample

PATH = "/console/messages"
OWN = {"ko": "[{name}] {time} 잠겼어요. {phone}", "en": "[{name}] {time} locked. {phone}"}


@pytest.fixture
def admin(browser: Any, sample: Sample) -> Any:
    browser.get("/?lang=en")
    sit(browser, sample, appoint(sample, Role.ADMINISTRATOR))
    return browser


def write(admin: Any, act: str = "save", kind: str = "token_locked", **words: str) -> Any:
    where = f"{PATH}/{kind}"
    return admin.send(admin.get(where), where, act=act, **{**OWN, **words})


def test_every_notice_has_a_name_and_stands_in_the_list(admin: Any) -> None:
    assert set(KINDS) == set(NoticeKind)
    page = admin.get(PATH).text
    assert page.count('href="/console/messages/') >= len(NoticeKind)
    assert "OTP locked" in page


def test_own_words_are_saved_stand_in_the_next_notice_and_are_given_up_again(admin: Any, sample: Sample) -> None:
    assert "The words are saved" in write(admin).text
    assert "Your own" in admin.get(PATH).text
    live = sample.house.look(sample.institution.id, lambda uow: uow.notice_texts.find(live_for="token_locked"))
    assert [(one.number, one.korean) for one in live] == [(1, OWN["ko"])]
    assert "The notice has our words again" in write(admin, act="ours").text
    assert "Your own" not in admin.get(PATH).text
    kept = sample.house.look(sample.institution.id, lambda uow: uow.notice_texts.find(kind="token_locked", order="number"))
    assert [(one.number, bool(one.korean)) for one in kept] == [(1, True), (2, False)]


def test_an_example_is_shown_and_nothing_is_kept(admin: Any, sample: Sample) -> None:
    page = write(admin, act="show", en="[{name}] " + "a" * 90 + " {phone}").text
    assert "goes as a long message (LMS)" in page
    assert sample.house.look(sample.institution.id, lambda uow: uow.notice_texts.count()) == 0


REFUSED = {
    "Write the text in both languages": {"en": ""},
    "There is nothing to put in place of {nobody} in this notice": {"en": "{phone} {nobody}"},
    "A brace is open": {"ko": "{phone"},
    "{phone} must stand in this notice": {"ko": "잠겼어요"},
    "{seed} never stands in a notice": {"ko": "{phone} {seed}"},
    "Text messages cannot carry 😀": {"en": "{phone} 😀"},
}


def test_what_cannot_be_sent_is_refused_with_a_sentence(admin: Any, sample: Sample) -> None:
    for sentence, words in REFUSED.items():
        refused = write(admin, **words)
        assert refused.status_code == 422
        assert refused.text.count(sentence) >= 2, f"{sentence}: in the summary and at the field"
    assert sample.house.look(sample.institution.id, lambda uow: uow.notice_texts.count()) == 0


def test_a_test_goes_to_oneself_and_nowhere_else(admin: Any, sample: Sample) -> None:
    assert "You have no such contact on file" in write(admin, act="mail").text
    assert sample.house.look(sample.institution.id, lambda uow: uow.notices.count()) == 0


def test_others_may_not_word_notices(browser: Any, sample: Sample) -> None:
    for role in (Role.BRANCH, Role.HELP_DESK, Role.STOCK, Role.AUDITOR):
        sit(browser, sample, appoint(sample, role))
        assert {browser.get(path).status_code for path in (PATH, f"{PATH}/token_locked")} == {403}


def test_a_notice_that_does_not_exist_has_no_page(admin: Any) -> None:
    assert admin.get(f"{PATH}/nothing").status_code == 404


def test_a_template_of_kakaotalk_is_kept_beside_the_words_and_refused_for_a_code(admin: Any) -> None:
    page = admin.get(f"{PATH}/token_locked").text
    assert "#{name}" in page
    assert "The code is saved" in write(admin, act="talk", talk_code="TOKEN_LOCKED").text
    assert "The words are saved" in write(admin).text
    page = admin.get(f"{PATH}/token_locked").text
    assert 'value="TOKEN_LOCKED"' in page
    assert "KakaoTalk" in admin.get(PATH).text
    wrong = write(admin, act="talk", talk_code="no spaces")
    assert (wrong.status_code, "A template code has letters" in wrong.text) == (422, True)
    assert "KakaoTalk (AlimTalk)" not in admin.get(f"{PATH}/phone_code").text
    code = write(admin, act="talk", kind="phone_code", talk_code="X")
    assert (code.status_code, "KakaoTalk does not prove the phone" in code.text) == (422, True)
