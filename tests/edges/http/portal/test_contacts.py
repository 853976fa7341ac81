"""A member's settings, in plain forms: contacts are covered, and change only after a proof for that and a code."""

import re
from datetime import timedelta
from typing import Any

import pytest

from otpward.clerk.phones import note_signal
from otpward.core.audit import Actor, ActorKind
from otpward.core.ids import ProofId
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.contact_change import SignalKind
from otpward.core.model.member import Level, Member
from otpward.core.model.proof import Act, Assurance, Method, Proof
from otpward.core.secret import Personal
from otpward.services.sign_in.sessions import digest_of
from tests.edges.http.portal.codes import phone_code
from tests.edges.http.portal.seated import BROWSER_SECRET, Story, seat
from tests.fakes.sample import Sample

NEW = "010-2345-6789"
SEEN = pytest.mark.parametrize("path", ["/settings", "/settings/phone", "/settings/email", "/settings/phone/code"])


@pytest.fixture
def seated(browser: Any, sample: Sample) -> Any:
    """The member's browser, after a proof that was for looking only."""
    browser.get("/?lang=en")
    seat(browser, Story(sample, sample.member), Level.PROVEN)
    return browser


def member(sample: Sample) -> Member:
    return sample.house.look(sample.institution.id, lambda uow: uow.members.get(sample.member.id))


def edit(sample: Sample, change: Any) -> None:
    with sample.house.desk(sample.institution.id).uow as uow:
        change(uow)
        uow.commit()


def prove(sample: Sample, act: Act = Act.CHANGE_CONTACT) -> None:
    """A certificate was shown in this browser."""
    now = sample.house.clock.now()
    proof = Proof(
        id=ProofId(sample.house.desk(sample.institution.id).new_id()),
        institution_id=sample.institution.id,
        act=act,
        method=Method.CERTIFICATE,
        level=Assurance.SUBSTANTIAL,
        state=ProofState.PASSED,
        browser=digest_of(BROWSER_SECRET),
        phone_tail=Personal(""),
        member_id=sample.member.id,
        started_at=now,
        passed_at=now,
        expires_at=now + timedelta(minutes=10),
    )
    edit(sample, lambda uow: uow.proofs.add(proof))


@SEEN
def test_a_stranger_is_sent_to_sign_in(browser: Any, path: str, sample: Sample) -> None:
    assert browser.get(path).url.path == "/sign-in"


@SEEN
def test_who_may_only_look_or_is_half_way_is_too(browser: Any, path: str, sample: Sample) -> None:
    for level in (Level.SEEN, Level.PASSWORD):
        seat(browser, Story(sample, sample.member), level)
        assert browser.get(path).url.path == "/sign-in"


def test_contacts_are_covered(seated: Any) -> None:
    page = seated.get("/settings").text
    assert "***-****-1101" in page
    assert "m***@member.example" in page
    assert "55501101" not in page
    assert "m1001@" not in page


def test_without_a_proof_for_this_the_way_leads_there(seated: Any, sample: Sample) -> None:
    prove(sample, Act.APPLY)
    assert seated.get("/settings/phone").url.raw_path == b"/prove?for=contact"
    assert seated.get("/settings/email").url.raw_path == b"/prove?for=mail"
    csrf = re.search(r'name="csrf" value="([^"]+)"', seated.get("/settings").text)
    assert csrf
    forged = seated.post("/settings/phone", {"csrf": csrf[1], "phone": NEW})
    assert forged.url.raw_path == b"/prove?for=contact"
    assert member(sample).phone == sample.member.phone


def test_from_the_settings_to_a_new_number(seated: Any, sample: Sample) -> None:
    prove(sample)
    code = seated.send(seated.get("/settings/phone"), "/settings/phone", phone=NEW)
    assert code.url.path == "/settings/phone/code"
    assert "***-****-6789" in code.text
    done = seated.send(code, "/settings/phone/code", code=phone_code(sample))
    assert str(done.url).endswith("/settings?done=phone")
    assert "The new mobile number is saved" in done.text
    assert "This number or its SIM was changed lately" in done.text
    assert member(sample).phone.reveal() == "+821023456789"
    assert seated.get("/settings/phone").url.raw_path == b"/prove?for=contact", "one proof, one change"


