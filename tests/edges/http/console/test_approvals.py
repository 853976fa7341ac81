"""The list of what waits for a second person: devices that are to end, seeds that are to leave, and many of them."""

import html
from dataclasses import replace
from typing import Any

import pytest

from otpward.core.audit import Actor, ActorKind
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.member import Operator, Role
from otpward.core.model.seed_export import SeedExport
from otpward.edges.http.console.requests import SHOWN
from otpward.ports.desk import House
from otpward.services.retire.ask_retire import AskRetire, ask_retire
from otpward.services.stock.ask_export import AskExport, ask_export
from tests.edges.http.console.staffed import appoint, sit
from tests.fakes.house import memory_house
from tests.fakes.sample import Sample
from tests.fakes.surroundings import FixedClock

PATH = "/console/approvals"
SHELL = Actor(kind=ActorKind.OPERATOR, source="command line")


@pytest.fixture
def house(clock: FixedClock) -> House:
    return memory_house(clock)


@pytest.fixture
def judging() -> Any:
    """Nobody asks about a code here."""
    return None


def export(sample: Sample, person: str = "김영희", *, clear: bool = False, reason: str = "이전") -> SeedExport:
    ask = AskExport(
        institution_id=sample.institution.id, by=SHELL, person=person, reason=reason, serials=["SN-00", "SN-02"], clear=clear
    )
    return sample.house.do(sample.institution.id, lambda desk: ask_export(ask, desk=desk))


def wished(sample: Sample, by: Operator, serial: str = "SN-00") -> None:
    inside = sample.institution.id
    token = sample.house.look(inside, lambda uow: uow.tokens.first(serial=serial))
    assert token is not None
    ask = AskRetire(token_id=token.id, operator=by, reason="화면이 깨짐")
    sample.house.do(inside, lambda desk: ask_retire(ask, desk=desk))


def state_of(sample: Sample, serial: str = "SN-00") -> TokenState:
    token = sample.house.look(sample.institution.id, lambda uow: uow.tokens.first(serial=serial))
    assert token is not None
    return token.state


def press(browser: Any, act: str) -> Any:
    return browser.send(browser.get(PATH), PATH, act=act)


def test_a_device_is_asked_to_end_on_its_page_and_ends_on_this_one(browser: Any, sample: Sample) -> None:
    first = appoint(sample, Role.BRANCH)
    sit(browser, sample, first)
    page = browser.get("/console/tokens/SN-00")
    assert "It ends for good" in page.text
    there = "/console/tokens/SN-00"
    forms = {"csrf": page.text.split('name="csrf" value="')[1].split('"')[0], "act": "retire"}
    assert "Write why it is retired" in html.unescape(browser.post(there, {**forms, "why": " "}).text)
    assert "Sent for approval" in browser.post(there, {**forms, "why": "화면이 깨짐"}).text
    assert "A colleague has asked for it already" in browser.post(there, {**forms, "why": "또"}).text
    assert "You cannot approve your own request" in browser.get(PATH).text
    sit(browser, sample)
    listed = browser.get(PATH).text
    assert "Retire an OTP · SN-00" in listed
    assert "화면이 깨짐" in listed
    assert "Approved. It is done." in press(browser, "approve").text
    assert state_of(sample) is TokenState.RETIRED
    assert "It ends for good" not in browser.get(there).text


def test_a_device_that_is_not_to_end_stays(browser: Any, sample: Sample) -> None:
    wished(sample, replace(sample.operator, member_id=sample.other.id))
    sit(browser, sample)
    assert "Sent back to whoever asked." in press(browser, "send_back").text
    assert state_of(sample) is TokenState.ACTIVE
    assert "Nothing to do" in browser.get(PATH).text


@pytest.mark.parametrize(("clear", "says"), [(False, "An encrypted file"), (True, "A file that is not encrypted")])
def test_seeds_leave_when_an_administrator_agrees(browser: Any, sample: Sample, clear: bool, says: str) -> None:
    asked = export(sample, clear=clear)
    sit(browser, sample, appoint(sample, Role.BRANCH))
    assert "Let seeds leave" not in browser.get(PATH).text
    sit(browser, sample)
    listed = browser.get(PATH).text
    assert "Let seeds leave · 2 devices" in listed
    assert says in listed
    press(browser, "approve")
    now = sample.house.look(sample.institution.id, lambda uow: uow.exports.get(asked.id))
    assert (now.approved_by, now.done_at) == (sample_login(sample), None)


def sample_login(sample: Sample) -> str:
    return sample.house.look(sample.institution.id, lambda uow: uow.members.get(sample.operator.member_id)).login


def test_seeds_stay_when_they_do_not(browser: Any, sample: Sample) -> None:
    asked = export(sample)
    sit(browser, sample)
    press(browser, "send_back")
    now = sample.house.look(sample.institution.id, lambda uow: uow.exports.get(asked.id))
    assert (now.approved_at, now.expires_at) == (None, sample.house.clock.now())
    assert "Nothing to do" in browser.get(PATH).text


@pytest.mark.parametrize("name", ["login", "name"])
def test_whoever_asked_on_the_machine_does_not_agree_here(browser: Any, sample: Sample, name: str) -> None:
    member = sample.house.look(sample.institution.id, lambda uow: uow.members.get(sample.operator.member_id))
    asked = export(sample, person=member.login.upper() if name == "login" else member.name.reveal())
    sit(browser, sample)
    page = browser.get(PATH)
    assert "You cannot approve your own request" in page.text
    forged = {"kind": "export", "key": str(asked.id), "seen": "0", "act": "approve"}
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    assert browser.post(PATH, {**forged, "csrf": csrf}).status_code == 403
    assert sample.house.look(sample.institution.id, lambda uow: uow.exports.get(asked.id)).approved_at is None


def test_many_are_read_page_by_page(browser: Any, sample: Sample) -> None:
    for one in range(SHOWN + 3):
        export(sample, reason=f"이유-{one:02}.")
    sit(browser, sample)
    first, second = browser.get(PATH).text, browser.get(f"{PATH}?page=2").text
    assert f"1–{SHOWN} of {SHOWN + 3}" in first
    seen = [one for text in (first, second) for one in range(SHOWN + 3) if f"이유-{one:02}." in text]
    assert sorted(seen) == list(range(SHOWN + 3))
    for odd in ("0", "999", "x", "-1", "1e9"):
        assert browser.get(f"{PATH}?page={odd}").status_code == 200
