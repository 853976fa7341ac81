"""The phone code is typed: the proof passes, or a try is gone."""

from dataclasses import dataclass, replace
from enum import StrEnum
from hmac import compare_digest

from otpward.clerk.limits import count_one, is_full
from otpward.clerk.proofs import pass_proof
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import NotFound
from otpward.core.ids import ProofId
from otpward.core.lifecycle.others import ProofEvent, ProofState, advance_proof
from otpward.core.model.proof import Proof
from otpward.core.oath.typed_code import normalise_code
from otpward.core.policy.combinations import LEVELS
from otpward.core.policy.proofs import phone_bar
from otpward.core.policy.rates import (
    CODE_DIGITS,
    CODE_TRIES,
    WRONG_PHONE_CODES_PER_MEMBER,
    WRONG_PHONE_CODES_PER_SOURCE,
)
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

    Where too many were wrong lately, over all proofs of this member or from this address, no code is right any more. What
    is said stays the same; only the audit knows.

    Raises:
        NotFound: no proof of this browser.
    """
    with desk.uow as uow:
        proof = uow.proofs.get(ask.proof_id)
        if proof.browser != ask.browser:
            raise NotFound("no such proof in this browser")
        if proof.state is not ProofState.STARTED:
            return CodeAnswer.OVER, proof
        full = _full(proof, ask.source, desk=desk)
        answer, event = _judge(proof, ask.code, open_to_codes=not full, desk=desk)
        if answer is CodeAnswer.PASSED:
            changed = pass_proof(proof, level=LEVELS[proof.method], desk=desk)
        else:
            state = proof.state if event is None else advance_proof(proof.state, event)
            changed = replace(proof, tries=proof.tries + 1, state=state)
            if event is not ProofEvent.EXPIRE:
                _count_wrong(proof, ask.source, desk=desk)
        saved = uow.proofs.save(changed)
        written = AuditEvent.PROOF_PASSED if answer is CodeAnswer.PASSED else AuditEvent.PROOF_FAILED
        by = Actor(kind=ActorKind.STRANGER, source=ask.source)
        detail = {"limit": full} if full else {}
        uow.audit.append(written, saved, by=by, at=desk.now, institution_id=saved.institution_id, result=answer, detail=detail)
        uow.commit()
    return answer, saved


def _full(proof: Proof, source: str, *, desk: Desk) -> str:
    """Which limit of wrong codes is reached; empty if none. Both are looked at, and a stranger's proof takes as long."""
    member = is_full("wrong_phone_code.member", _whose(proof), WRONG_PHONE_CODES_PER_MEMBER, desk=desk)
    here = is_full("wrong_phone_code.source", source, WRONG_PHONE_CODES_PER_SOURCE, desk=desk)
    return "member" if member else "source" if here else ""


def _count_wrong(proof: Proof, source: str, *, desk: Desk) -> None:
    count_one("wrong_phone_code.member", _whose(proof), WRONG_PHONE_CODES_PER_MEMBER, desk=desk)
    count_one("wrong_phone_code.source", source, WRONG_PHONE_CODES_PER_SOURCE, desk=desk)


def _whose(proof: Proof) -> str:
    """The member, or for a stranger the proof itself, which has fewer tries than the limit."""
    return str(proof.id if proof.member_id is None else proof.member_id)


def _judge(proof: Proof, typed: str, *, open_to_codes: bool, desk: Desk) -> tuple[CodeAnswer, ProofEvent | None]:
    if desk.now >= proof.expires_at:
        return CodeAnswer.OVER, ProofEvent.EXPIRE
    code = normalise_code(typed, CODE_DIGITS) or ""
    digest = desk.vault.fingerprint(Print.PHONE_CODE, str(proof.id), code)
    sent = desk.uow.phone_codes.find(proof_id=proof.id)
    right = any(compare_digest(digest, one.digest) for one in sent)
    member = None if proof.member_id is None else desk.uow.members.get(proof.member_id)
    if open_to_codes and right and member is not None and phone_bar(member, desk.now) is None:
        return CodeAnswer.PASSED, ProofEvent.PASS
    if proof.tries + 1 >= CODE_TRIES:
        return CodeAnswer.OVER, ProofEvent.FAIL
    return CodeAnswer.WRONG, None
