"""A drifted device is set right by two consecutive codes; a stopped one is not."""

from datetime import timedelta

import pytest

from otpward.core.errors import NotFound
from otpward.core.ids import TokenId
from otpward.core.lifecycle.token import Hold
from otpward.core.model.loss import LossKind
from otpward.core.policy.verification import Examined, Verdict
from otpward.services.resync.resync import Resync, resync
from tests.services.walk import RELYING, Walk, other_than, shown


def pair(walk: Walk, first: str, second: str) -> Examined:
    ask = Resync(token_id=walk.token("SN-00").id, first=first, second=second, by=RELYING)
    return walk.do(lambda desk: resync(ask, desk=desk))


def off(walk: Walk, minutes: int) -> str:
    """What the device shows whose clock is so many minutes fast."""
    return shown("SN-00", walk.now + timedelta(minutes=minutes))


def test_a_drifted_device_is_found_stopped_and_set_right(walk: Walk) -> None:
    assert walk.verify(off(walk, 7)) is Verdict.RESYNC_NEEDED
    assert walk.token("SN-00").holds == {Hold.DRIFTED}
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.RESYNC_NEEDED
    assert pair(walk, off(walk, 8), off(walk, 9)).verdict is Verdict.ACCEPTED
    assert walk.token("SN-00").holds == frozenset()
    assert walk.events()[-2:] == ["code:accepted=accepted", "token:freed=done"]
    assert walk.look(lambda uow: uow.holds.count(lifted_at=None)) == 0
    walk.clock.move(minutes=3)
    assert walk.verify(off(walk, 8)) is Verdict.ACCEPTED  # learned


def test_both_codes_are_spent(walk: Walk) -> None:
    pair(walk, off(walk, 0), off(walk, 1))
    for minutes in (0, 1):
        assert walk.verify(off(walk, minutes)) is Verdict.REPLAYED
    assert pair(walk, off(walk, 0), off(walk, 1)).verdict is Verdict.REPLAYED


def test_a_wrong_pair_counts_as_one_failure(walk: Walk) -> None:
    examined = pair(walk, off(walk, 5), other_than(off(walk, 6)))
    assert (examined.verdict, examined.tries_left) == (Verdict.WRONG_CODE, 9)
    assert walk.events()[-1] == "code:refused=wrong_code"


@pytest.mark.parametrize("kind", list(LossKind))
def test_a_lost_device_is_not_set_right(walk: Walk, kind: LossKind) -> None:
    walk.report(kind)
    assert pair(walk, off(walk, 0), off(walk, 1)).verdict is Verdict.ON_HOLD
    assert walk.token("SN-00").high_water == -1


def test_a_locked_device_is_not_set_right(walk: Walk) -> None:
    for _ in range(10):
        walk.verify(other_than(off(walk, 0)))
    assert pair(walk, off(walk, 0), off(walk, 1)).verdict is Verdict.LOCKED


def test_an_unknown_token_is_not_found(walk: Walk) -> None:
    ask = Resync(token_id=TokenId(walk.house.desk(None).new_id()), first="1", second="2", by=RELYING)
    with pytest.raises(NotFound):
        walk.do(lambda desk: resync(ask, desk=desk))
