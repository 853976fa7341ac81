"""A token that only signs transactions, on the pages: it is shown as what it is, and its member is told so."""

from typing import Any

import pytest

from otpward.core.model.member import Level
from otpward.core.model.transaction import Transaction
from otpward.services.verify.make_challenge import MadeChallenge, MakeChallenge, make_challenge
from otpward.services.verify.verify import Verify, verify
from tests.edges.http.console.staffed import sit
from tests.edges.http.portal.codes import device_number
from tests.edges.http.portal.seated import Story, seat
from tests.fakes.sample import BY, PASSWORD, Sample
from tests.fakes.signer import COUNTED, TIMED, Signer, give

ONLY_SIGNS = "This OTP only signs transactions. Here another OTP is needed"


@pytest.fixture
def signer(sample: Sample) -> Signer:
    made = Signer(suite=COUNTED)
    give(sample, made)
    return made


def sign(sample: Sample, signer: Signer, amount: str = "1000") -> None:
    inside, now = sample.institution.id, sample.house.clock.now()
    transaction = Transaction(amount=amount, currency="KRW")
    ask = MakeChallenge(institution_id=inside, transaction=transaction, by=BY, serial=signer.serial)
    made = sample.house.do(inside, lambda desk: make_challenge(ask, desk=desk))
    assert isinstance(made, MadeChallenge)
    code = signer.to(made.challenge, now)
    answer = Verify(institution_id=inside, code=code, by=BY, serial=signer.serial, challenge=made.challenge.id)
    assert sample.house.do(inside, lambda desk: verify(answer, desk=desk)).verdict == "accepted"
    assert sample.house.do(inside, lambda desk: verify(answer, desk=desk)).verdict == "challenge_spent"


def test_staff_see_a_token_that_answers_questions(browser: Any, sample: Sample, signer: Signer) -> None:
    give(sample, Signer(suite=TIMED, serial="OC-2"))
    sit(browser, sample)
    assert "None: it answers questions" in browser.get("/console/tokens/OC-1").text
    assert "In step" in browser.get("/console/tokens/OC-2").text
    assert "None: it answers questions" not in browser.get("/console/tokens/SN-00").text
    assert "OC-1" in browser.get("/console/tokens?q=OC-1").text


def test_staff_who_test_it_are_told_that_it_shows_no_number(browser: Any, sample: Sample, signer: Signer) -> None:
    sit(browser, sample)
    page = browser.get("/console/tokens/OC-1")
    said = browser.send(page, "/console/tokens/OC-1", act="test", code="123456").text
    assert "It only signs transactions, so it shows no number by itself" in said


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("Transaction put to be signed", "Transaction signed", "Answered before")),
        ("ko", ("거래 서명 요청", "거래 서명 완료", "이미 답한 질문")),
    ],
)
def test_the_audit_tells_of_it(browser: Any, sample: Sample, signer: Signer, lang: str, words: tuple[str, ...]) -> None:
    sign(sample, signer)
    sit(browser, sample, lang=lang)
    page = browser.get("/console/audit?q=OC-1").text
    assert [word for word in words if word not in page] == []
    assert "1000" not in page.partition("<tbody>")[2].partition("</tbody>")[0]


def test_a_member_who_checks_it_is_told_what_it_is_for(browser: Any, sample: Sample, signer: Signer) -> None:
    browser.get("/?lang=en")
    seat(browser, Story(sample, sample.member), Level.PROVEN)
    form = browser.get("/check/test?device=OC-1")
    assert ONLY_SIGNS in browser.send(form, "/check/test?device=OC-1", code="123456").text


def test_a_member_signs_in_with_the_other_otp(browser: Any, sample: Sample, signer: Signer) -> None:
    give(sample, Signer(suite=COUNTED, serial="OC-2"), login="m1002")
    half = browser.send(browser.get("/sign-in?lang=en"), "/sign-in", member="m1002", password=PASSWORD)
    assert ONLY_SIGNS in browser.send(half, "/sign-in/code", code="123456").text
    half = browser.send(browser.get("/sign-in?lang=en"), "/sign-in", member="m1001", password=PASSWORD)
    assert browser.send(half, "/sign-in/code", code=device_number(sample)).url.path == "/my"
