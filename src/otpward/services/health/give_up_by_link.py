"""The device stays dark, or is broken: said behind the link of a reminder."""

from dataclasses import dataclass

from otpward.core.audit import Actor, ActorKind
from otpward.core.model.reminder import Reminder
from otpward.core.policy.reminding import is_open
from otpward.ports.desk import Desk
from otpward.services.health.check_by_link import fail
from otpward.services.health.open_link import LinkOver, opened


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUpByLink:
    """Whose link."""

    link: str
    source: str = ""


def give_up_by_link(ask: GiveUpByLink, *, desk: Desk) -> Reminder:
    """An application waits for the member, filled in with the reason; raises `LinkOver`."""
    with desk.uow as uow:
        reminder = opened(ask.link, desk=desk).reminder
        if not is_open(reminder, desk.now):
            raise LinkOver("answered already")
        failed = fail(reminder, desk=desk, by=Actor(kind=ActorKind.STRANGER, source=ask.source))
        uow.commit()
    return failed
