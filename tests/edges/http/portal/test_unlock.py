"""A locked device is opened from its page, after a phone code for this; in plain forms, without script."""

from typing import Any

import httpx
import pytest

from otpward.core.audit import Actor, ActorKind
from otpward.core.lifecycle.token import Hold
from otpward.core.model.member import Level
from otpward.services.verify.verify import Verify, verify
from tests.edges.http.portal.codes import MOBILE, WRONG, device_number, phone_code
from tests.edges.http.portal.seated import Story, seat
from tests.edges.http.portal.test_prove_identity import enter
from tests.fakes.sample import PASSWORD, Sample

LINK = "Unlock after proving who you are"


@pytest.fixture
def seated(browser: Any, sample: Sample) -> Any:
    """The member's browser, after a phone code that was for looking only."""
    browser.get("/?lang=en")
    seat(browser, Story(sample, sample.member), Level.PROVEN)
    return browser


@pytest.fixture
def locked(sample: Sample) -> Sample:
    """Ten wrong numbers, typed somewhere."""
    wrong(sample, 10)
    return sample


def wrong(sample: Sample, times: int) -> None:
    ask = Verify(institution_id=sample.institution.id, code=WRONG, by=Actor(kind=ActorKind.API_KEY), serial="SN-00")
    for _ in range(times):
        sample.house.do(sample.institution.id, lambda desk: verify(ask, desk=desk))


def holds(sample: Sample) -> frozenset[Hold]:
    token = sample.house.look(sample.institution.id, lambda uow: uow.tokens.first(serial="SN-00"))
    assert token is not None
    return token.holds


def prove(browser: Any, sample: Sample, **fields: str) -> httpx.Response:
    """The phone code, from the choice of ways on."""
    assert 'href="/prove/phone?for=unlock"' in browser.get("/prove?for=unlock").text
    sent = browser.send(browser.get("/prove/phone?for=unlock"), "/prove/phone?for=unlock", **fields)
    return enter(browser, sent, phone_code(sample))


def test_from_the_locked_page_to_a_number_that_works(seated: Any, locked: Sample) -> None:
    stopped = seated.get("/check/test")
    assert LINK in stopped.text
    assert seated.get("/check/unlock").url.raw_path == b"/prove?for=unlock"
    page = prove(seated, locked)
    assert page.url.path == "/check/unlock"
    assert "locked after 10 wrong numbers" in page.text
    assert holds(locked) == {Hold.LOCKED}, "looking at the page opens nothing"
    done = seated.send(page, "/check/unlock")
    assert done.url.path == "/check/unlocked"
    assert "Your OTP is unlocked" in done.text
    assert holds(locked) == frozenset()
    check = seated.send(seated.get("/check/test"), "/check/test?device=SN-00", code=device_number(locked))
    assert "Your OTP works" in check.text


def test_a_stranger_proves_and_opens_in_one_go(browser: Any, locked: Sample) -> None:
    browser.get("/?lang=en")
    page = prove(browser, locked, member="m1001", phone=MOBILE)
    assert browser.send(page, "/check/unlock").url.path == "/check/unlocked"
    assert holds(locked) == frozenset()


def test_the_proof_opens_once_and_in_no_other_browser(seated: Any, locked: Sample) -> None:
    page = prove(seated, locked)
    seated._client.cookies.set("otpward-browser", "cd" * 32)
    seated.send(page, "/check/unlock")
    assert seated.get("/check/unlock").url.raw_path == b"/prove?for=unlock"
    assert holds(locked) == {Hold.LOCKED}
    seat(seated, Story(locked, locked.member), Level.PROVEN)
    assert seated.send(seated.get("/check/unlock"), "/check/unlock").url.path == "/check/unlocked"
    wrong(locked, 10)
    assert seated.get("/check/unlock").url.raw_path == b"/prove?for=unlock"
    assert holds(locked) == {Hold.LOCKED}


def test_somebody_else_opens_nothing(browser: Any, locked: Sample) -> None:
    browser.get("/?lang=en")
    seat(browser, Story(locked, locked.other), Level.PROVEN)
    page = prove(browser, locked)
    assert page.url.path == "/check/test"
    assert "You have no OTP in use" in page.text
    assert browser.get("/check/unlocked?device=SN-00").status_code == 404
    assert holds(locked) == {Hold.LOCKED}


def test_a_lost_or_blocked_device_is_not_offered_it(seated: Any, sample: Sample) -> None:
    wrong(sample, 10)
    Story(sample, sample.member).report_lost()
    seat(seated, Story(sample, sample.member), Level.PROVEN)
    page = seated.get("/check/test")
    assert "takes no number" in page.text
    assert LINK not in page.text
    assert prove(seated, sample).url.path == "/check/test"
    assert holds(sample) == {Hold.LOCKED, Hold.LOST}


def test_what_was_never_locked_was_not_unlocked(seated: Any, sample: Sample) -> None:
    assert seated.get("/check/unlocked?device=SN-00").url.path == "/check/test"


def test_who_signs_in_and_finds_it_locked_is_shown_the_way(browser: Any, sample: Sample) -> None:
    wrong(sample, 9)
    browser.get("/?lang=en")
    code = browser.send(browser.get("/sign-in"), "/sign-in", member="m1001", password=PASSWORD)
    assert LINK not in code.text
    refused = browser.send(code, "/sign-in/code", code=WRONG)
    assert LINK in refused.text
    assert 'href="/prove?for=unlock"' in refused.text
    page = prove(browser, sample, member="m1001", phone=MOBILE)
    assert browser.send(page, "/check/unlock").url.path == "/check/unlocked"
