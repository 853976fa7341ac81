"""What is not used rests, and wakes for its holder alone."""

from datetime import timedelta
from typing import Any

import pytest

from otpward.core.errors import NotFound
from otpward.core.lifecycle.token import Hold
from otpward.core.model.proof import Act
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.policy.verification import Verdict
from otpward.services.health.rest_unused import rest_unused
from otpward.services.health.wake_token import NotAtRest, WakeToken, wake_token
from tests.services.health.looking_after import used
from tests.services.walk import SOURCE, Walk, other_than, shown


def rest(walk: Walk) -> int:
    return rest_unused(walk.inside, house=walk.house)


def wake(walk: Walk, code: str, **changes: Any) -> Verdict:
    ask = {"token_id": walk.token("SN-00").id, "member_id": walk.member.id, "browser": walk.browser, "source": SOURCE}
    return walk.do(lambda desk: wake_token(WakeToken(**{**ask, "code": code, **changes}), desk=desk))


@pytest.fixture
def resting(walk: Walk) -> Walk:
    used(walk, "SN-00", walk.now - timedelta(days=366))
    assert rest(walk) == 1
    return walk


def test_after_twelve_months_it_is_stopped_and_told_once(resting: Walk) -> None:
    assert resting.token("SN-00").holds == {Hold.DORMANT}
    assert resting.verify(shown("SN-00", resting.now)) is Verdict.ON_HOLD
    assert resting.told("rests") == {("m1001", "token_rests", "sms"), ("m1001", "token_rests", "mail")}
    assert rest(resting) == 0


def test_what_was_used_is_left_alone(walk: Walk) -> None:
    used(walk, "SN-00", walk.now - timedelta(days=360))
    assert rest(walk) == 0


def test_its_holder_wakes_it_with_a_proof_and_a_number(resting: Walk) -> None:
    resting.prove(Act.UNLOCK)
    assert wake(resting, other_than(shown("SN-00", resting.now))) is Verdict.WRONG_CODE
    assert wake(resting, shown("SN-00", resting.now)) is Verdict.ACCEPTED
    assert resting.token("SN-00").holds == frozenset()
    resting.clock.move(minutes=2)
    assert resting.verify(shown("SN-00", resting.now)) is Verdict.ACCEPTED
    assert rest(resting) == 0
    with pytest.raises(NotAtRest):
        wake(resting, "123456")


def test_a_number_alone_does_not(resting: Walk) -> None:
    with pytest.raises(ProofNeeded):
        wake(resting, shown("SN-00", resting.now))
    assert resting.token("SN-00").high_water == -1


def test_nor_somebody_else(resting: Walk) -> None:
    with pytest.raises(NotFound):
        wake(resting, shown("SN-00", resting.now), member_id=resting.sample.other.id)


def test_a_loss_goes_on_standing_in_the_way(resting: Walk) -> None:
    resting.prove(Act.UNLOCK)
    resting.report()
    assert wake(resting, shown("SN-00", resting.now)) is Verdict.ON_HOLD
    assert resting.token("SN-00").holds == {Hold.DORMANT, Hold.LOST}
