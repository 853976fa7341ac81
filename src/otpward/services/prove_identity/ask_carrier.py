"""Before a phone proves anything, its carrier is asked whether the SIM was changed."""

from datetime import timedelta

from otpward.clerk.phones import note_signal
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Unavailable
from otpward.core.ids import InstitutionId, MemberId, ProofId
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.contact_change import SignalKind
from otpward.core.model.member import Member
from otpward.core.model.proof import Act
from otpward.core.policy.contacts import phone_known_since
from otpward.core.policy.proofs import phone_bar
from otpward.ports.desk import Desk, House
from otpward.ports.phone_risk import SimGuard

_BY = Actor(kind=ActorKind.SYSTEM, source="carrier")
_LEAST = timedelta(hours=1)
"""The shortest time that can be asked about. Of a number that was changed, or seen with papers, since then, more than that is
known."""


def ask_carrier(institution_id: InstitutionId, proof_id: ProofId, *, house: House, guard: SimGuard) -> bool:
    """Whether the phone may be let prove. A changed SIM is written down, and holds the phone back whatever this says.

    The carrier is asked between two transactions, never inside one. Of a stranger's proof, or one whose phone proves nothing
    anyway, it is asked about the institution's own number, and what it says is of no account.
    """
    now = house.clock.now()
    proof = house.look(institution_id, lambda uow: uow.proofs.first(id=proof_id, state=ProofState.STARTED))
    if proof is None:
        return True
    key = proof.member_id
    member = None if key is None else house.look(institution_id, lambda uow: uow.members.first(id=key))
    asked = member if member is not None and member.phone and phone_bar(member, now) is None else None
    since = None if asked is None else phone_known_since(asked)
    within = guard.within if since is None else min(guard.within, now - since)
    if asked is not None and within < _LEAST:
        asked, within = None, guard.within
    try:
        changed = guard.risk.sim_changed(guard.decoy if asked is None else asked.phone, within=within)
    except Unavailable:
        lets_through = not guard.refuses or proof.act is Act.FOLLOW
        if asked is not None:
            member_id, result = asked.id, "let_through" if lets_through else "unavailable"
            house.do(institution_id, lambda desk: _note_silence(member_id, result, desk=desk))
        return lets_through or asked is None
    if asked is not None and changed:
        seen = asked
        house.do(institution_id, lambda desk: _note_change(seen, proof_id, desk=desk))
    return True


def _note_change(seen: Member, proof_id: ProofId, *, desk: Desk) -> None:
    with desk.uow as uow:
        member = uow.members.get(seen.id)
        if member.phone == seen.phone and phone_bar(member, desk.now) is None:
            note_signal(member, SignalKind.SIM_CHANGED, desk.now, told_by="sim_swap", desk=desk, by=_BY, but=proof_id)
            uow.commit()


def _note_silence(member_id: MemberId, result: str, *, desk: Desk) -> None:
    with desk.uow as uow:
        member = uow.members.get(member_id)
        uow.audit.append(
            AuditEvent.PHONE_CHECKED, member, by=_BY, at=desk.now, institution_id=member.institution_id, result=result
        )
        uow.commit()
