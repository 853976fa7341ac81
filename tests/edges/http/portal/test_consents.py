"""The question before a picture of a paper, and the page on which a member reads and withdraws what they agreed to."""

from collections.abc import Iterator
from typing import Any

import pytest

from otpward.core.model.case import Delivery
from otpward.core.model.consent import Consent
from otpward.core.model.member import Level
from otpward.edges.http.app import build_app
from otpward.edges.http.assets import Assets
from otpward.edges.http.cookies import Cookies
from otpward.edges.http.front import Front
from otpward.edges.http.pages import Pages
from otpward.edges.http.uploads import Uploads
from otpward.ports.judging import Judging
from otpward.services.apply.ask_for_more import ask_for_more
from otpward.services.apply.review import Decision
from otpward.services.apply.take_up import take_up
from tests.edges.http.portal.seated import Story, seat
from tests.fakes.reader import SetReader
from tests.fakes.sample import Sample

ASK = "/apply/consent"
PAGE = "/settings/consents"


@pytest.fixture
def uploads(sample: Sample) -> Iterator[Uploads]:
    made = Uploads(sample.house, SetReader())
    yield made
    made._thread.shutdown()


@pytest.fixture
def app(sample: Sample, pages: Pages, judging: Judging, uploads: Uploads) -> Any:
    front = Front(
        house=sample.house,
        pages=pages,
        institution=lambda: sample.institution,
        cookies=Cookies(secure=False),
        public_url="http://127.0.0.1",
        uploads=uploads,
    )
    return build_app(front, Assets(), judging=judging, ready=lambda: True)


@pytest.fixture
def story(sample: Sample, browser: Any) -> Story:
    """The member, with an application whose reason is given."""
    made = Story(sample, sample.member)
    seat(browser, made)
    made.draft()
    browser.send(browser.get("/apply/reason"), "/apply/reason", reason="faulty")
    return made


def given(story: Story) -> list[Consent]:
    found: list[Consent] = story.sample.house.look(
        story.member.institution_id, lambda uow: uow.consents.find(member_id=story.member.id)
    )
    return found


def test_before_the_first_picture_the_member_is_asked_and_agreeing_leads_on(browser: Any, story: Story) -> None:
    asked = browser.get("/apply/documents/id_card?lang=en")
    assert asked.url.path == ASK
    for words in ("name, birth date, address, photo", "Kept for 30 days", "You may say no"):
        assert words in asked.text
    assert "checked" not in asked.text.split("f-agree")[1][:200]
    on = browser.send(asked, ASK, agree="yes")
    assert on.url.path == "/apply/documents/id_card"
    assert [one.purpose.value for one in given(story)] == ["documents"]


def test_without_the_tick_nothing_is_agreed_to(browser: Any, story: Story) -> None:
    page = browser.send(browser.get(f"{ASK}?item=id_card&lang=en"), ASK)
    assert page.status_code == 422
    assert "Tick this if you agree" in page.text
    assert given(story) == []


def test_words_that_were_not_shown_are_not_agreed_to(browser: Any, story: Story) -> None:
    page = browser.get(f"{ASK}?item=id_card&lang=en")
    again = browser.send(page, ASK, agree="yes", words="7")
    assert "These words have changed" in again.text
    assert given(story) == []


@pytest.mark.parametrize("item", ["", "../my", "//member.example", "a" * 41, "가"])
def test_an_item_that_can_be_none_leads_nowhere(browser: Any, story: Story, item: str) -> None:
    assert browser.get(ASK, params={"item": item}).status_code == 404


def test_who_is_asked_for_a_paper_later_is_asked_to_agree_then(browser: Any, sample: Sample) -> None:
    made = Story(sample, sample.member)
    case = made.sent(Delivery.BRANCH)
    made._do(take_up, Decision(case_id=case.id, operator=made.operator))
    made._do(ask_for_more, Decision(case_id=case.id, operator=made.operator, message="신분증을 보내 주세요"))
    seat(browser, made)
    asked = browser.get("/apply/documents/id_card?lang=en")
    assert asked.url.path == ASK
    assert f'href="/cases/{case.number}/answer"' in asked.text
    assert browser.send(asked, ASK, agree="yes").url.path == "/apply/documents/id_card"


def test_where_no_paper_can_be_added_nothing_is_asked(browser: Any, sample: Sample) -> None:
    made = Story(sample, sample.member)
    made.sent(Delivery.BRANCH)
    seat(browser, made)
    assert browser.get(f"{ASK}?item=id_card").url.path != ASK


def test_a_picture_that_is_sent_without_asking_is_not_taken(browser: Any, story: Story) -> None:
    csrf = browser.get(f"{ASK}?item=id_card").text.partition('name="csrf" value="')[2].partition('"')[0]
    sent = browser.post(
        "/apply/documents/id_card", {"csrf": csrf, "paper": "passport"}, files={"file": ("a.jpg", b"x" * 99, "image/jpeg")}
    )
    assert sent.url.path == ASK
    found = story.sample.house.look(story.member.institution_id, lambda uow: uow.documents.count())
    assert found == 0


def test_what_was_agreed_to_is_read_and_withdrawn(browser: Any, story: Story) -> None:
    browser.send(browser.get(f"{ASK}?item=id_card"), ASK, agree="yes")
    page = browser.get(f"{PAGE}?lang=en")
    assert "Taking and using pictures" in page.text
    assert "Withdraw this consent" in page.text
    gone = browser.post(PAGE, {**_hidden(page.text), "act": "withdraw", "purpose": "documents"})
    assert "Your consent is withdrawn." in gone.text
    assert "Earlier consents" in gone.text
    assert given(story)[0].withdrawn_at is not None


def test_a_voluntary_one_is_given_there_and_taken_back(browser: Any, story: Story) -> None:
    seat(browser, story, Level.FULL)
    done = browser.send(browser.get(f"{PAGE}?lang=en"), PAGE)
    assert "Your consent is recorded." in done.text
    assert [one.purpose.value for one in given(story)] == ["renewal"]
    assert "Your consent is withdrawn." in browser.send(done, PAGE).text


@pytest.mark.parametrize(
    "fields",
    [
        {"act": "give", "purpose": "documents", "words": "1", "kept": "30"},
        {"act": "give", "purpose": "post", "words": "1", "kept": "0"},
        {"act": "withdraw", "purpose": "post"},
        {"act": "give", "purpose": "nothing"},
        {},
    ],
    ids=["asked elsewhere", "needs none", "never given", "unknown", "nothing"],
)
def test_nothing_else_can_be_given_or_taken_back_there(browser: Any, story: Story, fields: dict[str, str]) -> None:
    page = browser.get(PAGE)
    assert browser.post(PAGE, {"csrf": _hidden(page.text)["csrf"], **fields}).status_code == 422
    assert given(story) == []


def test_a_stranger_signs_in_first(browser: Any) -> None:
    assert browser.get(PAGE).history[0].status_code == 303


def _hidden(text: str) -> dict[str, str]:
    return {"csrf": text.partition('name="csrf" value="')[2].partition('"')[0]}
