"""Somebody is seen with their papers: what must be looked at, who may look, and what is written down."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from otpward.clerk.in_person import OwnPerson
from otpward.core.errors import Denied, NotFound
from otpward.core.ids import MemberId
from otpward.core.lifecycle.others import ProofState
from otpward.core.lifecycle.token import Hold
from otpward.core.model.member import Member, Role
from otpward.core.model.proof import Act, Assurance, Method
from otpward.core.policy.papers import Flaw, PapersUnfit
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.secret import NOTHING
from otpward.services.prove_identity.find_in_person import find_in_person
from otpward.services.prove_identity.prove_in_person import MemberLeft, OtherProof
from otpward.services.prove_identity.trust_phone import TrustPhone, trust_phone
from otpward.services.report_loss.lift_hold import LiftHold, lift_hold
from otpward.services.resync.unlock_in_person import UnlockInPerson, unlock_in_person
from tests.fakes.sample import make_sample
from tests.services.walk import SEEN, Walk

TODAY = date(2026, 11, 24)
"""In Korea, once the sample's clock was moved to 16:00 UTC of the day before."""


def leave(walk: Walk) -> None:
    walk.edit(lambda uow: uow.members.save(replace(uow.members.get(walk.member.id), left_at=walk.now)))


def test_a_proof_of_the_highest_level_lies_with_the_operator_for_ten_minutes(walk: Walk) -> None:
    proof = walk.see(Act.UNLOCK, seen=replace(SEEN, note="came with her daughter"))
    assert (proof.method, proof.level, proof.state) == (Method.IN_PERSON, Assurance.HIGH, ProofState.PASSED)
    assert (proof.act, proof.member_id) == (Act.UNLOCK, walk.member.id)
    assert (proof.expires_at - walk.now).total_seconds() == 600
    assert proof.kept.reveal() == "came with her daughter"
    found = walk.look(lambda uow: find_in_person(Act.UNLOCK, walk.member.id, walk.operator, uow=uow, now=walk.now))
    assert found is not None
    assert found.id == proof.id


def test_the_audit_says_what_was_seen_and_no_number_or_day_of_it(walk: Walk) -> None:
    walk.see(Act.APPLY, seen=replace(SEEN, note="a note"))
    line = walk.look(lambda uow: uow.audit.find(limit=1))[0]
    assert (line.event, line.result, line.actor_id) == ("proof:passed", "passport", walk.operator.member_id)
    assert line.detail == {"act": "apply", "compared": "photo name birth_date", "day": "valid_until"}


def test_for_an_application_that_is_being_written_it_is_for_that_one(walk: Walk) -> None:
    case = walk.start()
    assert walk.see(Act.APPLY).case_id == case.id


@pytest.mark.parametrize(
    ("changes", "flaws"),
    [
        pytest.param({"paper": "library card"}, {"paper": Flaw.NO_PAPER}, id="a paper that is none"),
        pytest.param({"day": None}, {"day": Flaw.NO_DAY}, id="no day read"),
        pytest.param({"day": date(2026, 11, 23)}, {"day": Flaw.EXPIRED}, id="expired yesterday"),
        pytest.param({"day": date(2036, 11, 25)}, {"day": Flaw.TOO_FAR}, id="longer than any is issued for"),
        pytest.param({"paper": "resident_card"}, {"day": Flaw.NOT_YET}, id="issued in the future"),
        pytest.param({"photo": False}, {"photo": Flaw.NOT_COMPARED}, id="photo not compared"),
        pytest.param({"name": False}, {"name": Flaw.NOT_COMPARED}, id="name not compared"),
        pytest.param({"birth_date": False}, {"birth_date": Flaw.NOT_COMPARED}, id="birth date not compared"),
        pytest.param({"note": "M 1234 5678"}, {"note": Flaw.NUMBER_IN_NOTE}, id="a number in the note"),
        pytest.param({"note": "n" * 201}, {"note": Flaw.NOTE_TOO_LONG}, id="a long note"),
        pytest.param(
            {"paper": "", "photo": False, "name": False},
            {"paper": Flaw.NO_PAPER, "photo": Flaw.NOT_COMPARED, "name": Flaw.NOT_COMPARED},
            id="several at once, in the order of the page",
        ),
    ],
)
def test_what_was_not_looked_at_proves_nothing(walk: Walk, changes: dict[str, Any], flaws: dict[str, Flaw]) -> None:
    walk.clock.move(hours=13)
    with pytest.raises(PapersUnfit) as refused:
        walk.see(seen=replace(SEEN, **changes))
    assert list(refused.value.flaws.items()) == list(flaws.items())
    assert walk.look(lambda uow: uow.proofs.count()) == 0


