"""Five steps over the counter; every way in which the first three can fail has words of its own."""

from dataclasses import replace
from typing import Any

import pytest

from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.fee import FeeState
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.model.delivery import PickUp
from otpward.core.model.fee import Fee
from otpward.core.model.member import Role
from otpward.core.secret import Personal
from tests.edges.http.console.staffed import another_branch, appoint, sit, story
from tests.fakes.sample import Sample, oath_code, seed_of
from tests.fakes.surroundings import FixedClock

COUNTER = "/console/counter"
SERIAL = "SN-02"
SEED = seed_of(2)
SEEN = {"paper": "passport", "day": "20310501", "photo": "yes", "name": "yes", "birth_date": "yes"}


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
    return scan_device(browser, compare(browser, page, pick_up), pick_up, SERIAL)


def compare(browser: Any, page: Any, pick_up: PickUp, **changes: str) -> Any:
    """Step 2, with everything seen."""
    return browser.send(page, f"{COUNTER}/{pick_up.id}/person", **{**SEEN, **changes})


def scan_device(browser: Any, page: Any, pick_up: PickUp, serial: str, **more: str) -> Any:
    return browser.send(page, f"{COUNTER}/{pick_up.id}/device", serial=serial, **more)


def finish(browser: Any, page: Any, pick_up: PickUp, **fields: str) -> Any:
    sent = f"{COUNTER}/{pick_up.id}/test?serial={SERIAL}"
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
    again = browser.get(f"{here}/device")
    assert again.url.path == f"{here}/person"
    assert "Compare the papers first." in again.text
    assert browser.get(f"{here}/test?serial={SERIAL}").url.path == f"{here}/person"
    assert browser.get(f"{here}/receipt").url.path == COUNTER
    csrf = browser.get(COUNTER).text.partition('name="csrf" value="')[2].partition('"')[0]
    browser.post(f"{here}/test?serial={SERIAL}", {"csrf": csrf, "act": "home"})
    browser.post(f"{here}/device", {"csrf": csrf, "serial": SERIAL})
    assert story(sample).case.state is CaseState.READY_TO_COLLECT


def test_what_was_compared_is_good_for_ten_minutes(browser: Any, sample: Sample, pick_up: PickUp, clock: FixedClock) -> None:
    sit(browser, sample)
    page = to_the_test(browser, pick_up)
    clock.move(minutes=10)
    late = finish(browser, page, pick_up, code=oath_code(SEED, clock.now()))
    assert late.url.path.endswith("/person")
    assert "What was compared is good for 10 minutes." in late.text
    assert story(sample).case.state is CaseState.READY_TO_COLLECT


def test_everything_that_was_not_seen_is_asked_for_at_its_own_field(browser: Any, sample: Sample, pick_up: PickUp) -> None:
    sit(browser, sample)
    page = compare(browser, scan(browser, pick_up.code.reveal()), pick_up, paper="library card", photo="", birth_date="")
    assert page.status_code == 422
    for sentence in ("Choose the paper you have seen", "Compare the photo", "Compare the birth date, and tick the box"):
        assert page.text.count(sentence) == 2, sentence
    expired = compare(browser, page, pick_up, day="20200101")
    assert expired.text.count("This paper has expired. Ask for another one") == 2


def test_another_device_of_this_branch_is_given_out_only_if_that_is_said(
    browser: Any, sample: Sample, pick_up: PickUp, clock: FixedClock
) -> None:
    sit(browser, sample)
    page = compare(browser, scan(browser, pick_up.code.reveal()), pick_up)
    asked = scan_device(browser, page, pick_up, "sn-03")
    assert asked.status_code == 200
    assert "Not the one that was set aside" in asked.text
    chosen = scan_device(browser, asked, pick_up, "SN-03", instead="yes")
    assert chosen.url.query == b"serial=SN-03&instead=yes"
    where = f"{COUNTER}/{pick_up.id}/test?serial=SN-03&instead=yes"
    done = browser.post(where, {"csrf": csrf_of(chosen), "act": "finish", "code": oath_code(seed_of(3), clock.now())})
    assert "The new OTP works. The old one has ended." in done.text
    assert "SN-03" in done.text


SENTENCES = {
    "SN-99": "No device has this number.",
    "SN-00": "This is the member&#39;s old device.",
    "SN-01": "it is in somebody&#39;s hands.",
}


