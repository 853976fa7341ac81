"""The member does not want the new device that we announced (시행령 §6①)."""

from dataclasses import dataclass, replace

from otpward.clerk.asking import note_answer
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Conflict
from otpward.core.model.reminder import Outcome, Reminder
from otpward.core.policy.reminding import is_open
from otpward.core.policy.versions import day_of
from otpward.ports.desk import Desk
from otpward.services.health.open_link import LinkOver, opened


class TooLate(Conflict):
    """The new device is on its way: its application can be cancelled like any other."""

    code = "too_late"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectToRenewal:
    """Whose link."""

    link: str
    source: str = ""


def object_to_renewal(ask: ObjectToRenewal, *, desk: Desk) -> Reminder:
    """Nothing is sent. An objection counts as long as nothing has begun, however late it is: it costs us nothing to heed it.

    Raises:
        LinkOver: no such link, or it is answered.
        TooLate: it has begun.
    """
    by = Actor(kind=ActorKind.STRANGER, source=ask.source)
    with desk.uow as uow:
        found = opened(ask.link, desk=desk)
        if not is_open(found.reminder, desk.now):
            raise LinkOver("answered already")
        if found.plan is None:
            raise TooLate("nothing is planned any more")
        plan = uow.renewals.save(replace(found.plan, objected_on=day_of(desk.now), closed=True))
        uow.audit.append(AuditEvent.RENEWAL_OBJECTED, plan, by=by, at=desk.now, institution_id=plan.institution_id)
        answered = replace(found.reminder, outcome=Outcome.OBJECTED, answered_at=desk.now)
        saved = note_answer(answered, AuditEvent.REMINDER_ANSWERED, desk=desk, by=by)
        uow.commit()
    return saved