@pytest.mark.parametrize(
    ("paper", "day"),
    [
        ("passport", TODAY),
        ("driver_license", date(2036, 11, 24)),
        ("alien_registration_card", date(2027, 1, 1)),
        ("resident_card", TODAY),
        ("resident_card", date(1999, 9, 1)),
    ],
)
def test_a_paper_is_good_through_its_last_day_and_a_resident_card_has_none(walk: Walk, paper: str, day: date) -> None:
    walk.clock.move(hours=13)
    assert walk.see(seen=replace(SEEN, paper=paper, day=day)).state is ProofState.PASSED


def test_a_birth_date_that_is_not_on_file_cannot_be_compared(walk: Walk) -> None:
    walk.edit(lambda uow: uow.members.save(replace(uow.members.get(walk.member.id), birth_date=NOTHING)))
    walk.see(seen=replace(SEEN, birth_date=False))
    assert walk.look(lambda uow: uow.audit.find(limit=1))[0].detail["compared"] == "photo name"


def test_nobody_proves_their_own_person(walk: Walk) -> None:
    with pytest.raises(OwnPerson):
        walk.see(member_id=walk.operator.member_id)


@pytest.mark.parametrize("role", [Role.HELP_DESK, Role.STOCK, Role.AUDITOR])
def test_only_the_counter_sees_papers(walk: Walk, role: Role) -> None:
    with pytest.raises(Denied):
        walk.see(operator=walk.colleague(role))
    assert walk.look(lambda uow: uow.proofs.count()) == 0


def test_a_member_of_another_institution_is_not_found_here(walk: Walk) -> None:
    elsewhere: Member = make_sample(walk.house, code="other").member
    with pytest.raises(NotFound):
        walk.see(member_id=elsewhere.id)


def test_nothing_is_proven_for_who_has_left(walk: Walk) -> None:
    leave(walk)
    with pytest.raises(MemberLeft):
        walk.see()


def test_a_second_press_makes_no_second_proof(walk: Walk) -> None:
    first = walk.see()
    assert walk.see(key=first.id).id == first.id
    assert walk.look(lambda uow: uow.proofs.count()) == 1
    assert walk.events().count("proof:passed=passport") == 1
    elsewhere = replace(walk.operator, member_id=MemberId(walk.inside))
    others: list[dict[str, Any]] = [{"act": Act.UNLOCK}, {"member_id": walk.sample.other.id}, {"operator": elsewhere}]
    for changes in others:
        with pytest.raises(OtherProof):
            walk.see(key=first.id, **changes)


UNLOCK, LIFT, TRUST = (
    lambda walk, who: UnlockInPerson(token_id=walk.token("SN-00").id, operator=who),
    lambda walk, who: LiftHold(token_id=walk.token("SN-00").id, hold=Hold.LOST, operator=who),
    lambda walk, who: TrustPhone(member_id=walk.member.id, operator=who),
)
ACTS: dict[Act, Any] = {
    Act.UNLOCK: (unlock_in_person, UNLOCK),
    Act.LIFT_LOSS: (lift_hold, LIFT),
    Act.CHANGE_CONTACT: (trust_phone, TRUST),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("why", ["another act", "another operator", "too late", "used", "of another member"])
def test_a_proof_is_for_one_act_by_one_operator_once_and_soon(walk: Walk, act: Act, why: str) -> None:
    walk.report(phone_lost=True)
    for _ in range(10):
        walk.verify("000000", serial="SN-00")
    do, ask = ACTS[act]
    who, member_id = walk.operator, walk.member.id
    if why == "another act":
        walk.see(next(one for one in Act if one is not act))
    elif why == "of another member":
        walk.see(act, member_id=MemberId(walk.sample.other.id))
    else:
        proof = walk.see(act, member_id=member_id)
        if why == "another operator":
            who = walk.colleague()
        elif why == "too late":
            walk.clock.move(minutes=10)
        else:
            spent = replace(walk.look(lambda uow: uow.proofs.get(proof.id)), state=ProofState.SPENT)
            walk.edit(lambda uow: uow.proofs.save(spent))
    with pytest.raises(ProofNeeded):
        walk.do(lambda desk: do(ask(walk, who), desk=desk))
