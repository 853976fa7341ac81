"""A broken device is swapped in one sitting; what stands in the way is said, and nothing is half done."""

from dataclasses import replace
from typing import Any

import pytest

from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.model.device_check import Outcome
from otpward.core.model.member import Role
from otpward.services.apply.approve import approve
from otpward.services.apply.review import Decision
from tests.edges.http.console.staffed import appoint, sit, story
from tests.fakes.sample import Sample, oath_code, seed_of
from tests.fakes.surroundings import FixedClock

SWAP = "/console/counter/swap"
SEEN = {"paper": "passport", "day": "20310501", "photo": "yes", "name": "yes", "birth_date": "yes"}


def token(sample: Sample, serial: str) -> Any:
    return sample.house.look(sample.institution.id, lambda uow: uow.tokens.first(serial=serial))


def here(sample: Sample) -> str:
    return f"{SWAP}/{token(sample, sample.in_use).id}"


def csrf_of(page: Any) -> str:
    found: str = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    return found


def find(browser: Any, typed: str) -> Any:
    return browser.send(browser.get(SWAP), SWAP, found=typed)


def to_the_papers(browser: Any, sample: Sample) -> Any:
    return browser.send(find(browser, sample.in_use), here(sample), complaint="dark")


def to_the_device(browser: Any, sample: Sample) -> Any:
    return browser.send(to_the_papers(browser, sample), f"{here(sample)}/person", **SEEN)


def change(sample: Sample, serial: str, **changes: Any) -> None:
    def act(desk: Any) -> None:
        with desk.uow as uow:
            uow.tokens.save(replace(uow.tokens.first(serial=serial), **changes))
            uow.commit()

    sample.house.do(sample.institution.id, act)


def test_a_broken_device_is_swapped_in_one_sitting(browser: Any, sample: Sample, clock: FixedClock) -> None:
    sit(browser, sample)
    page = to_the_device(browser, sample)
    assert "Scan the new device" in page.text
    assert story(sample).case.state is CaseState.APPROVED
    test = browser.send(page, f"{here(sample)}/device", serial="sn-03")
    assert test.url.path.endswith("/test")
    assert token(sample, sample.in_use).state is TokenState.ACTIVE, "nothing is final before the test"
    where = f"{test.url.path}?{test.url.query.decode()}"
    done = browser.post(where, {"csrf": csrf_of(test), "act": "finish", "code": oath_code(seed_of(3), clock.now())})
    assert "The new OTP works. The old one has ended." in done.text
    assert story(sample).case.state is CaseState.DONE
    assert token(sample, sample.in_use).state is TokenState.RETIRED
    back = browser.post(str(done.url.path), {"csrf": csrf_of(done), "act": "old", "old": sample.in_use})
    assert "Old OTP taken back" in back.text
    [check] = sample.house.look(sample.institution.id, lambda uow: uow.checks.find())
    assert (check.outcome, check.case_id) == (Outcome.REPLACE, story(sample).case.id)
    assert not sample.house.look(sample.institution.id, lambda uow: uow.notices.find(template="case_ready"))


def test_a_device_that_shows_the_right_number_is_not_swapped(browser: Any, sample: Sample, clock: FixedClock) -> None:
    sit(browser, sample)
    page = find(browser, sample.in_use)
    nothing = browser.send(page, here(sample), complaint="refused")
    assert nothing.text.count("Enter the number that the OTP shows") == 2
    wrong = browser.send(nothing, here(sample), complaint="refused", code="000000")
    assert "That is not the right number. 9 tries left" in wrong.text
    assert "Swap it" in wrong.text
    right = browser.send(page, here(sample), complaint="refused", code=oath_code(seed_of(0), clock.now()))
    assert "The OTP works" in right.text
    assert browser.get(f"{here(sample)}/person").url.path == here(sample)


