"""A passed proof opens a session, in its own browser, in time."""

import pytest

from otpward.core.errors import Denied
from otpward.core.ids import ProofId
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.member import Area, Level
from otpward.core.model.proof import FROM_AFAR, Act, Proof
from otpward.services.sign_in.sit_down_proven import sit_down_proven
from tests.services.sign_in.sitting import level, seat
from tests.services.walk import ELSEWHERE, HERE, Walk


def sit(walk: Walk, proof: Proof, browser: bytes = HERE) -> str:
    return walk.do(lambda desk: sit_down_proven(walk.inside, browser, proof.id, desk=desk))


@pytest.mark.parametrize("act", FROM_AFAR)
def test_a_passed_proof_opens_a_session(walk: Walk, act: Act) -> None:
    secret = sit(walk, walk.prove(act))
    found = seat(walk, secret)
    assert found is not None
    assert (found.member.id, level(walk, secret)) == (walk.member.id, Level.PROVEN)
    assert seat(walk, secret, Area.CONSOLE) is None
    assert walk.events()[-1] == "sign_in:passed=proven"


def test_a_proof_only_to_follow_is_spent_by_it(walk: Walk) -> None:
    proof = walk.prove(Act.FOLLOW)
    sit(walk, proof)
    assert walk.look(lambda uow: uow.proofs.get(proof.id)).state is ProofState.SPENT
    with pytest.raises(Denied):
        sit(walk, proof)


def test_a_proof_for_an_act_waits_for_that_act(walk: Walk) -> None:
    proof = walk.prove(Act.APPLY)
    sit(walk, proof)
    walk.submit(walk.fill_in(walk.start()))
    with pytest.raises(Denied):
        sit(walk, proof)


def test_another_browser_does_not_sit_down(walk: Walk) -> None:
    proof = walk.prove(Act.FOLLOW)
    with pytest.raises(Denied):
        sit(walk, proof, ELSEWHERE)


def test_an_old_proof_opens_nothing(walk: Walk) -> None:
    proof = walk.prove(Act.APPLY)
    walk.clock.move(minutes=30)
    with pytest.raises(Denied):
        sit(walk, proof)


def test_what_has_not_passed_opens_nothing(walk: Walk) -> None:
    started, stranger = walk.begin(Act.FOLLOW), walk.begin(Act.FOLLOW, login="nobody")
    for proof in (started, stranger):
        with pytest.raises(Denied):
            sit(walk, proof)
    with pytest.raises(Denied):
        walk.do(lambda desk: sit_down_proven(walk.inside, HERE, ProofId(desk.new_id()), desk=desk))


def test_it_lasts_an_hour(walk: Walk) -> None:
    secret = sit(walk, walk.prove(Act.FOLLOW))
    walk.clock.move(minutes=59)
    assert seat(walk, secret) is not None
    walk.clock.move(minutes=1)
    assert seat(walk, secret) is None