@pytest.mark.parametrize("serial", SENTENCES)
def test_a_device_that_is_not_given_out_has_its_own_sentence(
    browser: Any, sample: Sample, pick_up: PickUp, serial: str
) -> None:
    sit(browser, sample)
    page = compare(browser, scan(browser, pick_up.code.reveal()), pick_up)
    refused = scan_device(browser, page, pick_up, serial)
    assert refused.status_code == 422
    assert refused.text.count(SENTENCES[serial]) == 2


def test_a_device_that_is_gone_when_it_is_to_be_handed_over_is_told(
    browser: Any, sample: Sample, pick_up: PickUp, clock: FixedClock
) -> None:
    sit(browser, sample)
    page = to_the_test(browser, pick_up)

    def stop(desk: Any) -> None:
        with desk.uow as uow:
            token = uow.tokens.first(serial=SERIAL)
            uow.tokens.save(replace(token, holds=frozenset({Hold.SUSPENDED})))
            uow.commit()

    sample.house.do(sample.institution.id, stop)
    refused = finish(browser, page, pick_up, code=oath_code(SEED, clock.now()))
    assert refused.status_code == 422
    assert "This device is stopped. Put it aside, and take another" in refused.text
    assert story(sample).case.state is CaseState.READY_TO_COLLECT


def test_a_guardian_is_compared_by_name_and_stands_on_the_receipt(browser: Any, sample: Sample, pick_up: PickUp) -> None:
    def act_for(desk: Any) -> None:
        with desk.uow as uow:
            case = uow.cases.get(pick_up.case_id)
            named = replace(case, applicant="minor", acting_name=Personal("홍어머니"), acting_as=Personal("mother"))
            uow.cases.save(named)
            uow.commit()

    sample.house.do(sample.institution.id, act_for)
    sit(browser, sample)
    page = scan(browser, pick_up.code.reveal())
    assert "The papers are those of the guardian." in page.text
    assert "홍어머니 (Mother)" in page.text
    assert "birth_date" not in page.text
    page = scan_device(browser, compare(browser, page, pick_up), pick_up, SERIAL)
    receipt = finish(browser, page, pick_up, act="home")
    assert "홍어머니 (Mother)" in receipt.text


def test_somebody_not_named_yet_is_named_at_the_counter(browser: Any, sample: Sample, pick_up: PickUp) -> None:
    def act_for(desk: Any) -> None:
        with desk.uow as uow:
            uow.cases.save(replace(uow.cases.get(pick_up.case_id), applicant="proxy"))
            uow.commit()

    sample.house.do(sample.institution.id, act_for)
    sit(browser, sample)
    page = compare(browser, scan(browser, pick_up.code.reveal()), pick_up)
    assert page.text.count("Enter the name as it stands on the ID card") == 2
    page = compare(browser, page, pick_up, person="홍배우")
    assert page.text.count("Choose what fits") >= 2
    assert compare(browser, page, pick_up, person="홍배우", relation="spouse").url.path.endswith("/device")
    own = browser.get(f"{COUNTER}/{pick_up.id}/person?who=member")
    assert "Somebody else came for the member" in own.text
    assert "1980-01-02" in own.text


def test_two_counters_with_one_pass_hand_over_once(
    browser: Any, sample: Sample, pick_up: PickUp, clock: FixedClock, app: Any
) -> None:
    """The second one has come as far as the test when the first one finishes."""
    sit(browser, sample)
    page = to_the_test(browser, pick_up)
    second = type(browser)(app)
    try:
        sit(second, sample, appoint(sample, Role.BRANCH, sample.branch.id))
        waiting = to_the_test(second, pick_up)
        assert "The new OTP works." in finish(browser, page, pick_up, code=oath_code(SEED, clock.now())).text
        late = finish(second, waiting, pick_up, code="123456")
    finally:
        second.close()
    assert late.url.path.endswith("/receipt")
    assert sample.house.look(sample.institution.id, lambda uow: uow.audit.find(event="token:handed_over"))[1:] == []


