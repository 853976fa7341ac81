"""Not now: the member is asked again next week."""

from dataclasses import dataclass, replace

from otpward.clerk.asking import note_answer
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.model.reminder import Reminder
from otpward.core.policy.reminding import SNOOZE, is_open
from otpward.ports.desk import Desk
from otpward.services.health.open_link import LinkOver, opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """Whose link."""

    link: str
    source: str = ""


def snooze(ask: Snooze, *, desk: Desk) -> Reminder:
    """The same link goes on living, and another letter comes in a week; a second press changes nothing. Raises `LinkOver`."""
    by = Actor(kind=ActorKind.STRANGER, source=ask.source)
    with desk.uow as uow:
        reminder = opened(ask.link, desk=desk).reminder
        if not is_open(reminder, desk.now):
            raise LinkOver("answered already")
        if reminder.snoozed_until is not None:
            return reminder
        later = replace(reminder, snoozed_until=desk.now + SNOOZE)
        saved = note_answer(later, AuditEvent.REMINDER_SNOOZED, desk=desk, by=by)
        uow.commit()
    return saved
