"""A passkey answers: the challenge was ours and is spent by it, the key is the member's, and no copy of it is about."""

import hmac
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from otpward.clerk.notices import tell
from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Moved, Taken
from otpward.core.formats.webauthn.ceremony import Answer, Flaw, Site, check_used, read_answer
from otpward.core.ids import InstitutionId, MemberId
from otpward.core.model.backup import Passkey, SpentChallenge
from otpward.core.model.member import Member
from otpward.core.policy.backup import is_copy, lets_in
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.rates import PASSKEY_CHALLENGE_LIFE
from otpward.ports.desk import Desk
from otpward.ports.surroundings import Entropy
from otpward.ports.vault import Print, Vault

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NONCE, _TIME, _MAC = 16, 8, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a challenge is for: one purpose (with the session, act or passkey that it is about) in one browser."""

    purpose: str
    browser: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """A passkey, as a browser presents it, and what it was asked for. `member_id`: it must be this member's."""

    institution_id: InstitutionId
    answer: str
    asked: Asked
    member_id: MemberId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of it: the passkey and its member where it was good, else only why not, which no stranger is told."""

    result: str
    passkey: Passkey | None = None
    member: Member | None = None


def make_challenge(asked: Asked, *, vault: Vault, entropy: Entropy, now: datetime) -> bytes:
    """A new challenge, good for five minutes. It is kept nowhere until it is answered: it carries its number, its end, and a
    keyed hash of both with what it is for."""
    nonce = entropy.octets(_NONCE)
    until = ((now + PASSKEY_CHALLENGE_LIFE - _EPOCH) // timedelta(milliseconds=1)).to_bytes(_TIME)
    return nonce + until + _mac(asked, nonce + until, vault)


def take_challenge(challenge: bytes, asked: Asked, institution_id: InstitutionId, *, desk: Desk) -> bool:
    """Whether it is ours, for this, in time, and answered for the first time; it is spent now."""
    told, mac = challenge[:-_MAC], challenge[-_MAC:]
    if len(told) != _NONCE + _TIME or not hmac.compare_digest(mac, _mac(asked, told, desk.vault)):
        return False
    until = _EPOCH + timedelta(milliseconds=int.from_bytes(told[_NONCE:]))
    number = UUID(bytes=told[:_NONCE])
    if desk.now >= until or desk.uow.spent_challenges.first(id=number) is not None:
        return False
    try:
        desk.uow.spent_challenges.add(SpentChallenge(id=number, institution_id=institution_id, until=until))
    except Taken:  # the same answer came at the same moment: done again, this finds it
        raise Moved("the challenge was answered meanwhile") from None
    return True


def judge_passkey(shown: Presented, *, site: Site | None, desk: Desk, by: Actor) -> Judged:
    """Judge it, keep its counter, and write it down. The caller commits, whatever the result. Without a `site` there are no
    passkeys here."""
    answer = read_answer(shown.answer)
    if answer is None or site is None:
        return _refused(shown, Flaw.MALFORMED, None, desk=desk, by=by)
    if not take_challenge(answer.challenge, shown.asked, shown.institution_id, desk=desk):
        return _refused(shown, "stale", None, desk=desk, by=by)
    passkey = desk.uow.passkeys.first(credential_id=answer.credential_id)
    member = None if passkey is None else desk.uow.members.get(passkey.member_id)
    if passkey is None or member is None:
        return _refused(shown, "unknown", None, desk=desk, by=by)
    fault = _fault(shown, answer, passkey, member)
    if fault:
        return _refused(shown, fault, passkey, desk=desk, by=by)
    used = check_used(answer, answer.challenge, site, passkey.public_key)
    if isinstance(used, Flaw):
        return _refused(shown, used, passkey, desk=desk, by=by)
    if used.eligible != passkey.eligible:
        return _refused(shown, "changed", passkey, desk=desk, by=by)
    if is_copy(passkey, used.sign_count):
        return _copied(shown, passkey, member, desk=desk, by=by)
    kept = desk.uow.passkeys.save(replace(passkey, sign_count=used.sign_count, backed_up=used.backed_up, used_at=desk.now))
    desk.uow.audit.append(AuditEvent.PASSKEY_USED, kept, by=by, at=desk.now, institution_id=kept.institution_id)
    return Judged(result="accepted", passkey=kept, member=member)


def live_passkeys(member_id: MemberId, *, desk: Desk) -> list[Passkey]:
    """The member's passkeys that were not removed, oldest first."""
    return desk.uow.passkeys.find(member_id=member_id, removed_at=None, order="added_at")


def _fault(shown: Presented, answer: Answer, passkey: Passkey, member: Member) -> str:
    if shown.member_id is not None and shown.member_id != passkey.member_id:
        return "other_member"
    if answer.user_handle and answer.user_handle != passkey.user_handle:
        return "other_member"
    if passkey.removed_at is not None:
        return "removed"
    if passkey.cloned_at is not None:
        return "copied"
    if passkey.asleep_since is not None:
        return "asleep"
    return "" if lets_in(passkey, member) else "phone_lost"


def _copied(shown: Presented, passkey: Passkey, member: Member, *, desk: Desk, by: Actor) -> Judged:
    """Whoever has the copy is shut out, and so is the original: nobody can tell which is which (WebAuthn §6.1.1)."""
    stopped = desk.uow.passkeys.save(replace(passkey, cloned_at=desk.now))
    tell(member, NoticeKind.PASSKEY_COPIED, desk=desk)
    return _refused(shown, "copied", stopped, desk=desk, by=by)


def _refused(shown: Presented, why: str, passkey: Passkey | None, *, desk: Desk, by: Actor) -> Judged:
    subject = desk.uow.institutions.get(shown.institution_id) if passkey is None else passkey
    detail = {"purpose": shown.asked.purpose.partition(":")[0]}
    desk.uow.audit.append(
        AuditEvent.PASSKEY_REFUSED,
        subject,
        by=by,
        at=desk.now,
        institution_id=shown.institution_id,
        result=why,
        detail=detail,
    )
    return Judged(result=why)


def _mac(asked: Asked, told: bytes, vault: Vault) -> bytes:
    return vault.fingerprint(Print.CHALLENGE, asked.purpose, asked.browser.hex(), told.hex())
