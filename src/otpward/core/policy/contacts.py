"""What a contact must be, and how long a new one, or one that may have been taken over, proves nothing."""

import re
from datetime import datetime, timedelta
from typing import Final

from otpward.core.errors import Invalid
from otpward.core.model.member import Member

PHONE_HOLD: Final = timedelta(hours=24)
"""Who has just put their own number in the place of the member's is not let in by it; the member has a day to be told."""
SIGNAL_HOLD: Final = timedelta(hours=72)
"""After a SIM change: a weekend, in which nobody reads what is written to them (SP 800-63B-4 §3.1.3.3)."""
SIGNAL_OLDEST: Final = timedelta(days=30)
SIGNAL_AHEAD: Final = timedelta(minutes=5)
"""How far the clock of who tells us may be ahead of ours."""
_LONGEST: Final = 254
_MAILBOX: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])"
)
"""The dot-atom of RFC 5321 §4.1.2 with a domain of two labels or more: nothing that a header or a command could be made of."""
_LOCAL_LONGEST: Final = 64


def phone_is_young(member: Member, now: datetime, *, signal_hold: timedelta = SIGNAL_HOLD) -> bool:
    """Whether the phone proves nothing for now: the number was changed lately, or a SIM change was told of."""
    until = phone_young_until(member, signal_hold=signal_hold)
    return until is not None and now < until


def phone_young_until(member: Member, *, signal_hold: timedelta = SIGNAL_HOLD) -> datetime | None:
    """When the phone proves again; None if nothing ever held it back."""
    holds = ((member.phone_changed_at, PHONE_HOLD), (member.phone_signal_at, signal_hold))
    return max((at + hold for at, hold in holds if at is not None), default=None)


def phone_known_since(member: Member) -> datetime | None:
    """Since when we know that the phone is in the right hands: what happened to it before is of no account."""
    return max((at for at in (member.phone_changed_at, member.phone_trusted_at) if at is not None), default=None)


def to_mailbox(typed: str) -> str:
    """A mail address, its domain in lower case; raises `Invalid` (field `email`)."""
    text = typed.strip()
    local, _, domain = text.rpartition("@")
    if len(text) > _LONGEST or len(local) > _LOCAL_LONGEST or not _MAILBOX.fullmatch(text):
        raise Invalid("not a mail address", field="email")
    return f"{local}@{domain.lower()}"
