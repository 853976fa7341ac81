"""What the audit holds of one member, as they may read it: their own acts, and what was done about them; nothing of others."""

from collections.abc import Iterable
from datetime import datetime
from ipaddress import IPv4Address, ip_address
from typing import Final
from uuid import UUID

from otpward.core.audit import AuditEvent, AuditLine
from otpward.core.ids import MemberId
from otpward.core.model.token import Registration
from otpward.ports.unit_of_work import UnitOfWork

TOLD: Final = frozenset(
    {
        AuditEvent.MEMBER_ADDED,
        AuditEvent.PASSWORD_SET,
        AuditEvent.PHONE_TRUSTED,
        AuditEvent.PHONE_SIGNALLED,
        AuditEvent.CONTACT_ASKED,
        AuditEvent.CONTACT_CHANGED,
        AuditEvent.CONTACT_REFUSED,
        AuditEvent.LANGUAGE_CHANGED,
        AuditEvent.REMINDERS_CHANGED,
        AuditEvent.TOKEN_MADE,
        AuditEvent.TOKEN_HANDED_OVER,
        AuditEvent.TOKEN_DELIVERED,
        AuditEvent.TOKEN_REGISTERED,
        AuditEvent.TOKEN_KEY_SHOWN,
        AuditEvent.TOKEN_NAMED,
        AuditEvent.TOKEN_ACTIVATED,
        AuditEvent.TOKEN_HELD,
        AuditEvent.TOKEN_FREED,
        AuditEvent.TOKEN_RETIRED,
        AuditEvent.CHECK_NOTED,
        AuditEvent.PASS_GIVEN,
        AuditEvent.PASS_ENDED,
        AuditEvent.CODE_ACCEPTED,
        AuditEvent.CODE_REFUSED,
        AuditEvent.CHALLENGE_MADE,
        AuditEvent.CHALLENGE_ANSWERED,
        AuditEvent.LOSS_REPORTED,
        AuditEvent.LOSS_LIFTED,
        AuditEvent.PROOF_STARTED,
        AuditEvent.PROOF_PASSED,
        AuditEvent.PROOF_FAILED,
        AuditEvent.PROOF_SPENT,
        AuditEvent.RECOVERY_CODE_MADE,
        AuditEvent.RECOVERY_CODE_USED,
        AuditEvent.RECOVERY_CODE_VOID,
        AuditEvent.PASSKEY_ADDED,
        AuditEvent.PASSKEY_RENAMED,
        AuditEvent.PASSKEY_REMOVED,
        AuditEvent.PASSKEY_BROUGHT_BACK,
        AuditEvent.PASSKEY_WOKEN,
        AuditEvent.PASSKEY_USED,
        AuditEvent.PASSKEY_REFUSED,
        AuditEvent.SESSION_CONFIRMED,
        AuditEvent.CASE_OPENED,
        AuditEvent.CASE_SUBMITTED,
        AuditEvent.CASE_MORE_ASKED,
        AuditEvent.CASE_ANSWERED,
        AuditEvent.CASE_APPROVED,
        AuditEvent.CASE_REFUSED,
        AuditEvent.CASE_CANCELLED,
        AuditEvent.CASE_EXPIRED,
        AuditEvent.CASE_READY,
        AuditEvent.CASE_RECEIVED,
        AuditEvent.CASE_REGISTERED,
        AuditEvent.CASE_DONE,
        AuditEvent.DOCUMENT_SENT,
        AuditEvent.DOCUMENT_SEEN,
        AuditEvent.DOCUMENT_ERASED,
        AuditEvent.FEE_DUE,
        AuditEvent.FEE_WAIVED,
        AuditEvent.FEE_PAID,
        AuditEvent.FEE_REFUNDED,
        AuditEvent.CONSENT_GIVEN,
        AuditEvent.CONSENT_WITHDRAWN,
        AuditEvent.SHIPMENT_DISPATCHED,
        AuditEvent.SHIPMENT_DELIVERED,
        AuditEvent.SHIPMENT_RETURNED,
        AuditEvent.SIGN_IN_PASSED,
        AuditEvent.SIGN_IN_FAILED,
        AuditEvent.SIGN_OUT,
    }
)
"""How staff work a case among themselves is theirs; an event that is not here is not told."""
_MOST_PROOFS: Final = 200
_TIES: Final = 20


def own_lines(member_id: MemberId, *, uow: UnitOfWork, most: int, before: datetime | None = None) -> list[AuditLine]:
    """Up to `most` lines about this member, newest first, all of one moment together; those before a time, if one is given.

    A device is theirs from its registration to its end: what it did in other hands is not told. What they did as staff is not
    either.
    """
    bound = uow.registrations.find(member_id=member_id)
    cases = uow.cases.find(member_id=member_id)
    proofs = uow.proofs.find(member_id=member_id, order="-started_at", limit=_MOST_PROOFS)
    keys = uow.passkeys.find(member_id=member_id)
    things: dict[UUID, datetime | None] = dict.fromkeys(
        (member_id, *(one.id for one in cases), *(one.id for one in proofs), *(one.id for one in keys))
    )
    for one in bound:
        again = one.token_id in things and things[one.token_id] is None
        things[one.token_id] = None if again or one.ended_at is None else _later(things.get(one.token_id), one.ended_at)
    limit = most + _TIES
    while True:
        found = uow.story.about(things, TOLD, limit=limit, before=before)
        lines = [line for line in found if _is_own(line, member_id, bound)]
        if len(lines) > most or len(found) < limit:
            break
        limit *= 8  # the device lay in other hands before, and there are lines older than that
    last = lines[most - 1].at if len(lines) > most else None
    return [line for place, line in enumerate(lines) if place < most or line.at == last]


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)


def shortened(source: str) -> str:
    """An address of which only the network is told; anything else as it is."""
    try:
        address = ip_address(source)
    except ValueError:
        return source
    if isinstance(address, IPv4Address):
        return f"{source.rpartition('.')[0]}.*"
    return ":".join(address.exploded.split(":")[:3]) + ":*"


def _is_own(line: AuditLine, member_id: MemberId, bound: Iterable[Registration]) -> bool:
    if line.subject == "staff":
        return False
    if line.subject != "token" or line.actor_id == member_id:
        return True
    return any(
        one.token_id == line.subject_id and one.begun_at <= line.at and (one.ended_at is None or line.at <= one.ended_at)
        for one in bound
    )
