"""Staff come back from the institution's sign-on. It opens the door half way; the OTP follows, unless it was asked there."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Moved, Taken, Unavailable
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.others import ProofEvent, ProofState, advance_proof
from otpward.core.model.kept_evidence import KeptEvidence
from otpward.core.model.member import Area, Level, Member, fold_login
from otpward.core.model.proof import Assurance, Method, Proof
from otpward.core.secret import NOTHING, Secret
from otpward.ports.desk import Desk, House
from otpward.ports.prover import Refusal, Refused
from otpward.ports.sign_on import SignedOn, SignOn
from otpward.ports.unit_of_work import UnitOfWork
from otpward.ports.vault import Print
from otpward.services.sign_in.sessions import begin_session

_TRIES: Final = 5
"""Answers that were not the sign-on's. The attempt stays open, lest a junk link end it."""


class SignOnAnswer(StrEnum):
    """What became of it. `REFUSED` does not say why; the audit does."""

    HALF_WAY = "half_way"
    IN = "in"
    """A second factor was asked for there, and that is trusted."""
    CANCELLED = "cancelled"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteSignOn:
    """What the browser brought back; not to be believed."""

    institution_id: InstitutionId
    browser: bytes
    callback: Mapping[str, str]
    source: str


def complete_sign_on(ask: CompleteSignOn, *, house: House, sign_on: SignOn) -> tuple[SignOnAnswer, str]:
    """The answer, and the secret of a console session if it was accepted.

    Found is the member of staff whom this subject was before, else the one whose login the sign-on says. Nobody is made staff
    by it, and who once came as one subject comes as no other: names are given anew to others (ASVS 6.8.1).

    Raises:
        Unavailable: the sign-on does not answer; trying again may help.
    """
    name = sign_on.name
    proof = house.look(
        ask.institution_id,
        lambda uow: uow.proofs.first(browser=ask.browser, provider=name, state=ProofState.STARTED, order="-started_at"),
    )
    if proof is None:
        return house.do(ask.institution_id, lambda desk: _turn_away("nothing_begun", ask, desk=desk))
    said: SignedOn | Refused
    if house.clock.now() >= proof.expires_at:
        said = Refused(why=Refusal.EXPIRED)
    else:
        try:
            said = sign_on.complete(Secret(base64.b64decode(proof.kept.reveal())), ask.callback, now=house.clock.now())
        except Unavailable:
            house.do(ask.institution_id, lambda desk: _turn_away("sign_on_unavailable", ask, desk=desk))
            raise
    return house.do(ask.institution_id, lambda desk: _judge(proof, said, ask, desk=desk))


def _judge(seen: Proof, said: SignedOn | Refused, ask: CompleteSignOn, *, desk: Desk) -> tuple[SignOnAnswer, str]:
    with desk.uow as uow:
        proof = uow.proofs.get(seen.id)
        if proof.state is not ProofState.STARTED:
            _write_refused("over", ask, desk=desk)
            uow.commit()
            return SignOnAnswer.REFUSED, ""
        if isinstance(said, Refused):
            uow.proofs.save(_ended(proof, said.why))
            _write_refused(said.why, ask, desk=desk, why=said.detail)
            uow.commit()
            return SignOnAnswer.CANCELLED if said.why is Refusal.CANCELLED else SignOnAnswer.REFUSED, ""
        answer, secret = _weigh(proof, said, ask, desk=desk)
        uow.commit()
    return answer, secret


