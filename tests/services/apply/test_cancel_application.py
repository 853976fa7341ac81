"""An application is withdrawn, and what was set aside for it goes back."""

import pytest

from otpward.clerk.parcels import NothingToSend
from otpward.core.errors import NotFound
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import PickUpState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Case, Delivery
from otpward.services.apply.cancel_application import CancelApplication, TooLateToCancel, cancel_application
from tests.services.walk import SOURCE, Walk


def cancel(walk: Walk, case: Case) -> Case:
    ask = CancelApplication(case_id=case.id, member_id=walk.member.id, source=SOURCE)
    return walk.do(lambda desk: cancel_application(ask, desk=desk))


def test_a_draft_is_withdrawn(walk: Walk) -> None:
    case = cancel(walk, walk.start())
    assert (case.state, case.open_key, case.closed_at) == (CaseState.CANCELLED, None, walk.now)
    assert walk.events()[-1] == "case:cancelled=cancelled"
    with pytest.raises(IllegalTransition):
        cancel(walk, case)


def test_the_device_goes_back_and_may_be_given_to_another(walk: Walk) -> None:
    case, pick_up = walk.ready("SN-02")
    cancel(walk, case)
    assert walk.token("SN-02").state is TokenState.IN_STOCK
    assert walk.look(lambda uow: uow.devices.get(walk.token("SN-02").id)).case_id is None
    assert walk.look(lambda uow: uow.pick_ups.get(pick_up.id)).state is PickUpState.EXPIRED
    assert walk.events()[-2:] == ["token:released=done", "case:cancelled=cancelled"]
    again, _ = walk.ready("SN-02")
    assert again.new_token_id == walk.token("SN-02").id


def test_what_was_withdrawn_cannot_be_collected(walk: Walk) -> None:
    case, pick_up = walk.ready("SN-02")
    cancel(walk, case)
    with pytest.raises(IllegalTransition):
        walk.hand_over(pick_up, "SN-02")


def test_a_packed_parcel_of_a_withdrawn_case_is_not_sent(walk: Walk) -> None:
    case = walk.reserve(walk.approved(Delivery.POST), "SN-02")
    parcel = walk.pack(case)
    cancel(walk, walk.case(case.id))
    with pytest.raises(NothingToSend):
        walk.dispatch(parcel, "SN-02")
    walk.reserve(walk.approved(Delivery.POST), "SN-02")  # the same device, for the next application
    with pytest.raises(NothingToSend):
        walk.dispatch(parcel, "SN-02")
    assert walk.token("SN-02").state is TokenState.RESERVED


def test_a_stopped_token_stays_stopped(walk: Walk) -> None:
    walk.report()
    cancel(walk, walk.start())
    assert walk.token("SN-00").holds


def test_a_report_alone_is_lifted_not_cancelled(walk: Walk) -> None:
    report = walk.report()
    assert report.case_id is not None
    with pytest.raises(TooLateToCancel):
        cancel(walk, walk.case(report.case_id))


def test_what_travels_or_has_arrived_is_not_cancelled(walk: Walk) -> None:
    walk.posted()
    case = walk.start()
    assert case.state is CaseState.IN_TRANSIT
    with pytest.raises(TooLateToCancel):
        cancel(walk, case)


def test_only_the_member_withdraws(walk: Walk) -> None:
    case = walk.start()
    walk.member = walk.sample.other
    with pytest.raises(NotFound):
        cancel(walk, case)
