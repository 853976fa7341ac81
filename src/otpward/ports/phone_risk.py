"""Somebody who knows whether a phone has just come into other hands: the carrier."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from otpward.core.secret import Personal


class PhoneRisk(Protocol):
    """Asked before a phone may prove anything, within two seconds."""

    def sim_changed(self, phone: Personal, *, within: timedelta) -> bool:
        """Whether the SIM of this number (E.164) was changed in the last `within`.

        Raises:
            Unavailable: nobody can say: no answer in time, or a number of which the carrier tells nothing.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SimGuard:
    """The carrier, and what is made of its answers.

    `decoy` is a number of the institution's own. It is asked about in place of a stranger's, so that asking takes as long for a
    stranger as for a member, and nothing is told to the carrier of people who are none. `refuses`: without an answer, the
    phone does not prove, but to look.
    """

    risk: PhoneRisk
    decoy: Personal
    within: timedelta = timedelta(hours=72)
    refuses: bool = True