def test_a_handed_over_device_that_locks_stays_handed_over_and_is_told(
    browser: Any, sample: Sample, pick_up: PickUp, clock: FixedClock
) -> None:
    sit(browser, sample)
    page = to_the_test(browser, pick_up)
    right = oath_code(SEED, clock.now())
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(11):
        page = finish(browser, page, pick_up, code=wrong)
        assert page.status_code == 422
    assert "It is locked after wrong numbers." in page.text
    assert story(sample).case.state is CaseState.REGISTERED


def test_the_receipt_is_signed_on_the_screen_or_on_paper(browser: Any, sample: Sample, pick_up: PickUp) -> None:
    sit(browser, sample)
    receipt = finish(browser, to_the_test(browser, pick_up), pick_up, act="home")
    where = str(receipt.url.path)
    bad = browser.post(where, {"csrf": csrf_of(receipt), "act": "screen", "signature": "<script>"})
    assert bad.status_code == 422
    assert bad.text.count("Draw the whole signature in the field") == 2
    strokes = "10,10 20,20 30,30 40,40 50,50 60,60"
    signed = browser.post(where, {"csrf": csrf_of(receipt), "act": "screen", "signature": strokes})
    assert 'd="M10,10 L20,20 L30,30 L40,40 L50,50 L60,60"' in signed.text
    case = browser.get(f"/console/cases/{story(sample).case.number}").text
    assert f'href="{where}"' in case
    assert "On the screen" in case
    assert browser.post(where, {"csrf": csrf_of(receipt), "act": "paper"}).status_code == 200
    assert "Signed on paper." not in browser.get(where).text


def test_the_old_device_is_scanned_back(browser: Any, sample: Sample, pick_up: PickUp, clock: FixedClock) -> None:
    sit(browser, sample)
    receipt = finish(browser, to_the_test(browser, pick_up), pick_up, code=oath_code(SEED, clock.now()))
    where = str(receipt.url.path)
    wrong = browser.post(where, {"csrf": csrf_of(receipt), "act": "old", "old": "SN-05"})
    assert wrong.text.count("This is not the device that was replaced. Scan the old one") == 2
    back = browser.post(where, {"csrf": csrf_of(receipt), "act": "old", "old": sample.in_use})
    assert "Old OTP taken back" in back.text
    assert "Take the old OTP back" not in back.text


def test_a_fee_is_taken_at_the_same_page(browser: Any, sample: Sample, pick_up: PickUp, clock: FixedClock) -> None:
    def ask_fee(desk: Any) -> None:
        with desk.uow as uow:
            case = uow.cases.get(pick_up.case_id)
            fee = Fee(
                id=desk.new_id(),
                institution_id=case.institution_id,
                case_id=case.id,
                member_id=case.member_id,
                state=FeeState.DUE,
                amount_won=5000,
                waiver="",
                due_at=desk.now,
            )
            uow.fees.add(fee)
            uow.commit()

    sample.house.do(sample.institution.id, ask_fee)
    sit(browser, sample)
    page = to_the_test(browser, pick_up)
    due = finish(browser, page, pick_up, code=oath_code(SEED, clock.now()))
    assert "is still due. Record it first" in due.text
    assert story(sample).case.state is CaseState.READY_TO_COLLECT
    where = f"{COUNTER}/{pick_up.id}/test?serial={SERIAL}"
    unsaid = browser.post(where, {"csrf": csrf_of(due), "act": "fee", "seen": "0"})
    assert unsaid.text.count("Choose how it was paid") >= 2
    paid = browser.post(where, {"csrf": csrf_of(due), "act": "fee", "seen": "0", "means": "cash"})
    assert "A fee of" not in paid.text
    assert "The new OTP works." in finish(browser, paid, pick_up, code=oath_code(SEED, clock.now())).text


def csrf_of(page: Any) -> str:
    found: str = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    return found


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


def exchange(browser: Any, pick_up: PickUp, serial: str, **fields: str) -> Any:
    where = f"{COUNTER}/{pick_up.id}/test"
    form = {"act": "exchange", "serial": serial, "here": "yes", **fields}
    return browser.send(browser.get(where), where, **form)


def where_is(sample: Sample, serial: str) -> Any:
    def look(uow: Any) -> Any:
        token = uow.tokens.first(serial=serial)
        device = uow.devices.get(token.id)
        return token.state.value, device.place.value, device.case_id is None

    return sample.house.look(sample.institution.id, look)


