"""The phone code is typed: the proof passes, or a try is gone."""

from dataclasses import dataclass, replace
from enum import StrEnum
from hmac import compare_digest

from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import NotFound
from otpward.core.ids import ProofId
from otpward.core.lifecycle.others import ProofEvent, ProofState, advance_proof
from otpward.core.model.proof import Proof
from otpward.core.oath.typed_code import normalise_code
from otpward.core.policy.rates import CODE_DIGITS, CODE_TRIES, PROOF_LIFE
from otpward.ports.desk import Desk
from otpward.ports.vault import Print


class CodeAnswer(StrEnum):
    """What became of it. `WRONG` may be tried again; `OVER` needs a new proof."""

    PASSED = "passed"
    WRONG = "wrong"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCode:
    """A typed phone code, in the browser that began the proof."""

    proof_id: ProofId
    browser: bytes
    code: str
    source: str


def check_code(ask: CheckCode, *, desk: Desk) -> tuple[CodeAnswer, Proof]:
    """Judge the code against every one that was sent for this proof. Five wrong ones end it.

    Raises:
        NotFound: no proof of this browser.
    """
    with desk.uow as uow:
        proof = uow.proofs.get(ask.proof_id)
        if proof.browser != ask.browser:
            raise NotFound("no such proof in this browser")
        if proof.state is not ProofState.STARTED:
            return CodeAnswer.OVER, proof
        answer, event = _judge(proof, ask.code, desk=desk)
        tries = proof.tries if answer is CodeAnswer.PASSED else proof.tries + 1
        changed = replace(proof, tries=tries, state=proof.state if event is None else advance_proof(proof.state, event))
        if answer is CodeAnswer.PASSED:
            changed = replace(changed, passed_at=desk.now, expires_at=desk.now + PROOF_LIFE)
        saved = uow.proofs.save(changed)
        written = AuditEvent.PROOF_PASSED if answer is CodeAnswer.PASSED else AuditEvent.PROOF_FAILED
        by = Actor(kind=ActorKind.STRANGER, source=ask.source)
        uow.audit.append(written, saved, by=by, at=desk.now, institution_id=saved.institution_id, result=answer)
        uow.commit()
    return answer, saved


def _judge(proof: Proof, typed: str, *, desk: Desk) -> tuple[CodeAnswer, ProofEvent | None]:
    if desk.now >= proof.expires_at:
        return CodeAnswer.OVER, ProofEvent.EXPIRE
    code = normalise_code(typed, CODE_DIGITS) or ""
    digest = desk.vault.fingerprint(Print.PHONE_CODE, str(proof.id), code)
    sent = desk.uow.phone_codes.find(proof_id=proof.id)
    right = any(compare_digest(digest, one.digest) for one in sent)
    if proof.member_id is not None and right and desk.uow.members.get(proof.member_id).phone_lost_at is None:
        return CodeAnswer.PASSED, ProofEvent.PASS
    if proof.tries + 1 >= CODE_TRIES:
        return CodeAnswer.OVER, ProofEvent.FAIL
    return CodeAnswer.WRONG, None
