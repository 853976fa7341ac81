"""What the audit holds of one member, as they may read it: their own acts, and what was done about them; nothing of others."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address
from typing import Any, Final

from otpward.core.audit import ActorKind, AuditEvent, AuditLine
from otpward.core.ids import MemberId
from otpward.core.model.token import Registration
from otpward.ports.unit_of_work import Among, Before, UnitOfWork

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
        AuditEvent.PASSKEY_ADDED,
        AuditEvent.PASSKEY_RENAMED,
        AuditEvent.PASSKEY_REMOVED,
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
_OWN: Final = Among(frozenset({ActorKind.MEMBER, ActorKind.STRANGER}))
_TOLD: Final = Among(TOLD)
_MOST_PROOFS: Final = 200
_TIES: Final = 20
_MOMENT: Final = timedelta(microseconds=1)


def own_lines(member_id: MemberId, *, uow: UnitOfWork, most: int, before: datetime | None = None) -> list[AuditLine]:
    """Up to `most` lines about this member, newest first, all of one moment together; those before a time, if one is given.

    A device is theirs from its registration to its end: what it did in other hands is not told. What they did as staff is not
    either.
    """
    bound = uow.registrations.find(member_id=member_id)
    own: dict[str, Any] = {"actor_id": member_id, "actor_kind": _OWN}
    cases = frozenset(case.id for case in uow.cases.find(member_id=member_id))
    proofs = uow.proofs.find(member_id=member_id, order="-started_at", limit=_MOST_PROOFS)
    keys = uow.passkeys.find(member_id=member_id)
    subjects = Among(frozenset({member_id, *(one.id for one in proofs), *(key.id for key in keys)}))
    either: list[dict[str, Any]] = [own, {"subject_id": subjects}, {"case_id": Among(cases)}]
    either += [{"subject_id": one.token_id, **_until(one.ended_at)} for one in bound]
    page: dict[str, Any] = {} if before is None else {"at": Before(before)}
    limit = most + _TIES
    while True:
        found = uow.audit.find(limit=limit, event=_TOLD, either=either, **page)
        lines = [line for line in found if _is_own(line, member_id, bound)]
        if len(lines) > most or len(found) < limit:
            break
        limit *= 8  # the device lay in other hands before, and there are lines older than that
    last = lines[most - 1].at if len(lines) > most else None
    return [line for place, line in enumerate(lines) if place < most or line.at == last]


def _until(at: datetime | None) -> dict[str, Any]:
    return {} if at is None else {"at": Before(at + _MOMENT)}


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
