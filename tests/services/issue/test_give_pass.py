"""A temporary pass: off unless the policy says so, each number once, in its order, and gone with the case."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from otpward.clerk.in_person import OwnPerson
from otpward.clerk.tokens import live_tokens
from otpward.core.errors import Denied
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.policy import PolicyState
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Case
from otpward.core.model.member import Role
from otpward.core.model.policy_version import PolicyVersion
from otpward.core.model.proof import Act
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.policy.verification import Verdict
from otpward.services.apply.cancel_application import CancelApplication, cancel_application
from otpward.services.issue.end_pass import EndPass, end_pass
from otpward.services.issue.give_pass import MOST_PER_CASE, GivenPass, GivePass, PassNotOffered, give_pass
from tests.services.walk import SOURCE, Walk, other_than, shown

HOURS = 48


@pytest.fixture
def waiting(walk: Walk) -> Case:
    """A case of an institution that gives passes of three numbers."""
    version = PolicyVersion(
        id=walk.house.desk(walk.inside).new_id(),
        institution_id=walk.inside,
        number=1,
        state=PolicyState.APPROVED,
        text=f"[temporary_pass]\nhours = {HOURS}\ncodes = 3\n",
        written_by=frozenset(),
        made_at=walk.now,
        effective_at=walk.now,
    )
    walk.edit(lambda uow: uow.policies.add(version))
    return walk.checking()


def give(walk: Walk, case: Case, **changes: Any) -> GivenPass:
    ask = GivePass(case_id=case.id, operator=walk.operator)
    return walk.do(lambda desk: give_pass(replace(ask, **changes), desk=desk))


def given(walk: Walk, case: Case) -> tuple[GivenPass, list[str]]:
    walk.see(Act.TEMPORARY_PASS)
    one = give(walk, case)
    return one, [code.reveal().decode() for code in one.codes]


def test_each_number_is_good_once_at_the_doors_that_verify(walk: Walk, waiting: Case) -> None:
    _one, codes = given(walk, waiting)
    assert len(codes) == len(set(codes)) == 3
    assert all(len(code) == 8 for code in codes)
    for code in codes:
        assert walk.verify(code) is Verdict.ACCEPTED
        assert walk.verify(code) is not Verdict.ACCEPTED


def test_one_that_was_skipped_is_not_good_any_more(walk: Walk, waiting: Case) -> None:
    _one, codes = given(walk, waiting)
    assert walk.verify(codes[1]) is Verdict.ACCEPTED
    assert walk.verify(codes[0]) is not Verdict.ACCEPTED
    assert walk.verify(codes[2]) is Verdict.ACCEPTED


def test_it_is_over_when_its_hours_are(walk: Walk, waiting: Case) -> None:
    one, codes = given(walk, waiting)
    walk.clock.move(hours=HOURS)
    assert walk.verify(codes[0]) is not Verdict.ACCEPTED
    assert one.given.expires_at == one.given.given_at + timedelta(hours=HOURS)


def test_it_proves_nothing_and_is_no_device_of_theirs(walk: Walk, waiting: Case) -> None:
    given(walk, waiting)
    assert [token.serial for token in walk.look(lambda uow: live_tokens(uow, walk.member.id))] == ["SN-00"]


def test_wrong_numbers_lock_it_as_any_token(walk: Walk, waiting: Case) -> None:
    one, codes = given(walk, waiting)
    serial = walk.look(lambda uow: uow.tokens.get(one.given.token_id)).serial
    for _ in range(10):
        walk.verify(other_than(codes[2]), serial=serial)
    assert walk.verify(codes[0], serial=serial) is Verdict.LOCKED


@pytest.mark.parametrize("how", ["activated", "cancelled", "lost", "taken back", "given anew"])
def test_nothing_of_it_is_good_once_it_has_ended(walk: Walk, waiting: Case, how: str) -> None:
    one, codes = given(walk, waiting)
    why = {"lost": "loss_reported", "taken back": "taken_back", "given anew": "replaced"}.get(how, "case_ended")
    match how:
        case "activated":
            case = walk.approve(walk.case(waiting.id))
            pick_up = walk.set_out(walk.reserve(case, "SN-02"))
            case = walk.register(walk.hand_over(pick_up, "SN-02"), "SN-02")
            assert walk.activate(case, shown("SN-02", walk.now)).verdict is Verdict.ACCEPTED
        case "cancelled":
            ask = CancelApplication(case_id=waiting.id, member_id=walk.member.id, source=SOURCE)
            walk.do(lambda desk: cancel_application(ask, desk=desk))
        case "lost":
            walk.report()
        case "taken back":
            for _ in range(2):
                walk.do(lambda desk: end_pass(EndPass(case_id=waiting.id, operator=walk.operator), desk=desk))
        case _:
            given(walk, waiting)
    assert walk.verify(codes[0]) is not Verdict.ACCEPTED
    ended = walk.look(lambda uow: uow.passes.get(one.given.id))
    assert (ended.ended_at, ended.ended_why) == (walk.now, why)
    assert walk.look(lambda uow: uow.tokens.get(one.given.token_id)).state is TokenState.RETIRED
    assert sum(line.startswith("pass:ended") for line in walk.events()) == 1


def test_it_is_told_and_written_down_and_its_numbers_are_kept_nowhere(walk: Walk, waiting: Case) -> None:
    _one, codes = given(walk, waiting)
    assert walk.told("pass_given") == {("m1001", "pass_given", "sms"), ("m1001", "pass_given", "mail")}
    assert "pass:given=done" in walk.events()
    kept = walk.look(lambda uow: [*uow.notices.find(), *uow.passes.find(), *uow.audit.find(limit=1000)])
    assert [row for row in kept if any(code in repr(row) for code in codes)] == []


def test_without_papers_seen_for_it_none_is_given(walk: Walk, waiting: Case) -> None:
    walk.see(Act.UNLOCK)
    with pytest.raises(ProofNeeded):
        give(walk, waiting)
    given(walk, waiting)
    with pytest.raises(ProofNeeded):
        give(walk, waiting)  # the proof was spent


def test_no_more_than_three_for_one_case(walk: Walk, waiting: Case) -> None:
    for _ in range(MOST_PER_CASE):
        given(walk, waiting)
    walk.see(Act.TEMPORARY_PASS)
    with pytest.raises(PassNotOffered):
        give(walk, waiting)
    assert walk.look(lambda uow: uow.passes.count(ended_at=None)) == 1


def test_without_a_word_of_it_in_the_policy_none_is_given(walk: Walk) -> None:
    case = walk.checking()
    walk.see(Act.TEMPORARY_PASS)
    with pytest.raises(PassNotOffered):
        give(walk, case)


def test_who_has_sent_nothing_waits_for_nothing(walk: Walk, waiting: Case) -> None:
    walk.edit(lambda uow: uow.cases.save(replace(walk.case(waiting.id), state=CaseState.DRAFT)))
    walk.see(Act.TEMPORARY_PASS)
    with pytest.raises(PassNotOffered):
        give(walk, waiting)


@pytest.mark.parametrize("role", [Role.HELP_DESK, Role.STOCK, Role.AUDITOR])
def test_only_a_counter_gives_one_and_nobody_their_own(walk: Walk, waiting: Case, role: Role) -> None:
    with pytest.raises(Denied):
        give(walk, waiting, operator=walk.colleague(role))
    with pytest.raises(OwnPerson):
        give(walk, waiting, operator=replace(walk.operator, member_id=walk.member.id))


def test_a_pass_and_the_end_of_its_case_meet_on_the_case(walk: Walk, waiting: Case) -> None:
    given(walk, waiting)
    assert walk.look(lambda uow: uow.cases.get(waiting.id)).version > waiting.version