def test_one_that_still_shows_wrong_numbers_is_swapped(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    wrong = browser.send(find(browser, sample.in_use), here(sample), complaint="refused", code="000000")
    sure = browser.post(here(sample), {"csrf": csrf_of(wrong), "complaint": "refused", "sure": "yes"})
    assert sure.url.path.endswith("/person")


def test_where_two_must_decide_the_swap_waits_for_the_second(browser: Any, sample: Sample, clock: FixedClock) -> None:
    def ask_two(desk: Any) -> None:
        with desk.uow as uow:
            uow.institutions.save(replace(uow.institutions.get(sample.institution.id), two_people=True))
            uow.commit()

    sample.house.do(None, ask_two)
    sit(browser, sample)
    page = to_the_device(browser, sample)
    assert "A second person must approve" in page.text
    assert story(sample).case.state is CaseState.AWAITING_APPROVAL
    csrf = csrf_of(browser.get(SWAP))
    assert browser.post(f"{here(sample)}/device", {"csrf": csrf, "serial": "SN-03"}).status_code == 200
    assert token(sample, "SN-03").state is TokenState.IN_STOCK
    colleague = replace(sample.operator, member_id=sample.other.id)
    decision = Decision(case_id=story(sample).case.id, operator=colleague)
    sample.house.do(sample.institution.id, lambda desk: approve(decision, desk=desk))
    assert "Scan the new device" in browser.get(f"{here(sample)}/device").text


def test_papers_that_were_not_seen_whole_open_no_application(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    page = browser.send(to_the_papers(browser, sample), f"{here(sample)}/person", **{**SEEN, "photo": ""})
    assert page.status_code == 422
    assert page.text.count("Compare the photo with the person before you, and tick the box") == 2
    assert story(sample).begun == 0


def test_a_second_press_makes_no_second_application(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    papers = to_the_papers(browser, sample)
    for _ in range(2):
        page = browser.send(papers, f"{here(sample)}/person", **SEEN)
        assert "Scan the new device" in page.text
    assert story(sample).begun == 1


@pytest.mark.parametrize(
    ("serial", "sentence"),
    [
        ("", "Scan or type the serial number"),
        ("SN-99", "No device has this number."),
        ("SN-00", "This is the member&#39;s old device."),
        ("SN-01", "it is in somebody&#39;s hands."),
    ],
)
def test_a_device_that_cannot_be_taken_is_told(browser: Any, sample: Sample, serial: str, sentence: str) -> None:
    sit(browser, sample)
    page = browser.send(to_the_device(browser, sample), f"{here(sample)}/device", serial=serial)
    assert page.text.count(sentence) == 2
    assert story(sample).case.state is CaseState.APPROVED


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Scan the broken OTP, or type the member number"),
        ("nobody", "No device and no member with a device in use has this number"),
        ("SN-02", "SN-02 is not a device in use, so there is nothing to swap"),
        ("SN-01", "This is your own OTP. A colleague swaps it"),
        ("teller", "This is your own OTP. A colleague swaps it"),
        ("m1002", "No device and no member with a device in use has this number"),
    ],
)
def test_what_is_scanned_first_and_cannot_be_swapped_is_told(browser: Any, sample: Sample, typed: str, sentence: str) -> None:
    sit(browser, sample)
    page = find(browser, typed)
    assert page.status_code == 422
    assert page.text.count(sentence) == 2


def test_a_member_number_leads_to_their_device(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    assert find(browser, "M1001").url.path == here(sample)


@pytest.mark.parametrize(
    ("hold", "sentence"), [(Hold.LOST, "It was reported lost or stolen"), (Hold.SUSPENDED, "It was stopped.")]
)
def test_a_stopped_device_is_not_swapped(browser: Any, sample: Sample, hold: Hold, sentence: str) -> None:
    change(sample, sample.in_use, holds=frozenset({hold}))
    sit(browser, sample)
    page = find(browser, sample.in_use)
    assert sentence in page.text
    browser.post(here(sample), {"csrf": csrf_of(browser.get(SWAP)), "complaint": "dark"})
    assert not sample.house.look(sample.institution.id, lambda uow: uow.checks.find())


GUARDED = {
    "2015-05-05": ("mother", "family_certificate,basic_certificate"),
    "123-45-67891": ("employee", "business_registration,corporate_register,corporate_seal,power_of_attorney"),
}


@pytest.mark.parametrize("on_file", GUARDED, ids=["a minor's guardian", "a company's delegate"])
def test_who_acts_for_a_member_shows_their_own_papers_and_swaps(
    browser: Any, sample: Sample, clock: FixedClock, on_file: str
) -> None:
    relation, shown = GUARDED[on_file]
    story(sample).on_file(on_file)
    sit(browser, sample)
    page = to_the_papers(browser, sample)
    assert 'name="birth_date"' not in page.text
    told = {**SEEN, "birth_date": "", "person": "김보호", "relation": relation, "shown": shown}
    page = browser.send(page, f"{here(sample)}/person", **told)
    assert "Scan the new device" in page.text
    case = story(sample).case
    assert (case.acting_name.reveal(), case.acting_as.reveal()) == ("김보호", relation)
    page = browser.send(page, f"{here(sample)}/device", serial="SN-02")
    code = {"act": "finish", "code": oath_code(seed_of(2), clock.now())}
    receipt = browser.post(str(page.url.raw_path, "ascii"), {"csrf": csrf_of(page), **code})
    assert "김보호" in receipt.text
    assert story(sample).case.state is CaseState.DONE


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param({"person": " "}, "Enter the name as it stands on the ID card", id="nobody named"),
        pytest.param({"relation": "employee"}, "Choose what fits", id="nobody acts so for a minor"),
        pytest.param({"shown": "family_certificate"}, "Look at each of these papers, and tick it", id="a paper not shown"),
        pytest.param({"photo": ""}, "Compare the photo with the person before you", id="no photo compared"),
    ],
)
def test_what_is_missing_of_who_acts_opens_no_application(
    browser: Any, sample: Sample, change: dict[str, str], sentence: str
) -> None:
    relation, shown = GUARDED["2015-05-05"]
    story(sample).on_file("2015-05-05")
    sit(browser, sample)
    told = {**SEEN, "person": "김보호", "relation": relation, "shown": shown, **change}
    page = browser.send(to_the_papers(browser, sample), f"{here(sample)}/person", **told)
    assert (page.status_code, sentence in page.text) == (422, True)
    assert not sample.house.look(sample.institution.id, lambda uow: uow.cases.find())


@pytest.mark.parametrize("role", [Role.HELP_DESK, Role.STOCK, Role.AUDITOR])
def test_only_the_counter_swaps(browser: Any, sample: Sample, role: Role) -> None:
    sit(browser, sample, appoint(sample, role))
    for path in (SWAP, here(sample), f"{here(sample)}/person", f"{here(sample)}/device"):
        assert browser.get(path).status_code == 403


def test_a_check_is_good_for_a_while_only(browser: Any, sample: Sample, clock: FixedClock) -> None:
    sit(browser, sample)
    to_the_papers(browser, sample)
    clock.move(minutes=30)
    assert browser.get(f"{here(sample)}/person").url.path == here(sample)
