"""The institution's own sign-on, as staff come from it to the console: who they are there, and how strongly they signed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from otpward.core.secret import Personal, Secret
from otpward.ports.prover import Asked, Begun, Refused

STAFF_SIGN_ON: Final = "staff_sign_on"
"""Under which its answers are kept. No `[identity.NAME]` can be called so: those have no underscore."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOn:
    """Who signed in there. Nothing of it came by the browser unchecked.

    `subject` names them for good, together with the provider; `login` is what the provider calls them and may give to somebody
    else one day, empty where it does not vouch for it. `strong`: several factors were asked for, and the institution trusts the
    provider's word for that. `number` is the answer's own, against replay; `raw_hash` the SHA-256 of what was said.
    """

    subject: Personal
    login: Personal
    strong: bool
    number: str
    raw_hash: bytes
    at: datetime


class SignOn(Protocol):
    """One sign-on. Both calls may take the network's time, bounded to five seconds."""

    @property
    def name(self) -> str:
        """Under which its answers are kept."""
        ...

    def begin(self, asked: Asked) -> Begun:
        """A link to it.

        Raises:
            Unavailable: it does not answer, or not as it should.
        """
        ...

    def complete(self, kept: Secret, callback: Mapping[str, str], *, now: datetime) -> SignedOn | Refused:
        """Who signed in, of what the browser brought back: not to be believed before it is checked.

        Raises:
            Unavailable: it does not answer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOnDoor:
    """A sign-on as the page of the console offers it; without titles in words of the page's own."""

    sign_on: SignOn
    title_ko: str = ""
    title_en: str = ""

    def title(self, language: str) -> str:
        """What it is called in this language, if it is called anything."""
        return self.title_ko if language == "ko" else self.title_en
