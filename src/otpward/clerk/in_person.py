"""A person seen with their papers: the proof lies with the operator who saw them, until an act at this counter spends it or the
member's own browser takes it over."""

from typing import ClassVar

from otpward.clerk.proofs import bind_proofs, need_of, spend_proofs
from otpward.core.errors import Denied
from otpward.core.ids import CaseId, MemberId, ProofId, TokenId
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.member import Member, Operator
from otpward.core.model.proof import Act, Method, Proof
from otpward.core.policy.proofs import Binding, ProofNeeded
from otpward.core.policy.rates import PROOF_LIFE
from otpward.core.policy.roles import Permission, require
from otpward.core.secret import NOTHING
from otpward.ports.desk import Desk


class OwnPerson(Denied):
    """Nobody compares their own face with their own papers."""

    code: ClassVar[str] = "own_person"


def held_by(operator: Operator) -> bytes:
    """In place of a browser: whom a proof lies with. No browser has it, whose number is a digest of 32 octets."""
    return b"counter:" + operator.member_id.bytes


def lies_at_counter(proof: Proof) -> bool:
    """Whether it has not gone over to a browser."""
    return proof.browser.startswith(b"counter:") and len(proof.browser) == len(b"counter:") + 16


def begin_in_person(key: ProofId, act: Act, member: Member, operator: Operator, *, desk: Desk) -> Proof:
    """A proof in person that lies with this operator, not yet passed nor filed."""
    return Proof(
        id=key,
        institution_id=member.institution_id,
        act=act,
        method=Method.IN_PERSON,
        state=ProofState.STARTED,
        browser=held_by(operator),
        phone_tail=NOTHING,
        member_id=member.id,
        started_at=desk.now,
        expires_at=desk.now + PROOF_LIFE,
    )


def admit_to_counter(operator: Operator, member_id: MemberId) -> None:
    """Let an act at the counter go on.

    Raises:
        Denied: not this role.
        OwnPerson: it is about the operator.
    """
    require(operator.role, Permission.HAND_OVER)
    if member_id == operator.member_id:
        raise OwnPerson("an operator's own person")


def spend_in_person(act: Act, member_id: MemberId, operator: Operator, *, desk: Desk, case_id: CaseId | None = None) -> Proof:
    """The proof that this operator recorded for this member and act, spent; what was recorded before there was a case is bound
    to `case_id` first.

    Raises:
        Denied, OwnPerson: not this role, or the operator's own person.
        ProofNeeded: nothing was recorded, for another act or case, or too long ago.
    """
    admit_to_counter(operator, member_id)
    member, held = desk.uow.members.get(member_id), held_by(operator)
    if case_id is not None:
        bind_proofs(case_id, member, held, desk=desk)
    binding = Binding(member=member, browser=held, case_id=case_id)
    [spent, *_] = spend_proofs(need_of(act, member, uow=desk.uow), binding, desk=desk, by=operator.actor)
    return spent


def spend_for_holder(act: Act, token_id: TokenId, operator: Operator, *, desk: Desk) -> Proof:
    """The same for whoever holds this token; raises the same, and `OwnPerson` if the operator is one of them."""
    holders = [one.member_id for one in desk.uow.registrations.find(token_id=token_id, ended_at=None)]
    for holder in holders:
        admit_to_counter(operator, holder)
    for holder in holders:
        try:
            return spend_in_person(act, holder, operator, desk=desk)
        except ProofNeeded:
            continue
    raise ProofNeeded("nobody who holds it was seen")