@pytest.fixture
def dead(browser: Any, sample: Sample, pick_up: PickUp) -> Any:
    """A device was handed over, and its number stays wrong."""
    sit(browser, sample)
    page = finish(browser, to_the_test(browser, pick_up), pick_up, code="000000")
    assert "The new device is dead: exchange it" in page.text
    return page


def test_a_device_that_is_dead_after_the_hand_over_is_exchanged_in_the_same_sitting(
    browser: Any, sample: Sample, pick_up: PickUp, clock: FixedClock, dead: Any
) -> None:
    page = exchange(browser, pick_up, "sn-03")
    assert "The device has been handed over. Only the test is missing." in page.text
    assert story(sample).case.state is CaseState.RECEIVED
    assert where_is(sample, SERIAL) == ("quarantined", "quarantine", True)
    receipt = browser.send(page, f"{COUNTER}/{pick_up.id}/test", act="finish", code=oath_code(seed_of(3), clock.now()))
    assert "The new OTP works. The old one has ended." in receipt.text
    assert "SN-03" in receipt.text
    assert "Did not work, kept here" in receipt.text
    assert where_is(sample, "SN-03")[:2] == ("active", "member")
    live = sample.house.look(
        sample.institution.id, lambda uow: uow.registrations.find(member_id=sample.member.id, state="live")
    )
    assert len(live) == 1


@pytest.mark.parametrize(
    ("serial", "fields", "said"),
    [
        pytest.param("", {}, "Scan or type the serial number", id="nothing scanned"),
        pytest.param("SN-03", {"here": ""}, "Take the dead device back first", id="the dead one is not here"),
        pytest.param(SERIAL, {}, "This is the dead one. Scan another", id="the dead one"),
        pytest.param("SN-77", {}, "No device has this number", id="unknown"),
        pytest.param("SN-00", {}, "old device. It is taken back at the end", id="the old one"),
    ],
)
def test_only_a_device_of_this_shelf_takes_its_place(
    browser: Any, sample: Sample, pick_up: PickUp, dead: Any, serial: str, fields: dict[str, str], said: str
) -> None:
    page = exchange(browser, pick_up, serial, **fields)
    assert (page.status_code, said in page.text) == (422, True)
    assert where_is(sample, SERIAL)[:2] == ("registered", "member")


@pytest.mark.parametrize("who", ["a colleague", "much later"])
def test_nothing_is_exchanged_once_the_sitting_is_over(
    browser: Any, sample: Sample, pick_up: PickUp, clock: FixedClock, dead: Any, who: str
) -> None:
    if who == "a colleague":
        sit(browser, sample, appoint(sample, Role.BRANCH, sample.branch.id))
    else:
        clock.move(minutes=31)
        sit(browser, sample)
    page = exchange(browser, pick_up, "SN-03")
    assert "It was handed over too long ago, or by a colleague" in page.text
    assert "The new device is dead" not in page.text
    assert (where_is(sample, SERIAL)[0], where_is(sample, "SN-03")[0]) == ("registered", "in_stock")


def test_an_exchange_does_not_begin_the_sitting_anew(
    browser: Any, sample: Sample, pick_up: PickUp, clock: FixedClock, dead: Any
) -> None:
    clock.move(minutes=20)
    exchange(browser, pick_up, "SN-03")
    clock.move(minutes=11)
    sit(browser, sample)
    page = exchange(browser, pick_up, "SN-02")
    assert "It was handed over too long ago, or by a colleague" in page.text
    assert where_is(sample, "SN-03")[1] == "member"


def test_a_device_that_shows_nothing_in_the_drawer_goes_into_quarantine(
    browser: Any, sample: Sample, pick_up: PickUp, clock: FixedClock
) -> None:
    sit(browser, sample)
    page = compare(browser, scan(browser, pick_up.code.reveal()), pick_up)
    page = scan_device(browser, page, pick_up, "SN-03")
    assert "Not the one that was set aside" in page.text
    page = scan_device(browser, page, pick_up, "SN-03", instead="dead")
    form = {"csrf": csrf_of(page), "act": "finish", "code": oath_code(seed_of(3), clock.now())}
    receipt = browser.post(str(page.url.raw_path, "ascii"), form)
    assert "Did not work, kept here" in receipt.text
    assert where_is(sample, SERIAL) == ("quarantined", "quarantine", True)
