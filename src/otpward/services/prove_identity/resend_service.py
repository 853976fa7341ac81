"""The code of somebody outside is sent once more: not at once, not for ever, and never twice for one press."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import NotFound, TooOften, Unavailable
from otpward.core.ids import InstitutionId, ProofId
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.proof import Proof
from otpward.core.policy.rates import CODE_SENDS, RESEND_AFTER
from otpward.core.secret import Secret
from otpward.ports.desk import Desk, House
from otpward.ports.prover import Refused, Resends
from otpward.services.prove_identity.begin_service import underway


class Resent(StrEnum):
    """What became of it. After all of them the proof still runs, with the code that came before."""

    SENT = "sent"
    REFUSED = "refused"
    """The provider sends no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendService:
    """Send the code of this proof again, asked for in the browser that began it."""

    institution_id: InstitutionId
    proof_id: ProofId
    browser: bytes
    source: str


def resend_service(ask: ResendService, *, house: House, prover: Resends) -> Resent:
    """Ask the prover between two transactions. It is counted before, so that two presses send one code.

    Raises:
        NotFound: no proof of this browser that waits for a code.
        TooOften: within 30 seconds of the last, or four were sent; `until` says when.
        Unavailable: the prover does not answer.
    """
    proof = house.do(ask.institution_id, lambda desk: _count(ask, desk=desk))
    try:
        said = prover.resend(underway(proof).kept, now=house.clock.now())
    except Unavailable:
        house.do(ask.institution_id, lambda desk: _file(proof, "unavailable", ask, desk=desk))
        raise
    return house.do(ask.institution_id, lambda desk: _file(proof, said, ask, desk=desk))


def may_resend_at(proof: Proof) -> datetime | None:
    """When one more code may be asked for; None if no more is sent. The first was sent when the proof began."""
    if proof.sends + 1 >= CODE_SENDS:
        return None
    return (proof.sent_at or proof.started_at) + RESEND_AFTER


def _count(ask: ResendService, *, desk: Desk) -> Proof:
    with desk.uow as uow:
        proof = uow.proofs.first(id=ask.proof_id)
        if (
            proof is None
            or proof.browser != ask.browser
            or proof.state is not ProofState.STARTED
            or desk.now >= proof.expires_at
        ):
            raise NotFound("no running proof in this browser")
        if not underway(proof).code:
            raise NotFound("this proof waits for no code")
        at = may_resend_at(proof)
        if at is None or desk.now < at:
            raise TooOften(at or proof.expires_at)
        counted = uow.proofs.save(replace(proof, sends=proof.sends + 1, sent_at=desk.now))
        uow.commit()
    return counted


def _file(counted: Proof, said: Secret | Refused | str, ask: ResendService, *, desk: Desk) -> Resent:
    """Write down what was said, and keep what is to be kept of it."""
    sent = isinstance(said, Secret)
    with desk.uow as uow:
        proof = uow.proofs.get(counted.id)
        if isinstance(said, Secret) and proof.state is ProofState.STARTED and proof.kept:
            going = underway(proof)
            if going.kept.reveal() != said.reveal():
                proof = uow.proofs.save(replace(proof, kept=replace(going, kept=said).folded()))
        why = {"why": said.detail[:200]} if isinstance(said, Refused) and said.detail else {}
        result = "done" if sent else f"resend_{said.why if isinstance(said, Refused) else said}"
        uow.audit.append(
            AuditEvent.PROOF_CODE_SENT if sent else AuditEvent.PROOF_FAILED,
            proof,
            by=Actor(kind=ActorKind.STRANGER, source=ask.source),
            at=desk.now,
            institution_id=proof.institution_id,
            result=result,
            detail={"provider": proof.provider, **why},
        )
        uow.commit()
    return Resent.SENT if sent else Resent.REFUSED
