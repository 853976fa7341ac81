"""A locked token is opened by who proves to be its holder; a blocked one by nobody."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from otpward.core.errors import Denied, NotFound
from otpward.core.lifecycle.others import ProofState
from otpward.core.lifecycle.token import Hold
from otpward.core.model.member import Role
from otpward.core.model.proof import FROM_AFAR, Act
from otpward.core.model.token import Token
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.policy.verification import Verdict
from otpward.services.resync.unlock_by_hand import UnlockByHand, unlock_by_hand
from otpward.services.resync.unlock_in_person import UnlockInPerson, unlock_in_person
from otpward.services.resync.unlock_token import CannotUnlock, UnlockToken, unlock_token
from tests.services.walk import ELSEWHERE, RELYING, SOURCE, Walk, other_than, shown


def lock(walk: Walk, serial: str = "SN-00") -> Token:
    """Ten wrong codes in a row."""
    for _ in range(10):
        assert walk.verify(other_than(shown(serial, walk.now)), serial=serial) is Verdict.WRONG_CODE
    assert Hold.LOCKED in walk.token(serial).holds
    return walk.token(serial)


def unlock(walk: Walk, **changes: Any) -> Token:
    ask = UnlockToken(token_id=walk.token("SN-00").id, member_id=walk.member.id, browser=walk.browser, source=SOURCE)
    return walk.do(lambda desk: unlock_token(replace(ask, **changes), desk=desk))


def in_person(walk: Walk, **changes: Any) -> Token:
    ask = UnlockInPerson(token_id=walk.token("SN-00").id, operator=walk.operator)
    return walk.do(lambda desk: unlock_in_person(replace(ask, **changes), desk=desk))


def by_hand(walk: Walk) -> Token:
    ask = UnlockByHand(token_id=walk.token("SN-00").id, by=RELYING)
    return walk.do(lambda desk: unlock_by_hand(ask, desk=desk))


def test_a_proven_member_opens_the_lock_at_once(walk: Walk) -> None:
    locked = lock(walk)
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.LOCKED
    walk.prove(Act.UNLOCK)
    opened = unlock(walk)
    assert opened == replace(locked, holds=frozenset(), failures=0, locked_until=None, version=opened.version)
    assert walk.token("SN-00") == opened
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.ACCEPTED


def test_it_is_written_down_and_told(walk: Walk) -> None:
    lock(walk)
    proof = walk.prove(Act.UNLOCK)
    unlock(walk)
    assert walk.events()[-3:] == ["proof:spent=done", "token:freed=done", "check:noted=unlocked"]
    assert walk.told("unlocked") == {("m1001", "token_unlocked", "sms"), ("m1001", "token_unlocked", "mail")}
    assert walk.look(lambda uow: uow.proofs.get(proof.id)).state is ProofState.SPENT
    (line,) = walk.look(lambda uow: uow.holds.find(hold=Hold.LOCKED))
    assert (line.lifted_at, line.lifted_by) == (walk.now, "member")


def test_failures_in_total_count_on_and_the_next_lock_is_longer(walk: Walk) -> None:
    lock(walk)
    walk.prove(Act.UNLOCK)
    assert unlock(walk).failures_total == 10
    assert walk.ask(other_than(shown("SN-00", walk.now))).tries_left == 9
    for _ in range(9):
        walk.verify(other_than(shown("SN-00", walk.now)))
    token = walk.token("SN-00")
    assert (token.failures_total, token.locked_until) == (20, walk.now + timedelta(hours=1))


def test_unlocking_in_between_wins_nobody_a_hundred_and_first_guess(walk: Walk) -> None:
    for done in range(10, 101, 10):
        assert lock(walk).failures_total == done
        walk.clock.move(hours=2)  # past the rates of phone codes, not past every lock
        walk.prove(Act.UNLOCK)
        walk.see(Act.UNLOCK)
        if done < 100:
            unlock(walk)
    assert walk.token("SN-00").holds == {Hold.LOCKED, Hold.BLOCKED}
    for act in (unlock, in_person, by_hand):
        with pytest.raises(CannotUnlock):
            act(walk)
    walk.clock.move(days=365)
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.BLOCKED


@pytest.mark.parametrize("hold", sorted(set(Hold) - {Hold.LOCKED, Hold.BLOCKED}))
def test_every_other_hold_stays(walk: Walk, hold: Hold) -> None:
    token = lock(walk)
    walk.edit(lambda uow: uow.tokens.save(replace(token, holds=token.holds | {hold})))
    walk.prove(Act.UNLOCK)
    assert unlock(walk).holds == {hold}


def test_what_is_not_locked_spends_no_proof(walk: Walk) -> None:
    proof = walk.prove(Act.UNLOCK)
    with pytest.raises(CannotUnlock):
        unlock(walk)
    assert walk.look(lambda uow: uow.proofs.get(proof.id)).state is ProofState.PASSED


@pytest.mark.parametrize("act", sorted(set(FROM_AFAR) - {Act.UNLOCK}))
def test_a_proof_for_another_act_opens_nothing(walk: Walk, act: Act) -> None:
    locked = lock(walk)
    walk.prove(act)
    with pytest.raises(ProofNeeded):
        unlock(walk)
    assert walk.token("SN-00") == locked


def test_a_proof_opens_once(walk: Walk) -> None:
    lock(walk)
    walk.prove(Act.UNLOCK)
    unlock(walk)
    lock(walk)
    with pytest.raises(ProofNeeded):
        unlock(walk)


def test_a_proof_holds_in_its_own_browser_and_for_half_an_hour(walk: Walk) -> None:
    lock(walk)
    walk.prove(Act.UNLOCK)
    with pytest.raises(ProofNeeded):
        unlock(walk, browser=ELSEWHERE)
    walk.clock.move(minutes=30)
    with pytest.raises(ProofNeeded):
        unlock(walk)


def test_the_proof_of_another_member_opens_nothing(walk: Walk) -> None:
    locked, owner = lock(walk), walk.member
    walk.member, walk.phone = walk.sample.other, walk.sample.other.phone.reveal()
    walk.prove(Act.UNLOCK)
    with pytest.raises(NotFound):
        unlock(walk)
    with pytest.raises(ProofNeeded):
        unlock(walk, member_id=owner.id)
    assert walk.token("SN-00") == locked


def test_a_phone_that_is_reported_lost_opens_nothing(walk: Walk) -> None:
    lock(walk)
    walk.prove(Act.UNLOCK)
    walk.report(phone_lost=True, browser=ELSEWHERE)
    with pytest.raises(ProofNeeded):
        unlock(walk)
    after = walk.begin(Act.UNLOCK)
    assert walk.send(after) == ""
    assert walk.token("SN-00").holds == {Hold.LOCKED, Hold.LOST}


def test_a_branch_opens_it_for_who_shows_their_papers(walk: Walk) -> None:
    lock(walk)
    walk.see(Act.UNLOCK)
    assert in_person(walk).holds == frozenset()
    assert walk.events()[-2:] == ["token:freed=done", "check:noted=unlocked"]
    assert ("m1001", "token_unlocked", "sms") in walk.told()


@pytest.mark.parametrize("act", [None, *(act for act in Act if act is not Act.UNLOCK)])
def test_without_papers_seen_for_this_a_branch_opens_nothing(walk: Walk, act: Act | None) -> None:
    lock(walk)
    if act is not None:
        walk.see(act)
    with pytest.raises(ProofNeeded):
        in_person(walk)


def test_nobody_opens_their_own_nor_without_the_role(walk: Walk) -> None:
    lock(walk)
    with pytest.raises(Denied):
        in_person(walk, operator=replace(walk.operator, member_id=walk.member.id))
    for role in (Role.HELP_DESK, Role.STOCK, Role.AUDITOR):
        with pytest.raises(Denied):
            in_person(walk, operator=replace(walk.operator, role=role))
    assert walk.token("SN-00").holds == {Hold.LOCKED}


def test_who_runs_the_server_opens_it_by_hand(walk: Walk) -> None:
    lock(walk)
    assert by_hand(walk).holds == frozenset()
    with pytest.raises(CannotUnlock):
        by_hand(walk)
