"""The fee on an application's page: recorded by the counter, seen by others, and asked for before a device goes out."""

from collections.abc import Callable
from typing import Any

import pytest

from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.fee import FeeState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.fee import Fee
from otpward.core.model.member import Role
from tests.edges.http.console.staffed import another_branch, appoint, sit, story
from tests.edges.http.console.test_counter import finish, to_the_test
from tests.edges.http.portal.seated import seat
from tests.fakes.sample import Sample, oath_code, seed_of
from tests.fakes.surroundings import FixedClock
from tests.services.oversee.policies.writing import desks


@pytest.fixture
def case(sample: Sample) -> Case:
    desks(sample).put_in_force("[rules.all]\nfee_won = 5000\n[waivers.faulty]\nused = false\n")
    return story(sample).sent(Delivery.BRANCH)


def fee_of(sample: Sample, case: Case) -> Fee:
    found = sample.house.look(sample.institution.id, lambda uow: uow.fees.first(case_id=case.id))
    assert found is not None
    return found


def page_of(browser: Any, case: Case) -> Any:
    return browser.get(f"/console/cases/{case.number}")


def record(browser: Any, case: Case, act: str, page: Any = None, **fields: str) -> Any:
    """Send a form of the panel, as it stands on this page."""
    shown = (page or page_of(browser, case)).text
    csrf = shown.partition('name="csrf" value="')[2].partition('"')[0]
    seen = shown.partition(f'name="act" value="{act}"')[2].partition('name="seen" value="')[2].partition('"')[0]
    return browser.post(f"/console/cases/{case.number}/fee", {"csrf": csrf, "act": act, "seen": seen, **fields})


def test_what_is_due_is_seen_and_a_payment_is_recorded(browser: Any, sample: Sample, case: Case) -> None:
    sit(browser, sample)
    assert "₩5,000" in page_of(browser, case).text
    done = record(browser, case, "pay", means="card", reference="T-0001")
    assert "The payment is recorded." in done.text
    assert "Card · T-0001" in done.text
    assert "김창구" in done.text
    assert fee_of(sample, case).state is FeeState.PAID


def test_a_waiver_is_recorded_with_its_reason(browser: Any, sample: Sample, case: Case) -> None:
    sit(browser, sample)
    assert "The fee is waived." in record(browser, case, "waive", why="보훈 대상").text
    assert "보훈 대상" in page_of(browser, case).text


def test_money_that_was_given_back_is_recorded(browser: Any, sample: Sample, case: Case) -> None:
    sit(browser, sample)
    record(browser, case, "pay", means="cash")
    assert "The refund is recorded." in record(browser, case, "refund", amount="2,000", why="중복").text
    assert fee_of(sample, case).refunded_won == 2000


WRONG = {
    "how is open": ("pay", {"reference": "T-1"}, "means", "Choose how it was paid"),
    "no number": ("pay", {"means": "card"}, "reference", "Enter the number on the receipt"),
    "no reason": ("waive", {"why": " "}, "why", "Write the reason"),
}


@pytest.mark.parametrize(("act", "fields", "name", "sentence"), WRONG.values(), ids=WRONG.keys())
def test_each_mistake_has_its_sentence_beside_the_field(
    browser: Any, sample: Sample, case: Case, act: str, fields: dict[str, str], name: str, sentence: str
) -> None:
    sit(browser, sample)
    page = record(browser, case, act, **fields)
    assert page.status_code == 422
    assert sentence in page.text
    assert f'href="#f-{name}' in page.text
    assert fee_of(sample, case).state is FeeState.DUE


@pytest.mark.parametrize("amount", ["", "-1", "0", "5001", "1.5", "５", "9" * 40], ids=lambda text: text[:6] or "nothing")
def test_an_amount_that_cannot_be_given_back_has_a_sentence(browser: Any, sample: Sample, case: Case, amount: str) -> None:
    sit(browser, sample)
    record(browser, case, "pay", means="cash")
    page = record(browser, case, "refund", amount=amount, why="중복")
    assert page.status_code == 422
    assert "Enter an amount above 0" in page.text
    assert fee_of(sample, case).refunded_won == 0


