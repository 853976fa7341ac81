"""What an application costs: due when it is sent, settled before anything is given out, given back at most once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from otpward.clerk.fees import FeeDue, StaleFee
from otpward.core.errors import Conflict, Denied, Invalid
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.fee import FeeState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.model.case import Case, Delivery
from otpward.core.model.fee import Fee, Means
from otpward.core.model.member import Operator, Role
from otpward.core.policy.roles import ALLOWED, Permission
from otpward.services.apply.cancel_application import CancelApplication, cancel_application
from otpward.services.apply.fees.pay_fee import PayFee, pay_fee
from otpward.services.apply.fees.refund_fee import RefundFee, refund_fee
from otpward.services.apply.fees.waive_fee import WaiveFee, waive_fee
from tests.services.oversee.policies.writing import desks
from tests.services.walk import SOURCE, Walk

WON = 5000
COSTS = f"[rules.all]\nfee_won = {WON}\n[waivers.faulty]\nused = false\n"
CARD = "4012 8888 8888 1881"


@pytest.fixture
def costly(walk: Walk) -> Walk:
    """An institution in which a new OTP costs something."""
    desks(walk.sample).put_in_force(COSTS)
    return walk


def fee_of(walk: Walk, case: Case) -> Fee | None:
    return walk.look(lambda uow: uow.fees.first(case_id=case.id))


def due(walk: Walk, case: Case) -> Fee:
    found = fee_of(walk, case)
    assert found is not None
    return found


def pay(walk: Walk, case: Case, *, operator: Operator | None = None, **changes: Any) -> Fee:
    ask = PayFee(
        case_id=case.id,
        operator=operator or walk.operator,
        means=Means.CARD,
        reference="T-0001",
        seen_version=due(walk, case).version,
    )
    return walk.do(lambda desk: pay_fee(replace(ask, **changes), desk=desk))


def waive(walk: Walk, case: Case, why: str = "창구 실수", *, operator: Operator | None = None) -> Fee:
    ask = WaiveFee(case_id=case.id, operator=operator or walk.operator, why=why, seen_version=due(walk, case).version)
    return walk.do(lambda desk: waive_fee(ask, desk=desk))


def refund(walk: Walk, case: Case, amount: int, why: str = "신청 취소", **changes: Any) -> Fee:
    ask = RefundFee(case_id=case.id, operator=walk.operator, amount_won=amount, why=why, seen_version=due(walk, case).version)
    return walk.do(lambda desk: refund_fee(replace(ask, **changes), desk=desk))


def test_a_fee_is_due_from_the_moment_the_application_is_sent(costly: Walk) -> None:
    case = costly.fill_in(costly.start())
    assert fee_of(costly, case) is None
    costly.prove()
    case = costly.submit(case)
    fee = due(costly, case)
    assert (fee.state, fee.amount_won, fee.due_at, fee.member_id) == (FeeState.DUE, WON, costly.now, case.member_id)
    assert "fee:due=due" in costly.events()


def test_where_nothing_is_asked_nothing_is_kept(walk: Walk) -> None:
    assert fee_of(walk, walk.submitted()) is None


def test_what_the_policy_waives_is_waived_from_the_start_and_says_by_which_rule(walk: Walk) -> None:
    desks(walk.sample).put_in_force(f"[rules.all]\nfee_won = {WON}\n")
    fee = due(walk, walk.submitted())
    assert (fee.state, fee.waiver, fee.settled_by) == (FeeState.WAIVED, "faulty", None)


def test_the_amount_stays_when_the_policy_changes(walk: Walk) -> None:
    rooms = desks(walk.sample)
    rooms.put_in_force(COSTS)
    case = walk.submitted()
    rooms.put_in_force("[rules.all]\nfee_won = 9000\n")
    assert pay(walk, case).amount_won == WON


def test_a_payment_says_how_by_whom_and_under_which_number(costly: Walk) -> None:
    case = costly.submitted()
    fee = pay(costly, case, reference="  T-0001  x ")
    assert (fee.state, fee.means, fee.reference) == (FeeState.PAID, Means.CARD, "T-0001 x")
    assert (fee.settled_by, fee.settled_at) == (costly.operator.member_id, costly.now)
    [line] = costly.look(lambda uow: uow.audit.find(event="fee:paid"))
    assert (line.case_id, line.detail) == (case.id, {"amount_won": WON, "means": "card"})


WRONG = {
    "how is open": ({"means": None}, "means"),
    "a card without a number": ({"reference": ""}, "reference"),
    "a transfer without a number": ({"means": Means.TRANSFER, "reference": " "}, "reference"),
    "a number that is too long": ({"reference": "9" * 61}, "reference"),
    "the number of a card": ({"reference": f"VISA {CARD}"}, "reference"),
    "the same without spaces": ({"reference": CARD.replace(" ", "")}, "reference"),
}


@pytest.mark.parametrize(("changes", "field"), WRONG.values(), ids=WRONG.keys())
def test_a_payment_that_says_too_little_or_too_much_is_not_recorded(costly: Walk, changes: dict[str, Any], field: str) -> None:
    case = costly.submitted()
    with pytest.raises(Invalid) as wrong:
        pay(costly, case, **changes)
    assert wrong.value.field == field
    assert due(costly, case).state is FeeState.DUE


def test_cash_needs_no_number(costly: Walk) -> None:
    assert pay(costly, costly.submitted(), means=Means.CASH, reference="").state is FeeState.PAID


def test_the_second_press_of_a_payment_changes_nothing(costly: Walk) -> None:
    case = costly.submitted()
    seen = due(costly, case).version
    first = pay(costly, case, seen_version=seen)
    with pytest.raises(StaleFee):
        pay(costly, case, seen_version=seen, reference="T-0002")
    with pytest.raises(IllegalTransition):
        pay(costly, case)
    assert due(costly, case) == first


def test_a_waiver_says_why_and_by_whom(costly: Walk) -> None:
    case = costly.submitted()
    fee = waive(costly, case, "  보훈  대상 ")
    assert (fee.state, fee.why.reveal(), fee.settled_by) == (FeeState.WAIVED, "보훈 대상", costly.operator.member_id)
    [line] = costly.look(lambda uow: uow.audit.find(event="fee:waived"))
    assert "보훈" not in str(line.detail)


@pytest.mark.parametrize("why", ["", "   ", "가" * 201], ids=["nothing", "blanks", "too long"])
def test_a_waiver_without_a_reason_is_none(costly: Walk, why: str) -> None:
    case = costly.submitted()
    with pytest.raises(Invalid) as wrong:
        waive(costly, case, why)
    assert wrong.value.field == "why"


def test_a_paid_fee_is_not_waived_and_a_waived_one_not_paid(costly: Walk) -> None:
    case = costly.submitted()
    pay(costly, case)
    with pytest.raises(IllegalTransition):
        waive(costly, case)


def test_what_was_paid_is_given_back_in_parts_until_nothing_is_left(costly: Walk) -> None:
    case = costly.submitted()
    pay(costly, case)
    part = refund(costly, case, 2000)
    assert (part.state, part.refunded_won, part.left_won) == (FeeState.PAID, 2000, 3000)
    whole = refund(costly, case, 3000)
    assert (whole.state, whole.left_won, whole.refunded_by) == (FeeState.REFUNDED, 0, costly.operator.member_id)
    lines = costly.look(lambda uow: uow.audit.find(event="fee:refunded"))
    assert sorted(int(line.detail["amount_won"]) for line in lines) == [2000, 3000]
    with pytest.raises(IllegalTransition):
        refund(costly, case, 1)


@pytest.mark.parametrize("amount", [0, -1, -WON, WON + 1, 10**15], ids=["nothing", "less", "minus all", "one more", "a lot"])
def test_nothing_else_than_what_was_paid_is_given_back(costly: Walk, amount: int) -> None:
    case = costly.submitted()
    pay(costly, case)
    with pytest.raises(Invalid) as wrong:
        refund(costly, case, amount)
    assert wrong.value.field == "amount"
    assert due(costly, case).refunded_won == 0


def test_after_a_part_no_more_than_the_rest_is_given_back(costly: Walk) -> None:
    case = costly.submitted()
    pay(costly, case)
    refund(costly, case, 4000)
    with pytest.raises(Invalid):
        refund(costly, case, 1001)


def test_the_second_press_of_a_refund_gives_nothing_back_again(costly: Walk) -> None:
    case = costly.submitted()
    pay(costly, case)
    seen = due(costly, case).version
    refund(costly, case, 1000, seen_version=seen)
    with pytest.raises(StaleFee):
        refund(costly, case, 1000, seen_version=seen)
    assert due(costly, case).refunded_won == 1000


@pytest.mark.parametrize("settle", [lambda walk, case: None, waive], ids=["due", "waived"])
def test_what_was_not_paid_is_not_given_back(costly: Walk, settle: Callable[[Walk, Case], object]) -> None:
    case = costly.submitted()
    settle(costly, case)
    with pytest.raises(IllegalTransition):
        refund(costly, case, WON)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("act", [pay, waive], ids=["pay", "waive"])
def test_only_the_counter_settles_a_fee(costly: Walk, role: Role, act: Callable[..., Fee]) -> None:
    case = costly.submitted()
    someone = costly.colleague(role)
    if Permission.TAKE_FEES in ALLOWED[role]:
        assert act(costly, case, operator=someone).settled_by == someone.member_id
        assert role in {Role.BRANCH, Role.ADMINISTRATOR}
    else:
        with pytest.raises(Denied):
            act(costly, case, operator=someone)


def test_nobody_settles_their_own_fee(costly: Walk) -> None:
    case = costly.submitted()
    with pytest.raises(Denied):
        pay(costly, case, operator=replace(costly.operator, member_id=case.member_id))


def test_a_fee_that_does_not_exist_is_not_paid(walk: Walk) -> None:
    case = walk.submitted()
    ask = PayFee(case_id=case.id, operator=walk.operator, means=Means.CASH, reference="", seen_version=0)
    with pytest.raises(Conflict):
        walk.do(lambda desk: pay_fee(ask, desk=desk))


def test_nothing_is_handed_over_while_the_fee_is_due(costly: Walk) -> None:
    case, pick_up = costly.ready()
    with pytest.raises(FeeDue) as told:
        costly.hand_over(pick_up, "SN-02")
    assert told.value.amount_won == WON
    assert costly.case(case.id).state is CaseState.READY_TO_COLLECT
    pay(costly, case)
    assert costly.hand_over(pick_up, "SN-02").state is CaseState.RECEIVED


def test_nothing_is_sent_while_the_fee_is_due(costly: Walk) -> None:
    shipment = costly.pack(costly.reserve(costly.approved(Delivery.POST), "SN-02"))
    with pytest.raises(FeeDue):
        costly.dispatch(shipment, "SN-02")
    waive(costly, costly.case(shipment.case_id))
    assert costly.dispatch(shipment, "SN-02").dispatched_at == costly.now


def test_no_app_is_made_while_the_fee_is_due(costly: Walk) -> None:
    case = costly.approved(Delivery.APP)
    with pytest.raises(FeeDue):
        costly.make_app(case)
    pay(costly, case)
    assert costly.make_app(case).state is CaseState.RECEIVED


def test_where_the_policy_does_not_wait_it_is_handed_over_and_stays_due(walk: Walk) -> None:
    desks(walk.sample).put_in_force(f"{COSTS}[rules.later]\nfee_first = false\n")
    case = walk.done()
    assert due(walk, case).state is FeeState.DUE
    assert pay(walk, case).state is FeeState.PAID


def test_with_an_application_that_came_to_nothing_its_fee_goes_too(costly: Walk) -> None:
    case = costly.submitted()
    ask = CancelApplication(case_id=case.id, member_id=case.member_id, source=SOURCE)
    costly.do(lambda desk: cancel_application(ask, desk=desk))
    assert due(costly, case).state is FeeState.DROPPED
    with pytest.raises(IllegalTransition):
        pay(costly, case)


def test_what_was_paid_for_it_stays_and_can_be_given_back(costly: Walk) -> None:
    case = costly.submitted()
    pay(costly, case)
    ask = CancelApplication(case_id=case.id, member_id=case.member_id, source=SOURCE)
    costly.do(lambda desk: cancel_application(ask, desk=desk))
    assert due(costly, case).state is FeeState.PAID
    assert refund(costly, case, WON).state is FeeState.REFUNDED
