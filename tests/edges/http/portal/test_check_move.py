"""The app moves to a new phone, from the check's page to the QR code."""

import base64
from datetime import timedelta
from typing import Any

import pytest

from otpward.core.lifecycle.policy import PolicyState
from otpward.core.model.member import Level
from otpward.core.model.policy_version import PolicyVersion
from otpward.core.oath.totp import totp
from otpward.core.secret import Secret
from otpward.services.activate.activate import Activate, activate
from otpward.services.register.show_key import ShowKey, show_key
from tests.edges.http.portal.codes import WRONG
from tests.edges.http.portal.seated import HERE, Story, seat
from tests.fakes.sample import Sample
from tests.fakes.surroundings import FixedClock


@pytest.fixture
def seed(sample: Sample, clock: FixedClock) -> Secret:
    """Of the app that the member uses, at an institution that lets apps be moved."""
    inside, house = sample.institution.id, sample.house
    version = PolicyVersion(
        id=house.desk(inside).new_id(),
        institution_id=inside,
        number=1,
        state=PolicyState.APPROVED,
        text="[phone_app]\nmove = true\n",
        written_by=frozenset(),
        made_at=clock.now(),
        effective_at=clock.now(),
    )
    with house.desk(inside).uow as uow:
        uow.policies.add(version)
        uow.commit()
    case = Story(sample, sample.member).app_made()
    shown = house.do(
        inside, lambda desk: show_key(ShowKey(case_id=case.id, member_id=sample.member.id, source=HERE), desk=desk)
    )
    key = shown.grouped.reveal().decode().replace(" ", "")
    found = Secret(base64.b32decode(key + "=" * (-len(key) % 8)))
    ask = Activate(case_id=case.id, member_id=sample.member.id, code=totp(found, clock.now()), source=HERE)
    house.do(inside, lambda desk: activate(ask, desk=desk))
    clock.move(seconds=30)
    return found


@pytest.fixture
def member(browser: Any, sample: Sample, seed: Secret) -> Any:
    browser.get("/?lang=en")
    seat(browser, Story(sample, sample.member), Level.FULL)
    return browser


def test_one_number_of_the_old_phone_leads_to_the_code_for_the_new_one(member: Any, seed: Secret, clock: FixedClock) -> None:
    page = member.get("/check/replace?why=phone_changed")
    assert "You can move it yourself" in page.text
    form = member.get("/check/move")
    wrong = member.send(form, "/check/move", code=WRONG)
    assert "9 tries left" in wrong.text
    done = member.send(form, "/check/move", code=totp(seed, clock.now()))
    assert done.url.path == "/register/app"
    assert "Scan the QR code with your authenticator app" in done.text
    assert member.get("/check/move").url.path == "/check/replace"


def test_a_phone_whose_clock_is_off_by_hours_is_told_so(member: Any, seed: Secret, clock: FixedClock) -> None:
    at = clock.now() - timedelta(hours=3)
    said = {"code": totp(seed, at), "clock": str(int(at.timestamp() * 1000))}
    form = member.get("/check/test?why=refused")
    action = next(line for line in form.text.splitlines() if 'action="/check/test' in line)
    page = member.send(form, action.split('action="')[1].split('"')[0].replace("&amp;", "&"), **said)
    assert "The clock of this phone is about 180 min slow" in page.text
    assert "Set its time to automatic" in page.text


def test_who_has_not_signed_in_does_not_move_it(browser: Any, sample: Sample, seed: Secret) -> None:
    browser.get("/?lang=en")
    seat(browser, Story(sample, sample.member), Level.PROVEN)
    assert browser.get("/check/move").url.path == "/sign-in"
