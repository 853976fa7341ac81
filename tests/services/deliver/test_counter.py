"""Over the counter: set out, found by its code, handed to the right person; or never collected."""

from dataclasses import replace
from datetime import timedelta

import pytest

from otpward.core.errors import Conflict, Denied
from otpward.core.ids import BranchId
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import PickUpState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Delivery
from otpward.core.model.delivery import PickUp
from otpward.core.model.member import Operator, Role
from otpward.core.policy.verification import Verdict
from otpward.services.deliver.expire_pick_ups import expire_pick_ups
from otpward.services.deliver.find_pick_up import NoSuchPickUp, find_pick_up
from otpward.services.deliver.hand_over import WrongDevice
from otpward.services.deliver.set_out import SetOut, set_out
from tests.services.walk import Walk, shown


def find(walk: Walk, typed: str, operator: Operator | None = None) -> PickUp:
    return walk.do(lambda desk: find_pick_up(typed, operator=operator or walk.operator, desk=desk))


def elsewhere(walk: Walk, role: Role = Role.BRANCH) -> Operator:
    return replace(walk.colleague(role), branch_id=BranchId(walk.house.desk(None).new_id()))


def test_a_device_is_set_out_under_a_code_of_eight_letters(walk: Walk) -> None:
    case, pick_up = walk.ready()
    assert (case.state, pick_up.state) == (CaseState.READY_TO_COLLECT, PickUpState.READY)
    assert (len(pick_up.code.reveal()), pick_up.until) == (8, walk.now + timedelta(days=14))
    assert case.deadline_at == pick_up.until
    assert pick_up.code.reveal() not in repr(pick_up)
    assert walk.events()[-1] == "case:ready=ready_to_collect"
    assert walk.told("ready") == {("m1001", "case_ready", "sms"), ("m1001", "case_ready", "mail")}


def test_the_notice_does_not_carry_the_code(walk: Walk) -> None:
    _, pick_up = walk.ready()
    texts = [one.text.reveal() for one in walk.look(lambda uow: uow.notices.find(template="case_ready"))]
    assert texts
    assert not [text for text in texts if pick_up.code.reveal() in text]


def test_it_is_set_out_once_and_only_what_is_to_be_collected(walk: Walk) -> None:
    case, _ = walk.ready()
    with pytest.raises(IllegalTransition):
        walk.set_out(case)
    walk.member, walk.phone = walk.sample.other, "+821055501102"
    by_post = walk.reserve(walk.approved(Delivery.POST), "SN-03")
    with pytest.raises(Conflict):
        walk.set_out(by_post)


@pytest.mark.parametrize("role", [Role.HELP_DESK, Role.AUDITOR])
def test_only_some_roles_set_out(walk: Walk, role: Role) -> None:
    case = walk.reserve(walk.approved(), "SN-02")
    with pytest.raises(Denied):
        walk.do(lambda desk: set_out(SetOut(case_id=case.id, operator=walk.colleague(role)), desk=desk))


def test_the_code_is_found_however_it_is_typed(walk: Walk) -> None:
    _, pick_up = walk.ready()
    code = pick_up.code.reveal()
    for typed in (code, code.lower(), f" {code[:4]}-{code[4:]} "):
        assert find(walk, typed).id == pick_up.id


@pytest.mark.parametrize("typed", ["", "ABCD2345", "ABCD", "A" * 9, "'; --"])
def test_no_other_code_finds_anything(walk: Walk, typed: str) -> None:
    walk.ready()
    with pytest.raises(NoSuchPickUp):
        find(walk, typed)


def test_at_another_branch_it_is_not_found_nor_handed_over(walk: Walk) -> None:
    _, pick_up = walk.ready()
    with pytest.raises(NoSuchPickUp):
        find(walk, pick_up.code.reveal(), elsewhere(walk))
    with pytest.raises(Denied):
        walk.hand_over(pick_up, "SN-02", operator=elsewhere(walk))


@pytest.mark.parametrize("role", [Role.HELP_DESK, Role.STOCK, Role.AUDITOR])
def test_only_the_counter_finds_and_hands_over(walk: Walk, role: Role) -> None:
    _, pick_up = walk.ready()
    with pytest.raises(Denied):
        find(walk, pick_up.code.reveal(), walk.colleague(role))
    with pytest.raises(Denied):
        walk.hand_over(pick_up, "SN-02", operator=walk.colleague(role))


def test_handed_over_with_what_was_seen(walk: Walk) -> None:
    _, pick_up = walk.ready()
    case = walk.hand_over(pick_up, "SN-02")
    assert (case.state, case.deadline_at) == (CaseState.RECEIVED, None)
    closed = walk.look(lambda uow: uow.pick_ups.get(pick_up.id))
    assert (closed.state, closed.seen, closed.handed_over_by) == (
        PickUpState.HANDED_OVER,
        "passport",
        walk.operator.member_id,
    )
    assert walk.token("SN-02").state is TokenState.ISSUED
    assert walk.events()[-2:] == ["token:handed_over=done", "case:received=received"]


def test_a_delivered_device_is_dead_until_it_is_activated(walk: Walk) -> None:
    _, pick_up = walk.ready()
    walk.hand_over(pick_up, "SN-02")
    assert walk.verify(shown("SN-02", walk.now), serial="SN-02") is Verdict.NOT_REGISTERED
    assert walk.verify(shown("SN-02", walk.now)) is Verdict.WRONG_CODE  # the member's only live device is the old one


def test_it_is_handed_over_once(walk: Walk) -> None:
    _, pick_up = walk.ready()
    walk.hand_over(pick_up, "SN-02")
    with pytest.raises(IllegalTransition):
        walk.hand_over(pick_up, "SN-02")
    with pytest.raises(NoSuchPickUp):
        find(walk, pick_up.code.reveal())


@pytest.mark.parametrize("serial", ["SN-03", "SN-99", ""])
def test_the_wrong_device_is_not_handed_over(walk: Walk, serial: str) -> None:
    _, pick_up = walk.ready()
    with pytest.raises(WrongDevice):
        walk.hand_over(pick_up, serial)
    assert walk.token("SN-02").state is TokenState.RESERVED


def test_what_is_not_collected_goes_back_to_the_shelf(walk: Walk) -> None:
    case, pick_up = walk.ready()
    walk.clock.move(days=14)
    assert walk.do(lambda desk: expire_pick_ups(desk=desk)) == []
    walk.clock.move(seconds=1)
    assert walk.do(lambda desk: expire_pick_ups(desk=desk)) == [case.id]
    ended = walk.case(case.id)
    assert (ended.state, ended.open_key) == (CaseState.EXPIRED, None)
    assert walk.token("SN-02").state is TokenState.IN_STOCK
    assert walk.look(lambda uow: uow.devices.get(walk.token("SN-02").id)).case_id is None
    assert walk.events()[-3:] == ["token:released=done", "pickup:expired=done", "case:expired=expired"]
    assert walk.do(lambda desk: expire_pick_ups(desk=desk)) == []
    with pytest.raises(NoSuchPickUp):
        find(walk, pick_up.code.reveal())
    with pytest.raises(IllegalTransition):
        walk.hand_over(pick_up, "SN-02")
    assert walk.ready("SN-02")[0].id != case.id
