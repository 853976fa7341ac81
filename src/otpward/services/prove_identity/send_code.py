"""A phone code is sent. Codes sent earlier for the same proof stay good until it expires."""

from dataclasses import dataclass, replace

from otpward.clerk.notices import tell
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import NotFound, TooOften
from otpward.core.ids import MemberId, ProofId
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.proof import PhoneCode, Proof
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.proofs import phone_bar
from otpward.core.policy.rates import CODE_DIGITS, CODE_LIFE, CODE_SENDS, CODES_PER_MEMBER, RESEND_AFTER
from otpward.ports.desk import Desk
from otpward.ports.notifier import Channel
from otpward.ports.vault import Print


@dataclass(frozen=True, slots=True, kw_only=True)
class SendCode:
    """Send a code for this proof, asked for in the browser that began it. `withheld`: nobody could say whether the phone's SIM
    was changed, and the act is not one to be let through then."""

    proof_id: ProofId
    browser: bytes
    source: str
    withheld: bool = False


def send_code(ask: SendCode, *, desk: Desk) -> Proof:
    """Make a code, keep its keyed hash, and text it to the registered phone.

    To a stranger's proof nothing is sent, nor to a phone that is lost, too new, or was sent too many: then there is no code
    that could be guessed either, and the page does not tell.

    Raises:
        NotFound: no running proof of this browser.
        TooOften: within 30 seconds of the last, or more than four times; `until` says when.
    """
    with desk.uow as uow:
        proof = uow.proofs.get(ask.proof_id)
        if proof.browser != ask.browser or proof.state is not ProofState.STARTED or desk.now >= proof.expires_at:
            raise NotFound("no running proof")
        if proof.sends >= CODE_SENDS:
            raise TooOften(proof.expires_at)
        if proof.sent_at is not None and desk.now < proof.sent_at + RESEND_AFTER:
            raise TooOften(proof.sent_at + RESEND_AFTER)
        code = desk.digits(CODE_DIGITS)
        digest = desk.vault.fingerprint(Print.PHONE_CODE, str(proof.id), code)
        sent = uow.proofs.save(replace(proof, sends=proof.sends + 1, sent_at=desk.now))
        member = None if proof.member_id is None or ask.withheld else uow.members.get(proof.member_id)
        if member is not None and phone_bar(member, desk.now) is None and _still_sent(member.id, desk=desk):
            uow.phone_codes.add(
                PhoneCode(
                    id=desk.new_id(), institution_id=proof.institution_id, proof_id=proof.id, digest=digest, sent_at=desk.now
                )
            )
            minutes = str(int(CODE_LIFE.total_seconds() // 60))
            tell(member, NoticeKind.PHONE_CODE, desk=desk, only=Channel.SMS, code=code, minutes=minutes)
        by = Actor(kind=ActorKind.STRANGER, source=ask.source)
        uow.audit.append(AuditEvent.PROOF_CODE_SENT, sent, by=by, at=desk.now, institution_id=sent.institution_id)
        uow.commit()
    return sent


def _still_sent(member_id: MemberId, *, desk: Desk) -> bool:
    """Whether this member's phone may get one more text this hour, whoever asks for it and from wherever."""
    key = desk.vault.fingerprint(Print.SOURCE, "send_code.member", str(member_id))
    return desk.uow.counts.hit(key, at=desk.now, window=CODES_PER_MEMBER.window) <= CODES_PER_MEMBER.limit