def _weigh(proof: Proof, said: SignedOn, ask: CompleteSignOn, *, desk: Desk) -> tuple[SignOnAnswer, str]:
    """A genuine answer: is it new, and is it of somebody who works here?"""
    uow = desk.uow
    subject = desk.vault.fingerprint(Print.SUBJECT, proof.provider, said.subject.reveal())
    if uow.evidence.first(provider=proof.provider, provider_tx=said.number) is not None:
        member, fault = None, "replayed"
    else:
        member, fault = _staff_behind(said, subject, proof.provider, uow)
        _file(proof, said, subject, member if not fault else None, desk=desk)
    if member is None or fault:
        uow.proofs.save(_ended(proof, Refusal.FAILED))
        _write_refused(fault, ask, desk=desk, member=member)
        return SignOnAnswer.REFUSED, ""
    passed = replace(proof, state=advance_proof(proof.state, ProofEvent.PASS), passed_at=desk.now)
    spent = replace(passed, state=advance_proof(passed.state, ProofEvent.SPEND), member_id=member.id, kept=NOTHING)
    spent = uow.proofs.save(spent)
    uow.members.save(member)  # collides with another subject that becomes this member at the same moment
    level = Level.FULL if said.strong else Level.PASSWORD
    secret = begin_session(ask.institution_id, member.id, Area.CONSOLE, level, desk=desk)
    event, about = (AuditEvent.SIGN_IN_PASSED, member) if said.strong else (AuditEvent.PROOF_PASSED, spent)
    by = Actor(kind=ActorKind.STAFF, id=member.id, source=ask.source)
    detail = {"provider": proof.provider, "provider_tx": said.number}
    uow.audit.append(event, about, by=by, at=desk.now, institution_id=ask.institution_id, result="sign_on", detail=detail)
    return (SignOnAnswer.IN if said.strong else SignOnAnswer.HALF_WAY), secret


def _staff_behind(said: SignedOn, subject: bytes, provider: str, uow: UnitOfWork) -> tuple[Member | None, str]:
    """Whom the console is to open for, or why it stays shut."""
    before = uow.evidence.first(provider=provider, subject_print=subject, matched=True, order="-at")
    if before is not None and before.member_id is not None:
        member = uow.members.first(id=before.member_id)
    else:
        login = fold_login(said.login.reveal())
        member = uow.members.first(login=login) if login else None
        if member is not None and uow.evidence.first(provider=provider, member_id=member.id, matched=True) is not None:
            return member, "other_subject"
    if member is None:
        return None, "unknown"
    if member.left_at is not None:
        return member, "left"
    jobs = uow.staff.find(member_id=member.id)
    if all(job.ended_at is not None for job in jobs):
        return member, "staff_ended" if jobs else "no_staff"
    return member, ""


def _file(proof: Proof, said: SignedOn, subject: bytes, member: Member | None, *, desk: Desk) -> None:
    """Keep that it was said: against replay, and so that this subject is this member from now on."""
    kept = KeptEvidence(
        id=desk.new_id(),
        institution_id=proof.institution_id,
        proof_id=proof.id,
        member_id=None if member is None else member.id,
        method=Method.SIGN_ON,
        provider=proof.provider,
        provider_tx=said.number,
        matched=member is not None,
        at=said.at,
        raw_hash=said.raw_hash,
        level=Assurance.LOW,
        subject_print=None if member is None else subject,
    )
    try:
        desk.uow.evidence.add(kept)
    except Taken:  # the same answer was filed at the same moment: done again, this finds it
        raise Moved("this answer was taken meanwhile") from None


def _ended(proof: Proof, why: Refusal) -> Proof:
    if why is Refusal.FORGED and proof.tries + 1 < _TRIES:
        return replace(proof, tries=proof.tries + 1)
    event = {Refusal.CANCELLED: ProofEvent.CANCEL, Refusal.EXPIRED: ProofEvent.EXPIRE}.get(why, ProofEvent.FAIL)
    return replace(proof, state=advance_proof(proof.state, event), kept=NOTHING)


def _turn_away(result: str, ask: CompleteSignOn, *, desk: Desk) -> tuple[SignOnAnswer, str]:
    with desk.uow as uow:
        _write_refused(result, ask, desk=desk)
        uow.commit()
    return SignOnAnswer.REFUSED, ""


def _write_refused(result: str, ask: CompleteSignOn, *, desk: Desk, member: Member | None = None, why: str = "") -> None:
    about = member or desk.uow.institutions.get(ask.institution_id)
    detail = {"way": "sign_on"} | ({"why": why[:200]} if why else {})
    by = Actor(kind=ActorKind.STRANGER, source=ask.source)
    desk.uow.audit.append(
        AuditEvent.SIGN_IN_FAILED,
        about,
        by=by,
        at=desk.now,
        institution_id=ask.institution_id,
        result=result,
        detail=detail,
    )
