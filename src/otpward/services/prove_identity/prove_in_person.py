"""Somebody stands at the counter with their papers, and staff write down what they saw."""

from dataclasses import dataclass, replace
from typing import ClassVar

from otpward.clerk.in_person import admit_to_counter, begin_in_person, held_by
from otpward.clerk.policy import policy_now
from otpward.clerk.proofs import pass_proof
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, Invalid, Moved, Taken
from otpward.core.ids import InstitutionId, MemberId, ProofId
from otpward.core.model.member import Member, Operator
from otpward.core.model.proof import Act, Method, Proof
from otpward.core.policy.applicants import RELATIONS, Relation, acting_for, kind_at_counter
from otpward.core.policy.combinations import LEVELS
from otpward.core.policy.notices import KST
from otpward.core.policy.papers import DATED, Paper, PapersUnfit, Seen, flaws_of
from otpward.core.policy.versions import day_of
from otpward.core.secret import NOTHING, Personal
from otpward.ports.desk import Desk


class MemberLeft(Conflict):
    """The member has left; nothing is proven for them any more."""

    code: ClassVar[str] = "member_left"


class OtherProof(Conflict):
    """The key that the form carried belongs to a proof of something else."""

    code: ClassVar[str] = "other_proof"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveInPerson:
    """Who was seen, by whom, for what, by which papers. `key` was made with the form: a second press makes no second proof.
    With `acting_as` the papers are those of somebody who acts for the member; of them no birth date is on file."""

    key: ProofId
    institution_id: InstitutionId
    member_id: MemberId
    operator: Operator
    act: Act
    seen: Seen
    acting_as: Relation | None = None


def prove_in_person(ask: ProveInPerson, *, desk: Desk) -> Proof:
    """A proof of the highest level, passed. It lies with the operator: an act at this counter spends it, or the member's
    browser takes it over. Kept are the kind of paper, what was compared and the note; no number, no day, no copy.

    Raises:
        PapersUnfit: not enough was seen.
        Invalid: nobody acts so for this member (field `acting_as`).
        MemberLeft, OtherProof: not this member any more, not this form.
        Denied, OwnPerson: not this role, or the operator's own person.
    """
    admit_to_counter(ask.operator, ask.member_id)
    with desk.uow as uow:
        member = uow.members.get(ask.member_id)
        if member.left_at is not None:
            raise MemberLeft("the member has left")
        before = uow.proofs.first(id=ask.key)
        if before is not None:
            return _same(before, ask)
        today = desk.now.astimezone(KST).date()
        if ask.acting_as is not None:
            refuse_stranger(member, ask.acting_as, desk=desk)
        flaws = flaws_of(ask.seen, today, birth_date_on_file=_by_birth_date(member, ask))
        if flaws:
            raise PapersUnfit(flaws)
        passed = pass_proof(
            begin_in_person(ask.key, ask.act, member, ask.operator, desk=desk), level=LEVELS[Method.IN_PERSON], desk=desk
        )
        passed = replace(passed, kept=Personal(ask.seen.note) if ask.seen.note else NOTHING)
        try:
            uow.proofs.add(passed)
        except Taken:  # a second press at the same moment: done again, this finds the first one's
            raise Moved("recorded meanwhile") from None
        _write(passed, Paper(ask.seen.paper), member, ask, desk=desk)
        uow.commit()
    return passed


def refuse_stranger(member: Member, acting_as: Relation, *, desk: Desk) -> None:
    """Let somebody act so only for whom the policy says that one does; raises `Invalid` (field `acting_as`)."""
    policy = policy_now(member.institution_id, uow=desk.uow, now=desk.now)
    acting = acting_for(policy.kinds[kind_at_counter(policy, member.birth_date.reveal(), day_of(desk.now))])
    if acting is None or acting_as not in RELATIONS[acting]:
        raise Invalid("nobody acts so for this member", field="acting_as")


def _by_birth_date(member: Member, ask: ProveInPerson) -> bool:
    return bool(member.birth_date) and ask.acting_as is None


def _same(before: Proof, ask: ProveInPerson) -> Proof:
    same = (before.method, before.act, before.member_id) == (Method.IN_PERSON, ask.act, ask.member_id)
    if not same or before.browser != held_by(ask.operator):
        raise OtherProof("this key is of another proof")
    return before


def _write(proof: Proof, paper: Paper, member: Member, ask: ProveInPerson, *, desk: Desk) -> None:
    compared = ["photo", "name", *(["birth_date"] if _by_birth_date(member, ask) else [])]
    told = {"act": ask.act.value, "compared": " ".join(compared), "day": DATED[paper].value}
    desk.uow.audit.append(
        AuditEvent.PROOF_PASSED,
        proof,
        by=ask.operator.actor,
        at=desk.now,
        institution_id=proof.institution_id,
        case_id=proof.case_id,
        result=paper,
        detail=told | ({"acting": ask.acting_as.value} if ask.acting_as is not None else {}),
    )
