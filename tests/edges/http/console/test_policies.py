"""The policy at the console: written, checked, compared, tried, put forward and approved, without script, by two people."""

import re
from typing import Any

import pytest

from otpward.core.model.member import Role
from otpward.core.policy.document.default import DEFAULT
from tests.edges.http.console.staffed import appoint, sit
from tests.fakes.sample import Sample
from tests.services.oversee.policies.writing import FEE, Desks, desks

PATH = "/console/policies"


@pytest.fixture
def two(sample: Sample) -> Desks:
    return desks(sample)


def second(sample: Sample, two: Desks) -> Any:
    inside = sample.institution.id
    return sample.house.look(inside, lambda uow: uow.members.get(two.second.member_id))


def write(browser: Any, text: str = FEE, act: str = "save", **more: str) -> Any:
    return browser.send(browser.get(f"{PATH}/new"), f"{PATH}/new", text=text, act=act, **more)


def test_from_a_draft_to_what_members_read(browser: Any, sample: Sample, two: Desks) -> None:
    sit(browser, sample)
    draft = write(browser, note="Fee from today")
    assert draft.url.path == f"{PATH}/1"
    assert "Nothing changes until a second person" in draft.text
    assert re.search(r"<del><code>0</code></del></td><td><ins><code>7000</code>", draft.text)
    sent = browser.send(draft, f"{PATH}/1", act="propose", effective_on="2026-11-23")
    assert "You cannot approve your own request" in sent.text

    sit(browser, sample, second(sample, two))
    page = browser.get(f"{PATH}/1")
    approved = browser.send(page, f"{PATH}/1", act="approve")
    assert "Approved. It is in force from its day" in approved.text
    assert "In force now" in browser.get(PATH).text
    assert "₩7,000" in browser.get("/help").text


def test_what_is_only_checked_is_not_kept(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    page = write(browser, act="check")
    assert page.status_code == 200
    assert "It is not saved yet" in page.text
    assert "7000" in page.text
    assert "No version was written yet" in browser.get(PATH).text


@pytest.mark.parametrize("act", ["save", "check"])
def test_what_is_wrong_is_told_and_what_was_typed_is_kept(browser: Any, sample: Sample, act: str) -> None:
    sit(browser, sample)
    page = write(browser, "[rules.all]\nfee_won = -1\nfee = 2\n[words]\nmember = {ko='<가>'}", act=act)
    assert page.status_code == 422
    assert "<title>Error: " in page.text
    assert page.text.count("rules.all.fee_won: it cannot be less than 0") >= 2
    assert "rules.all.fee: there is no such key" in page.text
    assert "words.member: the English text is missing" in page.text
    assert "&lt;가&gt;" in page.text
    assert "No version was written yet" in browser.get(PATH).text


FAULTS = {
    "an unknown key": ("[rules.all]\nprice = 1", "rules.all.price: 없는 항목입니다", "rules.all.price: there is no such key"),
    "a missing language": (
        "[words]\nmember = {ko='가'}",
        "words.member: 영어 문구가 없습니다",
        "words.member: the English text is missing",
    ),
    "a circle": (
        "[kinds.a]\nname = {ko='가', en='A'}\nlike = 'b'\n[kinds.b]\nname = {ko='나', en='B'}\nlike = 'a'",
        "서로를 따라 끝이 없습니다",
        "they are like one another without an end",
    ),
}


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(("text", "korean", "english"), FAULTS.values(), ids=FAULTS.keys())
def test_each_fault_has_a_sentence_of_its_own_at_the_door(
    browser: Any, sample: Sample, text: str, korean: str, english: str, lang: str
) -> None:
    sit(browser, sample, lang=lang)
    page = write(browser, text)
    assert page.status_code == 422
    assert page.text.count(korean if lang == "ko" else english) >= 2
    number = browser.get(f"{PATH}/1").status_code
    assert number == 404, "nothing was kept"


def test_the_default_itself_can_be_sent(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    assert "Nothing: it says the same as the default" in write(browser, DEFAULT).text


def test_a_text_that_is_too_long_for_a_form_is_refused_and_nothing_is_kept(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    assert write(browser, "#" * 70_000).status_code in {403, 413}
    assert "No version was written yet" in browser.get(PATH).text


@pytest.mark.parametrize("day", ["2026-11-22", "", "tomorrow", "2026-13-01"])
def test_a_day_that_is_over_or_none_is_refused_beside_its_field(browser: Any, sample: Sample, day: str) -> None:
    sit(browser, sample)
    page = browser.send(write(browser), f"{PATH}/1", act="propose", effective_on=day)
    assert page.status_code == 422
    assert page.text.count("Choose today or a later day") == 2


def test_a_version_is_tried_on_a_sample_member(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    write(browser)
    page = browser.get(f"{PATH}/1?kind=minor&reason=lost&delivery=post").text
    assert "₩7,000" in page
    assert "a family relation certificate (detailed) · issued within 3 months · photo or PDF" in page
    assert "4 working days" in page


def test_a_draft_is_rewritten_and_a_stale_page_is_told(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    draft = write(browser)
    browser.send(draft, f"{PATH}/1", text="[rules.all]\nfee_won = 9000", act="save")
    stale = browser.send(draft, f"{PATH}/1", text=FEE, act="save")
    assert stale.status_code == 409
    assert "It changed since you looked" in stale.text
    assert "9000" in stale.text


def test_what_was_sent_back_or_withdrawn(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    sent = browser.send(write(browser), f"{PATH}/1", act="propose", effective_on="2026-11-30")
    back = browser.send(sent, f"{PATH}/1", act="send_back")
    assert "Sent back. It is a draft again." in back.text
    gone = browser.send(back, f"{PATH}/1", act="withdraw")
    assert "Withdrawn." in gone.text
    assert 'value="propose"' not in gone.text


@pytest.mark.parametrize("role", [Role.BRANCH, Role.HELP_DESK, Role.STOCK])
def test_others_do_not_enter(browser: Any, sample: Sample, role: Role) -> None:
    sit(browser, sample, appoint(sample, role))
    for path in (PATH, f"{PATH}/0", f"{PATH}/new"):
        assert browser.get(path).status_code == 403
    assert PATH not in browser.get("/console").text


def test_an_auditor_reads_and_changes_nothing(browser: Any, sample: Sample, two: Desks) -> None:
    two.save()
    sit(browser, sample, appoint(sample, Role.AUDITOR))
    page = browser.get(f"{PATH}/1")
    assert page.status_code == 200
    assert "<textarea" not in page.text
    assert 'value="propose"' not in page.text
    assert browser.get(f"{PATH}/new").status_code == 403


@pytest.mark.parametrize("name", ["7", "x", "-1", "99999999999999999999", "١"])
def test_a_version_that_is_none_is_not_found(browser: Any, sample: Sample, name: str) -> None:
    sit(browser, sample)
    assert browser.get(f"{PATH}/{name}").status_code == 404


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_page_speaks_one_language(browser: Any, sample: Sample, two: Desks, lang: str) -> None:
    two.put_in_force(FEE)
    sit(browser, sample, lang=lang)
    for path in (PATH, f"{PATH}/new", f"{PATH}/0", f"{PATH}/1?kind=minor&reason=faulty&delivery=app"):
        page = browser.get(path)
        assert page.status_code == 200
        assert f'<html lang="{lang}"' in page.text
