"""A carrier or a fraud system says that a SIM was changed, a number ported, a phone lost."""

from dataclasses import dataclass
from datetime import datetime

from otpward.clerk.phones import note_signal
from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Invalid
from otpward.core.ids import InstitutionId
from otpward.core.model.contact_change import SignalKind
from otpward.core.policy.contacts import SIGNAL_AHEAD, SIGNAL_OLDEST
from otpward.core.policy.phones import to_e164
from otpward.ports.desk import Desk
from otpward.ports.vault import Print


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSignal:
    """What happened to which number and when, and who says so."""

    institution_id: InstitutionId
    phone: str
    kind: SignalKind
    at: datetime
    told_by: str
    by: Actor


def take_signal(ask: TakeSignal, *, desk: Desk) -> None:
    """Hold back the phone of every member who has this number. Without one, the same is written down and nothing else happens;
    nobody is told which.

    Raises:
        Invalid: not a phone number (field `phone`), or a time ahead of us or over thirty days ago (field `at`).
    """
    phone = to_e164(ask.phone)
    if not desk.now - SIGNAL_OLDEST <= ask.at <= desk.now + SIGNAL_AHEAD:
        raise Invalid("within the last 30 days, and not in the future", field="at")
    with desk.uow as uow:
        print_ = desk.vault.fingerprint(Print.PHONE, phone)
        found = uow.members.find(phone_print=print_, left_at=None)
        for member in found:
            note_signal(member, ask.kind, ask.at, told_by=ask.told_by, desk=desk, by=ask.by)
        if not found:
            institution = uow.institutions.get(ask.institution_id)
            detail = {"kind": ask.kind.value, "told_by": ask.told_by, "happened_at": ask.at.isoformat()}
            uow.audit.append(
                AuditEvent.PHONE_SIGNALLED,
                institution,
                by=ask.by,
                at=desk.now,
                institution_id=ask.institution_id,
                result="unmatched",
                detail=detail,
            )
        uow.commit()
