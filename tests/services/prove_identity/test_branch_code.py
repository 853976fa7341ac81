"""The code that the counter shows: ten minutes, once, few tries, one browser; strangers learn nothing."""

from dataclasses import replace
from typing import Any

import pytest

from otpward.core.errors import Denied, NotFound, TooOften
from otpward.core.ids import ProofId
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.member import Role
from otpward.core.model.proof import Act, Proof
from otpward.core.policy.proofs import ProofNeeded
from otpward.services.prove_identity.give_branch_code import (
    GiveBranchCode,
    NothingToGive,
    give_branch_code,
    shown_code,
)
from otpward.services.prove_identity.take_branch_code import TakeBranchCode, take_branch_code
from otpward.services.resync.unlock_in_person import UnlockInPerson, unlock_in_person
from otpward.services.sign_in.sit_down_proven import sit_down_proven
from tests.services.walk import ELSEWHERE, SOURCE, Walk


def fresh(walk: Walk, proof: Proof) -> Proof:
    return walk.look(lambda uow: uow.proofs.get(proof.id))


def give(walk: Walk, proof: Proof, **changes: Any) -> str:
    ask = replace(GiveBranchCode(proof_id=proof.id, operator=walk.operator), **changes)
    given = walk.do(lambda desk: give_branch_code(ask, desk=desk))
    return shown_code(given, now=walk.now, vault=walk.house.vault)


def take(walk: Walk, code: str, **changes: Any) -> Proof | None:
    ask = TakeBranchCode(institution_id=walk.inside, browser=walk.browser, source=SOURCE, code=code, login=walk.member.login)
    return walk.do(lambda desk: take_branch_code(replace(ask, **changes), desk=desk))


def wrong(code: str) -> str:
    return ("3" if code[0] == "2" else "2") + code[1:]


def test_the_code_takes_the_proof_to_the_members_browser_where_it_applies(walk: Walk) -> None:
    proof = walk.see(Act.APPLY)
    code = give(walk, proof)
    assert len(code) == 8
    taken = take(walk, f" {code[:4].lower()}-{code[4:]} ")
    assert taken is not None
    assert (taken.id, taken.browser, taken.act) == (proof.id, walk.browser, Act.APPLY)
    assert walk.do(lambda desk: sit_down_proven(walk.inside, walk.browser, proof.id, desk=desk))
    assert walk.submit(walk.fill_in(walk.start())).state is CaseState.SUBMITTED


def test_the_code_is_nowhere_in_the_store(walk: Walk) -> None:
    proof = walk.see()
    code = give(walk, proof)
    assert code not in repr(fresh(walk, proof))
    assert walk.look(lambda uow: uow.phone_codes.count()) == 0


def test_asked_for_again_it_is_the_same_until_it_is_too_late(walk: Walk) -> None:
    proof = walk.see(Act.FOLLOW)
    code = give(walk, proof)
    assert give(walk, proof) == code
    walk.start()
    bound = walk.see(Act.APPLY)
    first = give(walk, bound)
    walk.clock.move(minutes=10)
    assert take(walk, first) is None
    assert give(walk, bound) != first, "the proof of an open application is good for longer than a code"


def test_after_ten_minutes_it_is_no_code(walk: Walk) -> None:
    code = give(walk, walk.see(Act.UNLOCK))
    walk.clock.move(minutes=10)
    assert take(walk, code) is None


def test_it_works_once_and_a_second_press_in_that_browser_is_no_second_use(walk: Walk) -> None:
    code = give(walk, walk.see(Act.UNLOCK))
    first = take(walk, code)
    assert take(walk, code) == first
    assert take(walk, code, browser=ELSEWHERE) is None
    assert walk.events().count("proof:passed=branch") == 1


def test_what_went_over_is_no_longer_the_operators(walk: Walk) -> None:
    proof = walk.see(Act.UNLOCK)
    take(walk, give(walk, proof))
    with pytest.raises(ProofNeeded):
        walk.do(
            lambda desk: unlock_in_person(UnlockInPerson(token_id=walk.token("SN-00").id, operator=walk.operator), desk=desk)
        )
    with pytest.raises(NotFound):
        give(walk, proof)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"login": "m1002"}, id="another member's number"),
        pytest.param({"login": "nobody"}, id="a stranger's"),
        pytest.param({"login": ""}, id="none"),
        pytest.param({"code": ""}, id="no code"),
        pytest.param({"code": "2345678"}, id="too short"),
        pytest.param({"code": "9" * 200}, id="too long"),
    ],
)
def test_everything_that_is_not_it_is_the_same_nothing(walk: Walk, changes: dict[str, Any]) -> None:
    code = give(walk, walk.see())
    assert take(walk, changes.get("code", code), **{k: v for k, v in changes.items() if k != "code"}) is None
    assert take(walk, code) is not None


def test_before_a_code_was_given_none_is_right(walk: Walk) -> None:
    proof = walk.see()
    assert take(walk, "") is None
    assert take(walk, shown_code(proof, now=walk.now, vault=walk.house.vault)) is None


def test_after_five_guesses_the_code_is_void_and_staff_give_another(walk: Walk) -> None:
    proof = walk.see()
    code = give(walk, proof)
    assert [take(walk, wrong(code), source=f"10.0.0.{n}") for n in range(5)] == [None] * 5
    assert take(walk, code) is None
    assert walk.events().count("proof:failed=wrong") == 4
    assert walk.events().count("proof:failed=over") == 1
    again = give(walk, proof)
    assert again != code
    assert take(walk, again) is not None


def test_who_guesses_from_one_address_waits_whomever_they_name(walk: Walk) -> None:
    code = give(walk, walk.see())
    for n in range(30):
        assert take(walk, "22222222", login=f"nobody{n}") is None
    with pytest.raises(TooOften):
        take(walk, code)
    assert take(walk, code, source="10.0.0.9") is not None


def test_who_has_left_takes_nothing(walk: Walk) -> None:
    code = give(walk, walk.see())
    walk.edit(lambda uow: uow.members.save(replace(uow.members.get(walk.member.id), left_at=walk.now)))
    assert take(walk, code) is None


def test_a_stop_is_lifted_at_the_counter_and_gets_no_code(walk: Walk) -> None:
    with pytest.raises(NothingToGive):
        give(walk, walk.see(Act.LIFT_LOSS))


def test_too_late_nothing_is_given(walk: Walk) -> None:
    proof = walk.see()
    walk.clock.move(minutes=10)
    with pytest.raises(NothingToGive):
        give(walk, proof)


def test_only_who_saw_the_papers_gives_the_code(walk: Walk) -> None:
    proof = walk.see()
    with pytest.raises(NotFound):
        give(walk, proof, operator=walk.colleague())
    with pytest.raises(Denied):
        give(walk, proof, operator=replace(walk.operator, role=Role.HELP_DESK))
    with pytest.raises(NotFound):
        give(walk, proof, proof_id=ProofId(walk.house.desk(walk.inside).new_id()))


def test_a_members_own_proof_by_phone_is_no_proof_at_the_counter(walk: Walk) -> None:
    with pytest.raises(NotFound):
        give(walk, walk.prove(Act.APPLY))


def test_in_the_browser_too_it_is_for_its_act_alone(walk: Walk) -> None:
    take(walk, give(walk, walk.see(Act.UNLOCK)))
    case = walk.fill_in(walk.start())
    with pytest.raises(ProofNeeded):
        walk.submit(case)
