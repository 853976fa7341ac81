"""Five tries, ten minutes, one browser; a stranger's proof never passes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from otpward.core.errors import NotFound
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.proof import Act, Proof
from otpward.core.policy.rates import WRONG_PHONE_CODES_PER_MEMBER, WRONG_PHONE_CODES_PER_SOURCE
from otpward.services.prove_identity.check_code import CheckCode, CodeAnswer, check_code
from tests.services.walk import ELSEWHERE, SOURCE, Walk, other_than


def fresh(walk: Walk, proof: Proof) -> Proof:
    return walk.look(lambda uow: uow.proofs.get(proof.id))


def test_the_right_code_passes_and_waits_ten_minutes_for_its_act(walk: Walk) -> None:
    proof = walk.begin(Act.APPLY)
    code = walk.send(proof)
    walk.clock.move(minutes=9)
    assert walk.check(proof, f"{code[:3]} {code[3:]}") is CodeAnswer.PASSED
    passed = fresh(walk, proof)
    assert (passed.state, passed.passed_at, passed.tries) == (ProofState.PASSED, walk.now, 0)
    assert passed.expires_at == walk.now + timedelta(minutes=10)
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


def type_code(walk: Walk, proof: Proof, code: str, source: str) -> CodeAnswer:
    ask = CheckCode(proof_id=proof.id, browser=proof.browser, code=code, source=source)
    return walk.do(lambda desk: check_code(ask, desk=desk))[0]


def guess(walk: Walk, tries: int, *, login: str = "m1001", source: str = SOURCE) -> None:
    """Wrong codes for as many proofs as it takes."""
    while tries > 0:
        proof = walk.begin(Act.APPLY, login=login, source=f"10.9.8.{tries}")
        code = other_than(walk.send(proof) or "000000")
        for _ in range(min(5, tries)):
            type_code(walk, proof, code, source)
        tries -= 5


def limits(walk: Walk) -> list[str]:
    """Which limit the last refusals met, oldest first; empty for a code that was judged."""
    lines = walk.look(lambda uow: uow.audit.find(limit=1000, event="proof:failed"))
    return [str(line.detail.get("limit", "")) for line in reversed(lines)]


def test_one_wrong_code_below_the_limit_of_a_day_the_right_one_passes(walk: Walk) -> None:
    guess(walk, 19)
    proof = walk.begin(Act.APPLY)
    assert walk.check(proof, walk.send(proof)) is CodeAnswer.PASSED
    assert limits(walk) == [""] * 19


def test_after_twenty_wrong_codes_over_all_proofs_none_is_right_and_nobody_is_told(walk: Walk) -> None:
    (rate,) = WRONG_PHONE_CODES_PER_MEMBER
    for n in range(rate.limit):
        guess(walk, 1, source=f"10.0.0.{n}")  # from everywhere
        walk.clock.move(minutes=10)
    proof = walk.begin(Act.APPLY)
    code = walk.send(proof)
    assert code != "", "nor is the sending different"
    assert [type_code(walk, proof, code, "10.0.1.1") for _ in range(6)] == [CodeAnswer.WRONG] * 4 + [CodeAnswer.OVER] * 2
    assert (fresh(walk, proof).state, fresh(walk, proof).tries) == (ProofState.FAILED, 5)
    assert limits(walk) == [""] * 20 + ["member"] * 5
    assert walk.events()[-5:] == ["proof:failed=wrong"] * 4 + ["proof:failed=over"]
    walk.clock.move(hours=24)
    later = walk.begin(Act.APPLY)
    assert walk.check(later, walk.send(later)) is CodeAnswer.PASSED


def test_what_one_member_guessed_away_costs_another_nothing(walk: Walk) -> None:
    guess(walk, 20)
    walk.member, walk.phone = walk.sample.other, walk.sample.other.phone.reveal()
    proof = walk.begin(Act.APPLY)
    assert walk.check(proof, walk.send(proof)) is CodeAnswer.PASSED


def test_a_stranger_s_guesses_are_not_counted_against_the_member_they_name(walk: Walk) -> None:
    for n in range(6):
        proof = walk.begin(Act.APPLY, phone="+821055509999", source=f"10.1.0.{n}")
        for _ in range(5):
            type_code(walk, proof, "000000", f"10.1.0.{n}")
        walk.clock.move(hours=1)
    mine = walk.begin(Act.APPLY)
    assert walk.check(mine, walk.send(mine)) is CodeAnswer.PASSED


@pytest.mark.parametrize(
    ("theirs", "mine", "answer"),
    [
        ("10.2.0.1", "10.2.0.1", CodeAnswer.WRONG),
        ("10.2.0.1", "10.2.0.2", CodeAnswer.PASSED),
        ("2001:db8::1", "2001:db8::ffff", CodeAnswer.WRONG),
        ("2001:db8::1", "2001:db8:0:1::1", CodeAnswer.PASSED),
    ],
    ids=["the same address", "another", "one customer's", "another customer's"],
)
def test_from_one_address_too_many_wrong_codes_end_in_none_being_right(
    walk: Walk, theirs: str, mine: str, answer: CodeAnswer
) -> None:
    for n in range(WRONG_PHONE_CODES_PER_SOURCE[0].limit // 5):
        guess(walk, 5, login=f"guess-{n}", source=theirs)
    proof = walk.begin(Act.APPLY)
    code = walk.send(proof)
    assert type_code(walk, proof, code, mine) is answer
    assert limits(walk)[30:] == ([] if answer is CodeAnswer.PASSED else ["source"])
    walk.clock.move(minutes=9)
    late = walk.begin(Act.APPLY)
    code = walk.send(late)
    walk.clock.move(minutes=2)
    assert type_code(walk, late, code, mine) is CodeAnswer.PASSED, "the window is over"


def test_a_code_that_came_too_late_is_no_guess(walk: Walk) -> None:
    for _ in range(25):
        proof = walk.begin(Act.APPLY)
        code = walk.send(proof)
        walk.clock.move(minutes=11)
        assert walk.check(proof, code) is CodeAnswer.OVER
    assert set(limits(walk)) == {""}
    proof = walk.begin(Act.APPLY)
    assert walk.check(proof, walk.send(proof)) is CodeAnswer.PASSED
