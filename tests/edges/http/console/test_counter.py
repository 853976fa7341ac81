"""Five steps over the counter; every way in which the first three can fail has words of its own."""

from typing import Any

import pytest

from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.delivery import PickUp
from otpward.core.model.member import Role
from tests.edges.http.console.staffed import another_branch, appoint, sit, story
from tests.fakes.sample import Sample, oath_code, seed_of
from tests.fakes.surroundings import FixedClock

COUNTER = "/console/counter"
SERIAL = "SN-02"
SEED = seed_of(2)


@pytest.fixture
def pick_up(sample: Sample) -> PickUp:
    case = story(sample).ready_to_collect(SERIAL)
    found = sample.house.look(sample.institution.id, lambda uow: uow.pick_ups.first(case_id=case.id))
    assert found is not None
    return found


def scan(browser: Any, code: str) -> Any:
    return browser.send(browser.get(COUNTER), COUNTER, code=code)


def to_the_test(browser: Any, pick_up: PickUp) -> Any:
    """Steps 1 to 3 as they should go."""
    page = scan(browser, pick_up.code.reveal().lower())
    page = browser.send(page, f"{COUNTER}/{pick_up.id}/person", paper="passport", same_person="yes")
    return browser.send(page, f"{COUNTER}/{pick_up.id}/device?paper=passport", serial=SERIAL)


def finish(browser: Any, page: Any, pick_up: PickUp, **fields: str) -> Any:
    sent = f"{COUNTER}/{pick_up.id}/test?paper=passport&serial={SERIAL}"
    hidden = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    return browser.post(sent, {"csrf": hidden, "act": "finish", **fields})


def test_a_device_is_handed_over_tested_and_working_in_five_steps(
    browser: Any, sample: Sample, pick_up: PickUp, clock: FixedClock
) -> None:
    sit(browser, sample)
    person = scan(browser, pick_up.code.reveal())
    assert "홍길동" in person.text
    assert "1980-01-02" in person.text
    page = to_the_test(browser, pick_up)
    assert story(sample).case.state is CaseState.READY_TO_COLLECT, "nothing is final before step 4"
    receipt = finish(browser, page, pick_up, code=oath_code(SEED, clock.now()))
    assert receipt.url.path == f"{COUNTER}/{pick_up.id}/receipt"
    assert "The new OTP works. The old one has ended." in receipt.text
    assert "Passport" in receipt.text
    assert story(sample).case.state is CaseState.DONE
    old = sample.house.look(sample.institution.id, lambda uow: uow.tokens.first(serial=sample.in_use))
    assert old is not None
    assert old.state is TokenState.RETIRED


def test_a_wrong_number_stays_at_step_four_and_the_next_one_finishes(
    browser: Any, sample: Sample, pick_up: PickUp, clock: FixedClock
) -> None:
    sit(browser, sample)
    page = to_the_test(browser, pick_up)
    empty = finish(browser, page, pick_up, code="")
    assert story(sample).case.state is CaseState.READY_TO_COLLECT
    right = oath_code(SEED, clock.now())
    wrong = finish(browser, empty, pick_up, code=f"{(int(right) + 1) % 10**6:06d}")
    assert wrong.status_code == 422
    assert "That is not the right number. 9 tries left" in wrong.text
    assert "The device has been handed over. Only the test is missing." in wrong.text
    assert browser.get(f"{COUNTER}/{pick_up.id}/person").url.path.endswith("/test")
    assert "The new OTP works." in finish(browser, wrong, pick_up, code=right).text


def test_the_member_may_activate_at_home(browser: Any, sample: Sample, pick_up: PickUp) -> None:
    sit(browser, sample)
    receipt = finish(browser, to_the_test(browser, pick_up), pick_up, act="home")
    assert "The device does not work before the member activates it at home." in receipt.text
    assert story(sample).case.state is CaseState.RECEIVED


def test_steps_cannot_be_skipped(browser: Any, sample: Sample, pick_up: PickUp) -> None:
    sit(browser, sample)
    here = f"{COUNTER}/{pick_up.id}"
    assert browser.get(f"{here}/device").url.path == f"{here}/person"
    assert browser.get(f"{here}/test?paper=passport").url.path == f"{here}/person"
    assert browser.get(f"{here}/receipt").url.path == COUNTER
    csrf = browser.get(COUNTER).text.partition('name="csrf" value="')[2].partition('"')[0]
    browser.post(f"{here}/test?paper=passport&serial=SN-03", {"csrf": csrf, "act": "home"})
    assert story(sample).case.state is CaseState.READY_TO_COLLECT


def test_the_paper_and_the_person_must_be_ticked(browser: Any, sample: Sample, pick_up: PickUp) -> None:
    sit(browser, sample)
    page = browser.send(scan(browser, pick_up.code.reveal()), f"{COUNTER}/{pick_up.id}/person", paper="library card")
    assert page.status_code == 422
    assert page.text.count("Choose the paper you have seen") == 2
    assert page.text.count("Compare name, birth date and photo, and tick the box") == 2


def test_another_device_is_refused_at_step_three(browser: Any, sample: Sample, pick_up: PickUp) -> None:
    sit(browser, sample)
    page = scan(browser, pick_up.code.reveal())
    page = browser.send(page, f"{COUNTER}/{pick_up.id}/person", paper="passport", same_person="yes")
    page = browser.send(page, f"{COUNTER}/{pick_up.id}/device?paper=passport", serial="SN-03")
    assert page.status_code == 422
    assert "This is another device. Take the one whose number ends in N-02 from the drawer" in page.text


def test_an_unknown_code_is_told(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    assert "Nothing waits under this code." in scan(browser, "ZZZZZZZZ").text
    assert "Nothing waits under this code." in scan(browser, "Z").text


def test_what_waits_at_another_branch_is_sent_there(browser: Any, sample: Sample, pick_up: PickUp) -> None:
    sit(browser, sample, appoint(sample, Role.BRANCH, another_branch(sample).id))
    assert "This waits at Head Office, not here." in scan(browser, pick_up.code.reveal()).text
    assert browser.get(f"{COUNTER}/{pick_up.id}/person").status_code == 404


def test_what_is_too_late_is_told(browser: Any, sample: Sample, pick_up: PickUp, clock: FixedClock) -> None:
    clock.move(days=15)
    sit(browser, sample)
    assert "The last day to collect it was" in scan(browser, pick_up.code.reveal()).text


def test_what_was_collected_is_told(browser: Any, sample: Sample, pick_up: PickUp) -> None:
    sit(browser, sample)
    finish(browser, to_the_test(browser, pick_up), pick_up, act="home")
    assert "This was handed over already on" in scan(browser, pick_up.code.reveal()).text
