"""Somebody outside has said who it was: their word is checked, compared with the member, taken once, and the proof passes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from otpward.clerk.proofs import pass_proof
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Moved, NotFound, Taken, Unavailable
from otpward.core.ids import InstitutionId, ProofId
from otpward.core.lifecycle.others import ProofEvent, ProofState, advance_proof
from otpward.core.model.evidence import Evidence
from otpward.core.model.kept_evidence import KeptEvidence
from otpward.core.model.member import Member
from otpward.core.model.proof import Proof
from otpward.core.policy.contacts import phone_is_young
from otpward.core.policy.matching import Known, claims_behind, match, phone_behind
from otpward.core.secret import NOTHING
from otpward.ports.desk import Desk, House
from otpward.ports.prover import Prover, Refusal, Refused
from otpward.ports.vault import Print
from otpward.services.prove_identity.begin_service import Underway, underway

_TRIES: Final = 5
"""Words that were not the provider's, or of a kind not taken. The proof stays, lest a junk link end it for the member."""
_LOOKS: Final = 120
"""One in five seconds: so often a push is asked about, and no more."""
_CLOCKS_APART: Final = timedelta(minutes=5)
_LONGEST_TX: Final = 200


class ServiceAnswer(StrEnum):
    """What became of it. After `NOT_YET` and `TRY_AGAIN` the proof still runs; `FAILED` does not say why."""

    PASSED = "passed"
    NOT_YET = "not_yet"
    TRY_AGAIN = "try_again"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"
    OVER = "over"
    """It was over before: nothing is completed twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteService:
    """What the browser that began it brought back; not to be believed."""

    institution_id: InstitutionId
    proof_id: ProofId
    browser: bytes
    callback: Mapping[str, str]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """The answer, the proof as it stands now, and the purpose it was begun with."""

    answer: ServiceAnswer
    proof: Proof
    purpose: str = ""


def complete_service(ask: CompleteService, *, house: House, prover: Prover) -> Completed:
    """Ask the prover, between two transactions, and judge what it says.

    The proof passes if the evidence is genuine, new, and of the member whom it was begun for. Everything else is refused and
    written down with its reason; outside one refusal looks like another.

    Raises:
        NotFound: no such proof in this browser, or it is another prover's.
        Unavailable: the prover does not answer; the proof still runs.
    """
    proof = house.look(ask.institution_id, lambda uow: uow.proofs.first(id=ask.proof_id))
    if proof is None or proof.browser != ask.browser or not proof.provider:
        raise NotFound("no such proof in this browser")
    going = underway(proof)
    if proof.state is not ProofState.STARTED or not proof.kept:
        return Completed(answer=ServiceAnswer.OVER, proof=proof, purpose=going.purpose)
    said: Evidence | Refused
    if house.clock.now() >= proof.expires_at:
        said = Refused(why=Refusal.EXPIRED)
    else:
        try:
            said = prover.complete(going.kept, ask.callback, now=house.clock.now())
        except Unavailable:
            house.do(ask.institution_id, lambda desk: _note_silence(proof, ask, desk=desk))
            raise
    answer, judged = house.do(ask.institution_id, lambda desk: _judge(proof, said, ask, going, desk=desk))
    return Completed(answer=answer, proof=judged, purpose=going.purpose)


def _note_silence(proof: Proof, ask: CompleteService, *, desk: Desk) -> None:
    with desk.uow as uow:
        _write(AuditEvent.PROOF_FAILED, proof, ask, desk=desk, result="unavailable")
        uow.commit()


def _judge(
    seen: Proof, said: Evidence | Refused, ask: CompleteService, going: Underway, *, desk: Desk
) -> tuple[ServiceAnswer, Proof]:
    with desk.uow as uow:
        proof = uow.proofs.get(seen.id)
        if proof.state is not ProofState.STARTED or proof.kept != seen.kept:
            return ServiceAnswer.OVER, proof
        if isinstance(said, Refused):
            answer, judged = _refuse(proof, said, ask, typed=going.code, desk=desk)
        else:
            answer, judged = _weigh(proof, said, ask, going, desk=desk)
        uow.commit()
    return answer, judged


_ENDINGS: Final = {
    Refusal.CANCELLED: (ServiceAnswer.CANCELLED, ProofEvent.CANCEL),
    Refusal.EXPIRED: (ServiceAnswer.EXPIRED, ProofEvent.EXPIRE),
    Refusal.FAILED: (ServiceAnswer.FAILED, ProofEvent.FAIL),
}


def _refuse(proof: Proof, said: Refused, ask: CompleteService, *, typed: bool, desk: Desk) -> tuple[ServiceAnswer, Proof]:
    """A refusal ends the proof, or costs a look or a try; a code that was typed wrong is a try. A forged answer to a typed code
    ends it too: no junk link brought that, and the same code brings the same answer again."""
    detail = {"why": said.detail[:200]} if said.detail else {}
    ending = Refusal.FAILED if typed and said.why is Refusal.FORGED else said.why
    if ending in _ENDINGS:
        answer, event = _ENDINGS[ending]
        ended = _end(proof, event, desk=desk)
    elif said.why is Refusal.NOT_YET and not typed:
        if proof.sends + 1 < _LOOKS:
            return ServiceAnswer.NOT_YET, desk.uow.proofs.save(replace(proof, sends=proof.sends + 1))
        answer, ended = ServiceAnswer.FAILED, _end(proof, ProofEvent.FAIL, desk=desk)
    elif proof.tries + 1 < _TRIES:
        answer, ended = ServiceAnswer.TRY_AGAIN, desk.uow.proofs.save(replace(proof, tries=proof.tries + 1))
    else:
        answer, ended = ServiceAnswer.FAILED, _end(replace(proof, tries=proof.tries + 1), ProofEvent.FAIL, desk=desk)
    _write(AuditEvent.PROOF_FAILED, ended, ask, desk=desk, result=said.why, **detail)
    return answer, ended


def _weigh(
    proof: Proof, evidence: Evidence, ask: CompleteService, going: Underway, *, desk: Desk
) -> tuple[ServiceAnswer, Proof]:
    """Genuine evidence: is it new, is it for this proof, is it of the member?"""
    uow, tx = desk.uow, evidence.provider_tx
    detail = {"provider_tx": tx[:_LONGEST_TX]}
    fault = _fault(proof, evidence, desk=desk)
    if fault:
        failed = _end(proof, ProofEvent.FAIL, desk=desk)
        _write(AuditEvent.PROOF_FAILED, failed, ask, desk=desk, result=fault, **detail)
        return ServiceAnswer.FAILED, failed
    member = None if proof.member_id is None else uow.members.first(id=proof.member_id)
    ci = desk.vault.fingerprint(Print.CI, evidence.ci.reveal()) if evidence.ci else None
    subject = desk.vault.fingerprint(Print.SUBJECT, evidence.provider, evidence.subject.reveal()) if evidence.subject else None
    verdict = match(evidence, member, _known(member, ci, subject, going, desk=desk))
    kept = KeptEvidence(
        id=desk.new_id(),
        institution_id=proof.institution_id,
        proof_id=proof.id,
        member_id=proof.member_id if verdict.matched else None,
        method=evidence.method,
        provider=evidence.provider,
        provider_tx=tx,
        matched=verdict.matched,
        level=evidence.level,
        claims=claims_behind(verdict, evidence),
        at=evidence.verified_at,
        raw_hash=evidence.raw_hash,
        ci_print=ci if verdict.matched else None,
        subject_print=subject if verdict.matched else None,
    )
    try:
        uow.evidence.add(kept)
    except Taken:  # the same word was filed at the same moment: done again, this finds it
        raise Moved("this evidence was taken meanwhile") from None
    if member is None or not verdict.matched:
        failed = _end(proof, ProofEvent.FAIL, desk=desk)
        _write(AuditEvent.PROOF_FAILED, failed, ask, desk=desk, result=verdict, **detail)
        return ServiceAnswer.FAILED, failed
    # Saved in any case: it collides with a report of a lost phone at the same moment.
    uow.members.save(replace(member, ci_print=member.ci_print if member.ci_print is not None else ci))
    passed = uow.proofs.save(pass_proof(proof, level=evidence.level, phone_tail=phone_behind(evidence, member), desk=desk))
    _write(AuditEvent.PROOF_PASSED, passed, ask, desk=desk, result=verdict, **detail)
    return ServiceAnswer.PASSED, passed


def _fault(proof: Proof, evidence: Evidence, *, desk: Desk) -> str:
    """What is wrong with evidence that is genuine; nothing, if it may be compared."""
    tx = evidence.provider_tx
    if not tx or len(tx) > _LONGEST_TX or evidence.method is not proof.method:
        return "other_kind"
    if desk.uow.evidence.first(provider=evidence.provider, provider_tx=tx) is not None:
        return "replayed"
    if not _about(evidence.verified_at, since=proof.started_at, until=desk.now):
        return "stale"
    return ""


def _about(at: datetime, *, since: datetime, until: datetime) -> bool:
    return since - _CLOCKS_APART <= at <= until + _CLOCKS_APART


def _known(member: Member | None, ci: bytes | None, subject: bytes | None, going: Underway, *, desk: Desk) -> Known:
    if member is None:
        return Known()
    under = desk.uow.members.find(ci_print=ci) if ci is not None else []
    before = desk.uow.evidence.first(member_id=member.id, subject_print=subject, matched=True) if subject is not None else None
    return Known(
        ci_print=ci,
        ci_elsewhere=any(one.id != member.id for one in under),
        subject=before is not None,
        vouched=going.signed_in,
        phone_young=going.unsure or phone_is_young(member, desk.now),
    )


def _end(proof: Proof, event: ProofEvent, *, desk: Desk) -> Proof:
    """The proof, over; what was kept to complete it is gone."""
    return desk.uow.proofs.save(replace(proof, state=advance_proof(proof.state, event), kept=NOTHING))


def _write(event: AuditEvent, proof: Proof, ask: CompleteService, *, desk: Desk, result: str, **detail: str) -> None:
    desk.uow.audit.append(
        event,
        proof,
        by=Actor(kind=ActorKind.STRANGER, source=ask.source),
        at=desk.now,
        institution_id=proof.institution_id,
        result=result,
        detail={"provider": proof.provider, **detail},
    )
