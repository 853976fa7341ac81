"""An operator stops a token at once."""

import pytest

from otpward.core.errors import Denied, Invalid
from otpward.core.lifecycle.token import Hold
from otpward.core.model.member import Operator, Role
from otpward.core.model.proof import Act
from otpward.core.policy.verification import Verdict
from otpward.services.resync.stop_token import StopToken, stop_token
from tests.services.walk import Walk, shown


def stop(walk: Walk, operator: Operator | None = None, reason: str = "분실 전화") -> None:
    ask = StopToken(token_id=walk.token("SN-00").id, operator=operator or walk.operator, reason=reason)
    walk.do(lambda desk: stop_token(ask, desk=desk))


def test_it_is_refused_from_then_on(walk: Walk) -> None:
    stop(walk)
    assert walk.token("SN-00").holds == {Hold.SUSPENDED}
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.ON_HOLD
    (line,) = walk.look(lambda uow: uow.holds.find())
    assert (line.reason, line.placed_by) == ("분실 전화", "staff")
    assert "token:held=done" in walk.events()


def test_a_second_time_changes_nothing(walk: Walk) -> None:
    stop(walk)
    stop(walk, reason="다시")
    assert walk.look(lambda uow: uow.holds.count()) == 1


def test_a_reason_is_needed(walk: Walk) -> None:
    with pytest.raises(Invalid) as refused:
        stop(walk, reason=" ")
    assert refused.value.field == "reason"


@pytest.mark.parametrize("role", [Role.STOCK, Role.AUDITOR])
def test_only_some_roles_stop(walk: Walk, role: Role) -> None:
    with pytest.raises(Denied):
        stop(walk, walk.colleague(role))
    assert walk.token("SN-00").holds == frozenset()


def test_the_member_cannot_lift_it(walk: Walk) -> None:
    report = walk.report()
    stop(walk)
    walk.prove(Act.LIFT_LOSS, report_id=report.id)
    assert walk.lift(report, shown("SN-00", walk.now)) is Verdict.ON_HOLD
    assert walk.token("SN-00").holds == {Hold.LOST, Hold.SUSPENDED}
