"""What a link opens: one reminder, as long as it lives. Looking changes nothing."""

from dataclasses import dataclass

from otpward.clerk.asking import digest_of_link
from otpward.core.errors import NotFound
from otpward.core.model.reminder import Reminder
from otpward.core.model.renewal import RenewalPlan
from otpward.core.model.token import Device, Token
from otpward.core.policy.reminding import LINK_LETTERS, is_open
from otpward.ports.desk import Desk


class LinkOver(NotFound):
    """There is no such link, or its time is over; the two are not told apart."""

    code = "link_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What the page behind a link may know."""

    reminder: Reminder
    token: Token
    device: Device
    plan: RenewalPlan | None

    def is_open(self, desk: Desk) -> bool:
        """Whether anything can still be done here."""
        return is_open(self.reminder, desk.now)


def open_link(link: str, *, desk: Desk) -> Opened:
    """The reminder of this link, with its device; raises `LinkOver`."""
    with desk.uow:
        return opened(link, desk=desk)


def opened(link: str, *, desk: Desk) -> Opened:
    """The same, inside a transaction that has begun. What was answered can be looked at until the link's time is over."""
    uow = desk.uow
    if len(link) > 2 * LINK_LETTERS:
        raise LinkOver("no such link")
    reminder = uow.reminders.first(link_digest=digest_of_link(link, desk=desk))
    if reminder is None or desk.now >= reminder.until:
        raise LinkOver("no such link")
    return Opened(
        reminder=reminder,
        token=uow.tokens.get(reminder.token_id),
        device=uow.devices.get(reminder.token_id),
        plan=uow.renewals.first(token_id=reminder.token_id, closed=False, order="-ends_on"),
    )
