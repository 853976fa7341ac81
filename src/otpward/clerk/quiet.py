"""When and by which way an institution's reminders go: its policy says."""

from datetime import datetime

from otpward.clerk.policy import policy_now
from otpward.core.ids import InstitutionId
from otpward.core.policy.document.model import Reminders
from otpward.core.policy.quiet import after_quiet
from otpward.ports.unit_of_work import UnitOfWork


def morning_of(institution_id: InstitutionId, *, uow: UnitOfWork, now: datetime) -> datetime | None:
    """When the quiet hours that it is now are over there; None at other hours."""
    return morning_by(reminders_of(institution_id, uow=uow, now=now), now)


def morning_by(rules: Reminders, now: datetime) -> datetime | None:
    """The same by these rules."""
    return after_quiet(now, zone=rules.quiet_zone, quiet_from=rules.quiet_from, quiet_until=rules.quiet_until)


def reminders_of(institution_id: InstitutionId, *, uow: UnitOfWork, now: datetime) -> Reminders:
    """What the policy in force says of reminders."""
    return policy_now(institution_id, uow=uow, now=now).reminders
