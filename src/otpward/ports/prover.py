"""Somebody outside who can say who a person is (KOREA.md §2): begun, gone through elsewhere, completed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from otpward.core.model.evidence import Evidence
from otpward.core.model.proof import Act, Method
from otpward.core.secret import NOTHING, Personal, Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a prover is told at the beginning.

    `number` is our own for this transaction (letters and digits, at most 20), `nonce` 32 octets of chance. `name`,
    `birth_date` and `phone` are what the member is on file as, for provers that ask for them. `added` is what the person
    gave besides, by the names a prover asks for: `carrier`, `digit`. It is used to begin, never to be believed. `act` is
    what the proof is for, where the person is told so.
    """

    number: str
    nonce: bytes
    return_url: str
    language: str
    name: Personal = NOTHING
    birth_date: Personal = NOTHING
    phone: Personal = NOTHING
    added: Mapping[str, str] = field(default_factory=dict)
    act: Act | None = None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """How it goes on. Exactly one of: a `link` to follow, a `form` to post to `link`, a `push` on the person's phone that
    is asked about later, a `challenge` to be signed in the browser, a `code` that came to the person's phone: it is typed
    on our page, and `complete` gets it as `callback["code"]`.

    `kept` is what `complete` needs again; it is sealed with the proof and never reaches the browser.
    """

    kept: Secret
    link: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    push: bool = False
    code: bool = False
    challenge: bytes = b""


class Refusal(StrEnum):
    """Why no evidence came of it."""

    CANCELLED = "cancelled"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    """A push that nobody has answered so far; a code that was mistyped and may be typed again."""
    FORGED = "forged"
    """A signature, MAC, nonce or number that is not ours: somebody tampered."""
    FAILED = "failed"
    NOT_ACCEPTED = "not_accepted"
    """Genuine, but of a kind that is not taken: a certificate's policy, a revoked one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """No evidence, and why; `detail` is for the audit, never personal."""

    why: Refusal
    detail: str = ""


class Prover(Protocol):
    """One way of proving. Both calls may take the network's time, bounded to five seconds."""

    @property
    def name(self) -> str:
        """What the settings call it; it stands in every evidence of it."""
        ...

    @property
    def method(self) -> Method:
        """What kind of showing it is."""
        ...

    def begin(self, asked: Asked) -> Begun:
        """Begin a transaction.

        Raises:
            Invalid: this prover cannot ask with what it was given; `field` says what is missing.
            Unavailable: the provider does not answer, or not as it should.
        """
        ...

    def complete(self, kept: Secret, callback: Mapping[str, str], *, now: datetime) -> Evidence | Refused:
        """What came of it. `callback` is what the browser brought back: not to be believed before it is checked.

        Raises:
            Unavailable: the provider does not answer; asking again may help.
        """
        ...


@runtime_checkable
class Resends(Protocol):
    """A prover that can send its code once more: what some can do beside the two calls of all."""

    def resend(self, kept: Secret, *, now: datetime) -> Secret | Refused:
        """Send another code. What is kept from now on, of which the provider says whether the codes before still count; or
        that it does not send any more.

        Raises:
            Unavailable: the provider does not answer; the code that came may still be typed.
        """
        ...
