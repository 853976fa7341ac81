"""Five tries, ten minutes, one browser; a stranger's proof never passes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from otpward.core.errors import NotFound
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.proof import Act, Proof
from otpward.services.prove_identity.check_code import CodeAnswer
from tests.services.walk import ELSEWHERE, Walk, other_than


def fresh(walk: Walk, proof: Proof) -> Proof:
    return walk.look(lambda uow: uow.proofs.get(proof.id))


def test_the_right_code_passes_and_waits_half_an_hour_for_its_act(walk: Walk) -> None:
    proof = walk.begin(Act.APPLY)
    code = walk.send(proof)
    walk.clock.move(minutes=9)
    assert walk.check(proof, f"{code[:3]} {code[3:]}") is CodeAnswer.PASSED
    passed = fresh(walk, proof)
    assert (passed.state, passed.passed_at, passed.tries) == (ProofState.PASSED, walk.now, 0)
    assert passed.expires_at == walk.now + timedelta(minutes=30)
    assert walk.events()[-1] == "proof:passed=passed"


def test_a_proof_passes_once(walk: Walk) -> None:
    proof = walk.begin(Act.APPLY)
    code = walk.send(proof)
    walk.check(proof, code)
    assert walk.check(proof, code) is CodeAnswer.OVER


def test_the_fifth_wrong_code_ends_it(walk: Walk) -> None:
    proof = walk.begin(Act.APPLY)
    code = walk.send(proof)
    wrong = other_than(code)
    assert [walk.check(proof, wrong) for _ in range(4)] == [CodeAnswer.WRONG] * 4
    assert walk.check(proof, wrong) is CodeAnswer.OVER
    assert walk.check(proof, code) is CodeAnswer.OVER
    assert fresh(walk, proof).state is ProofState.FAILED
    assert walk.events().count("proof:failed=wrong") == 4
    assert walk.events()[-1] == "proof:failed=over"


def test_after_ten_minutes_it_is_over(walk: Walk) -> None:
    proof = walk.begin(Act.APPLY)
    code = walk.send(proof)
    walk.clock.move(minutes=10)
    assert walk.check(proof, code) is CodeAnswer.OVER
    assert fresh(walk, proof).state is ProofState.EXPIRED


def test_a_stranger_hears_the_same_and_never_passes(walk: Walk) -> None:
    proof = walk.begin(Act.APPLY, login="nobody")
    walk.send(proof)
    answers = [walk.check(proof, f"{n:06d}") for n in range(6)]
    assert answers == [CodeAnswer.WRONG] * 4 + [CodeAnswer.OVER] * 2


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "0" * 70])
def test_what_cannot_be_a_code_is_a_wrong_one(walk: Walk, typed: str) -> None:
    proof = walk.begin(Act.APPLY)
    walk.send(proof)
    assert walk.check(proof, typed) is CodeAnswer.WRONG
    assert fresh(walk, proof).tries == 1


def test_before_a_code_was_sent_none_is_right(walk: Walk) -> None:
    assert walk.check(walk.begin(Act.APPLY), "") is CodeAnswer.WRONG


def test_another_browser_does_not_find_it(walk: Walk) -> None:
    proof = walk.begin(Act.APPLY)
    code = walk.send(proof)
    with pytest.raises(NotFound):
        walk.check(replace(proof, browser=ELSEWHERE), code)
    assert fresh(walk, proof).tries == 0


def test_the_code_of_one_proof_is_good_for_no_other(walk: Walk) -> None:
    one, two = walk.begin(Act.APPLY), walk.begin(Act.LIFT_LOSS)
    code = walk.send(one)
    while (second := walk.send(two)) == code:
        walk.clock.move(seconds=31)
    assert walk.check(two, code) is CodeAnswer.WRONG
    assert walk.check(two, second) is CodeAnswer.PASSED