def test_a_new_mail_address_likewise(seated: Any, sample: Sample) -> None:
    prove(sample)
    code = seated.send(seated.get("/settings/email"), "/settings/email", email="hong@new.example")
    assert "h***@new.example" in code.text
    done = seated.send(code, "/settings/email/code", code=phone_code(sample))
    assert "The new email address is saved" in done.text
    assert member(sample).email.reveal() == "hong@new.example"


@pytest.mark.parametrize(
    ("contact", "typed", "sentence"),
    [
        ("phone", "", "Check the mobile number. Text messages must reach it"),
        ("phone", "02-123-4567", "Check the mobile number. Text messages must reach it"),
        ("phone", "1" * 10_240, "Check the mobile number. Text messages must reach it"),
        ("phone", "010-5550-1101", "This is the number we have on file. Enter the new one"),
        ("email", "hong@", "Check the email address. It looks like name@example.com"),
        ("email", "M1001@member.example".lower(), "This is the address we have on file. Enter the new one"),
    ],
    ids=range(6),
)
def test_what_cannot_be_is_said_twice_and_kept(seated: Any, sample: Sample, contact: str, typed: str, sentence: str) -> None:
    prove(sample)
    page = seated.send(seated.get(f"/settings/{contact}"), f"/settings/{contact}", **{contact: typed})
    assert page.status_code == 422
    assert page.text.count(sentence) == 2
    assert typed in page.text


def test_a_wrong_code_a_new_one_too_early_and_the_end(seated: Any, sample: Sample) -> None:
    prove(sample)
    page = seated.send(seated.get("/settings/phone"), "/settings/phone", phone=NEW)
    path, right = "/settings/phone/code", phone_code(sample)
    assert seated.send(page, path, code="12").text.count("Enter the 6-digit code") == 2
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    assert "You can get a new code in" in seated.post(path, {**hidden, "again": "yes"}).text
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    answers = [seated.post(path, {**hidden, "code": wrong}) for _ in range(5)]
    assert all("The code is not correct or has expired" in one.text for one in answers[:4])
    assert "This code can no longer be used. Nothing was changed." in answers[4].text
    assert seated.post(path, {**hidden, "code": right}).url.raw_path == b"/prove?for=contact"
    assert member(sample).phone == sample.member.phone


def test_somebody_else_in_this_browser_has_no_part_in_it(seated: Any, sample: Sample) -> None:
    prove(sample)
    seated.send(seated.get("/settings/phone"), "/settings/phone", phone=NEW)
    seat(seated, Story(sample, sample.other), Level.PROVEN)
    assert seated.get("/settings/phone/code").url.raw_path == b"/prove?for=contact"


def test_another_language_for_notices(seated: Any, sample: Sample) -> None:
    page = seated.get("/settings")
    assert "We write to you in this language" in seated.send(page, "/settings", language="en").text
    assert member(sample).language == "en"
    seated.send(page, "/settings", language="xx")
    assert member(sample).language == "en"


def test_no_other_contact_exists(seated: Any) -> None:
    assert seated.get("/settings/password").status_code == 404


def test_after_a_sim_change_a_seated_member_is_told_why_the_phone_is_greyed_and_a_stranger_is_not(
    seated: Any, browser: Any, sample: Sample
) -> None:
    before = browser.get("/prove?for=apply").text
    by, now = Actor(kind=ActorKind.SYSTEM), sample.house.clock.now()

    def signal(desk: Any) -> None:
        with desk.uow as uow:
            one = uow.members.get(sample.member.id)
            note_signal(one, SignalKind.SIM_CHANGED, now, told_by="test", desk=desk, by=by)
            uow.commit()

    sample.house.do(sample.institution.id, signal)
    assert "This phone or its SIM was changed lately" not in browser.get("/prove?for=apply").text, "the session has ended"
    seat(seated, Story(sample, sample.member), Level.PROVEN)
    assert "This phone or its SIM was changed lately" in seated.get("/prove?for=apply").text
    assert "changed lately" in seated.get("/settings").text
    assert "changed lately" not in before