def test_the_second_press_is_told_that_it_was_recorded(browser: Any, sample: Sample, case: Case) -> None:
    sit(browser, sample)
    page = page_of(browser, case)
    record(browser, case, "pay", page, means="cash")
    late = record(browser, case, "pay", page, means="card", reference="T-2")
    assert late.status_code == 409
    assert "The fee was changed meanwhile" in late.text
    assert fee_of(sample, case).means == "cash"


@pytest.mark.parametrize("role", [Role.HELP_DESK, Role.STOCK, Role.AUDITOR])
def test_other_roles_see_the_fee_and_cannot_record(browser: Any, sample: Sample, case: Case, role: Role) -> None:
    sit(browser, sample)
    page = page_of(browser, case)
    sit(browser, sample, appoint(sample, role))
    shown = page_of(browser, case).text
    assert "₩5,000" in shown
    assert "Record the payment" not in shown
    assert record(browser, case, "pay", page, means="cash").status_code == 403
    assert fee_of(sample, case).state is FeeState.DUE


def test_another_branch_sees_the_fee_and_cannot_record(browser: Any, sample: Sample, case: Case) -> None:
    sit(browser, sample, appoint(sample, Role.BRANCH, another_branch(sample).id))
    assert "Record the payment" not in page_of(browser, case).text


def test_where_nothing_is_asked_there_is_no_panel(browser: Any, sample: Sample) -> None:
    free = story(sample).sent(Delivery.BRANCH)
    sit(browser, sample)
    assert 'id="fee"' not in page_of(browser, free).text


@pytest.fixture
def ready(sample: Sample) -> Case:
    desks(sample).put_in_force("[rules.all]\nfee_won = 5000\n[waivers.faulty]\nused = false\n")
    return story(sample).ready_to_collect("SN-02")


def test_at_the_counter_the_fee_comes_before_the_device(browser: Any, sample: Sample, ready: Case, clock: FixedClock) -> None:
    sit(browser, sample)
    pick_up = sample.house.look(sample.institution.id, lambda uow: uow.pick_ups.first(case_id=ready.id))
    assert pick_up is not None
    page = to_the_test(browser, pick_up)
    assert "A fee of ₩5,000 is due." in page.text
    assert f'href="/console/cases/{ready.number}#fee"' in page.text
    refused = finish(browser, page, pick_up, code=oath_code(seed_of(2), clock.now()))
    assert refused.status_code == 422
    assert "is still due" in refused.text
    assert story(sample).case.state is CaseState.READY_TO_COLLECT
    record(browser, ready, "pay", means="cash")
    finish(browser, page, pick_up, code=oath_code(seed_of(2), clock.now()))
    assert story(sample).case.state is CaseState.DONE


TOLD: dict[str, tuple[Callable[[Any, Case], object], str]] = {
    "due": (lambda browser, case: None, "₩5,000 · You pay when you collect it"),
    "paid": (lambda browser, case: record(browser, case, "pay", means="cash"), "₩5,000 · Paid"),
    "waived": (lambda browser, case: record(browser, case, "waive", why="비밀 사유"), "Free · Waived"),
}


@pytest.mark.parametrize(("settle", "told"), TOLD.values(), ids=TOLD.keys())
def test_the_member_reads_what_has_become_of_the_fee(
    browser: Any, sample: Sample, case: Case, settle: Callable[[Any, Case], object], told: str
) -> None:
    sit(browser, sample)
    settle(browser, case)
    seat(browser, story(sample))
    page = browser.get(f"/cases/{case.number}?lang=en").text
    assert told in page
    assert "비밀 사유" not in page


def test_before_sending_the_member_reads_what_it_costs_and_when_to_pay(browser: Any, sample: Sample) -> None:
    desks(sample).put_in_force("[rules.all]\nfee_won = 5000\n[waivers.faulty]\nused = false\n")
    own = story(sample)
    own.draft(Delivery.BRANCH)
    seat(browser, own)
    assert "₩5,000 · You pay when you collect it" in browser.get("/apply/review?lang=en").text
