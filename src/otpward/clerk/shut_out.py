"""Whoever may be inside on the strength of something lost is put out."""

from dataclasses import replace
from uuid import UUID

from otpward.core.audit import Actor, AuditEvent
from otpward.core.ids import MemberId, ProofId
from otpward.core.lifecycle.contact_change import ChangeEvent, ChangeState, advance_change
from otpward.core.lifecycle.others import ProofEvent, ProofState, advance_proof
from otpward.core.model.member import Level
from otpward.core.model.proof import Method
from otpward.core.policy.proofs import rests_on_phone
from otpward.core.secret import NOTHING
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among

_BY_PHONE = frozenset({Method.PHONE_CODE, Method.AGENCY, Method.APP})
_VOID = {ProofState.STARTED: ProofEvent.CANCEL, ProofState.PASSED: ProofEvent.EXPIRE}


def end_sessions(
    member_id: MemberId,
    *,
    desk: Desk,
    by: Actor,
    result: str = "loss_reported",
    levels: frozenset[Level] = frozenset(Level),
    but: UUID | None = None,
) -> None:
    """Every session of the member ends, half-way ones too (ASVS V7.4.3); of these levels only, or but this one, where said."""
    for session in desk.uow.sessions.find(member_id=member_id, ended_at=None):
        if desk.now < session.ends_at and session.level in levels and session.id != but:
            ended = desk.uow.sessions.save(replace(session, ended_at=desk.now))
            desk.uow.audit.append(
                AuditEvent.SIGN_OUT, ended, by=by, at=desk.now, institution_id=ended.institution_id, result=result
            )


def void_proofs(
    member_id: MemberId,
    *,
    desk: Desk,
    by: Actor,
    result: str = "phone_lost",
    but: ProofId | None = None,
    passkeys: bool = False,
    every: bool = False,
) -> None:
    """No proof that the member's phone gave, or may be about to give, is good any more: the phone is in other hands. Nor is a
    change of a contact that such a proof may have opened. `passkeys`: it is the device itself that is gone, and the passkeys in
    it; a proof does not keep which one gave it. `every`: nor is any that was given from afar, whatever it rests on."""
    methods = _BY_PHONE | ({Method.PASSKEY} if passkeys else set())
    if every:
        methods = frozenset(Method) - {Method.IN_PERSON}
    for state, event in _VOID.items():
        for proof in desk.uow.proofs.find(member_id=member_id, method=Among(methods), state=state):
            rests = rests_on_phone(proof) or proof.method is Method.PASSKEY
            if proof.id == but or (proof.state is ProofState.PASSED and not (rests or every)):
                continue
            void = desk.uow.proofs.save(replace(proof, state=advance_proof(proof.state, event)))
            desk.uow.audit.append(
                AuditEvent.PROOF_FAILED, void, by=by, at=desk.now, institution_id=void.institution_id, result=result
            )
    void_changes(member_id, desk=desk, by=by, result=result)


def void_changes(member_id: MemberId, *, desk: Desk, by: Actor, result: str, but: UUID | None = None) -> None:
    """No change of the member's contacts that has not happened yet will happen."""
    for change in desk.uow.contact_changes.find(member_id=member_id, state=ChangeState.ASKED):
        if change.id != but:
            state = advance_change(change.state, ChangeEvent.CANCEL)
            void = desk.uow.contact_changes.save(replace(change, state=state, code=NOTHING))
            desk.uow.audit.append(
                AuditEvent.CONTACT_REFUSED, void, by=by, at=desk.now, institution_id=void.institution_id, result=result
            )
