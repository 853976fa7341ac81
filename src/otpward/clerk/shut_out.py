"""Whoever may be inside on the strength of something lost is put out."""

from dataclasses import replace

from otpward.core.audit import Actor, AuditEvent
from otpward.core.ids import MemberId
from otpward.core.lifecycle.others import ProofEvent, ProofState, advance_proof
from otpward.core.model.proof import Method
from otpward.core.policy.proofs import rests_on_phone
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among

_BY_PHONE = frozenset({Method.PHONE_CODE, Method.AGENCY, Method.APP})
_VOID = {ProofState.STARTED: ProofEvent.CANCEL, ProofState.PASSED: ProofEvent.EXPIRE}


def end_sessions(member_id: MemberId, *, desk: Desk, by: Actor) -> None:
    """Every session of the member ends, half-way ones too (ASVS V7.4.3)."""
    for session in desk.uow.sessions.find(member_id=member_id, ended_at=None):
        if desk.now < session.ends_at:
            ended = desk.uow.sessions.save(replace(session, ended_at=desk.now))
            desk.uow.audit.append(
                AuditEvent.SIGN_OUT, ended, by=by, at=desk.now, institution_id=ended.institution_id, result="loss_reported"
            )


def void_proofs(member_id: MemberId, *, desk: Desk, by: Actor) -> None:
    """No proof that the member's phone gave, or may be about to give, is good any more: the phone is in other hands."""
    for state, event in _VOID.items():
        for proof in desk.uow.proofs.find(member_id=member_id, method=Among(_BY_PHONE), state=state):
            if proof.state is ProofState.PASSED and not rests_on_phone(proof):
                continue
            void = desk.uow.proofs.save(replace(proof, state=advance_proof(proof.state, event)))
            desk.uow.audit.append(
                AuditEvent.PROOF_FAILED, void, by=by, at=desk.now, institution_id=void.institution_id, result="phone_lost"
            )
