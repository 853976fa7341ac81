"""Whoever collects shows their papers at the counter, and staff write down what they saw."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from otpward.clerk.collecting import who_collects
from otpward.clerk.in_person import admit_to_counter, begin_in_person, held_by
from otpward.clerk.proofs import pass_proof
from otpward.core.audit import AuditEvent
from otpward.core.errors import Denied, Invalid
from otpward.core.ids import CaseId, ProofId
from otpward.core.lifecycle.case import CaseEvent, CaseState, advance
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.case import Case
from otpward.core.model.member import Member, Operator
from otpward.core.model.proof import Act, Method, Proof
from otpward.core.policy.applicants import ACTING_LETTERS, RELATIONS, Relation
from otpward.core.policy.combinations import LEVELS
from otpward.core.policy.notices import KST
from otpward.core.policy.papers import DATED, Paper, PapersUnfit, Seen, flaws_of
from otpward.core.policy.pick_ups import Who
from otpward.core.policy.rates import PROOF_LIFE
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import UnitOfWork

_COMING: Final = frozenset({CaseState.AWAITING_APPROVAL, CaseState.APPROVED, CaseState.PREPARING, CaseState.READY_TO_COLLECT})
"""Where whoever collects may stand at the counter already: a device waits, or one is found while they wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareId:
    """Who came for the device of this case, and what the operator saw of them. `name` and `relation` are of somebody who acts
    for the member and is not named in the application."""

    case_id: CaseId
    operator: Operator
    who: Who
    seen: Seen
    name: str = ""
    relation: Relation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """By which paper who was known: `name` and `acts_as` (a `Relation`) of who acts for the member, else empty."""

    paper: Paper
    acts_as: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comer:
    """Whoever stands there, as their papers should show them; `acts_as` is empty for the member, `birth_date` for others."""

    name: str
    birth_date: str = ""
    acts_as: str = ""


def compare_id(ask: CompareId, *, desk: Desk) -> Proof:
    """A proof of the highest level for collecting this one device. It lies with the operator for ten minutes; `hand_over`
    spends it. One that was recorded before is void. Kept are the kind of paper, who it was and what was compared; no number, no
    day.

    Raises:
        PapersUnfit: not enough was seen.
        Invalid: nobody like that may collect it (field `who`), or who it was is not said (`name`, `relation`).
        Denied, OwnPerson: not this role, not this branch, or the operator's own device.
        IllegalTransition: nothing is or will be there to collect.
    """
    with desk.uow as uow:
        case = uow.cases.get(ask.case_id)
        admit_to_counter(ask.operator, case.member_id)
        if None not in {ask.operator.branch_id, case.branch_id} and ask.operator.branch_id != case.branch_id:
            raise Denied("it lies at another branch")
        if case.state not in _COMING:
            advance(case.state, CaseEvent.RECEIVE)
        member = uow.members.get(case.member_id)
        comer = _comer(ask, case, member, desk=desk)
        today = desk.now.astimezone(KST).date()
        flaws = flaws_of(ask.seen, today, birth_date_on_file=bool(comer.birth_date))
        if flaws:
            raise PapersUnfit(flaws)
        for before in _waiting(case, ask.operator, uow=uow):
            uow.proofs.save(replace(before, expires_at=desk.now))
        begun = begin_in_person(ProofId(desk.new_id()), Act.COLLECT, member, ask.operator, desk=desk)
        passed = pass_proof(replace(begun, case_id=case.id), level=LEVELS[Method.IN_PERSON], desk=desk)
        noted = Personal("\n".join([ask.seen.paper, comer.acts_as, comer.name if comer.acts_as else ""]))
        kept = replace(passed, kept=noted, expires_at=desk.now + PROOF_LIFE)
        uow.proofs.add(kept)
        _write(kept, comer, ask, desk=desk)
        uow.commit()
    return kept


def compared(case: Case, operator: Operator, *, uow: UnitOfWork, now: datetime) -> Compared | None:
    """What this operator recorded for collecting this device, while it is good and not used; None otherwise."""
    proof = next((one for one in _waiting(case, operator, uow=uow) if now < one.expires_at), None)
    if proof is None:
        return None
    return recorded(proof)


def recorded(proof: Proof) -> Compared:
    """What was recorded with this proof for collecting."""
    paper, acts_as, name = proof.kept.reveal().split("\n")
    return Compared(paper=Paper(paper), acts_as=acts_as, name=name)


def _waiting(case: Case, operator: Operator, *, uow: UnitOfWork) -> list[Proof]:
    return uow.proofs.find(
        browser=held_by(operator), case_id=case.id, act=Act.COLLECT, state=ProofState.PASSED, order="-started_at"
    )


def _comer(ask: CompareId, case: Case, member: Member, *, desk: Desk) -> Comer:
    expected = who_collects(case, uow=desk.uow, now=desk.now)
    if ask.who is Who.MEMBER:
        if expected.acting is not None and not expected.member_instead:
            raise Invalid("somebody else collects it", field="who")
        return Comer(name=member.name.reveal(), birth_date=member.birth_date.reveal())
    if expected.acting is None:
        raise Invalid("nobody acts for this member", field="who")
    name = expected.name.reveal() or " ".join(ask.name.split())[:ACTING_LETTERS]
    if not name:
        raise Invalid("whose papers are they?", field="name")
    relation = expected.relation or ask.relation
    if relation not in RELATIONS[expected.acting]:
        raise Invalid("nobody acts so for this kind of applicant", field="relation")
    return Comer(name=name, acts_as=relation)


def _write(proof: Proof, comer: Comer, ask: CompareId, *, desk: Desk) -> None:
    paper = Paper(ask.seen.paper)
    looked_at = ["photo", "name", *(["birth_date"] if comer.birth_date else [])]
    told = {"act": proof.act.value, "compared": " ".join(looked_at), "day": DATED[paper].value}
    desk.uow.audit.append(
        AuditEvent.PROOF_PASSED,
        proof,
        by=ask.operator.actor,
        at=desk.now,
        institution_id=proof.institution_id,
        case_id=proof.case_id,
        result=paper,
        detail=told | ({"collector": comer.acts_as} if comer.acts_as else {}),
    )
