"""Codes judged many at a time: what a door asks, what the store finds, and what is then written in one transaction."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from otpward.core.audit import AuditLine
from otpward.core.ids import InstitutionId
from otpward.core.model.answer import KeptAnswer
from otpward.core.model.institution import ApiKey
from otpward.core.model.token import Token
from otpward.core.policy.verification import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """An Idempotency-Key, and what was asked under it, as keyed hashes."""

    key: bytes
    request: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The answer, under the id of its audit line, which support can look up. `serial` is the token that was accepted, or the
    one that was asked for. Of an accepted one it is said how many seconds ago it became active, and until when it is held to be
    new, if that is not over."""

    id: UUID
    verdict: Verdict
    tries_left: int
    serial: str | None
    age_s: int | None = None
    hold_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A relying system's question: its key (`handle`, and the SHA-256 of the secret it showed), a code, and whose it should be:
    exactly one of `login` (folded) and `serial`.

    `source` is where it asks from, `client` the person's own address and `client_keys` what wrong codes from there are counted
    under. `challenge` is what the code answers.
    """

    handle: str
    digest: bytes = field(repr=False)
    code: str = field(repr=False)
    login: str | None
    serial: str | None
    source: str
    client: str = ""
    client_keys: tuple[bytes, ...] = ()
    once: Once | None = None
    challenge: UUID | None = None


@dataclass(slots=True, kw_only=True)
class Found:
    """What the store knows about a question, all read in one transaction.

    `tokens` are those with a live registration of a member who is here, newest first; with none, `missing` says why.
    `wrong_codes` are the client's counts in the present windows. `kept` is an answer that was given before.
    """

    asked: Asked
    key: ApiKey | None
    tokens: Sequence[Token] = ()
    missing: Verdict = Verdict.UNKNOWN
    wrong_codes: Sequence[int] = ()
    kept: KeptAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A token before and after. It may be written only over the version that was read, and only where it is a code's doing:
    high-water mark, drift, counts of failures, time of use. State and holds are the same on both sides."""

    before: Token
    after: Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What is written for one question beside the token. If the change of `token` is lost, so is this; None depends on no
    change."""

    line: AuditLine
    token: UUID | None
    counted: tuple[bytes, ...] = ()
    kept: KeptAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The answer, and whether this asker may hear the reason."""

    verification: Verification
    reasons: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """This one changes more than a code's own row: it is to be judged by itself, in a transaction of its own."""

    institution_id: InstitutionId
    key_id: UUID
    reasons: bool


Result = Judged | Alone | Exception
"""An exception is for the one who asked, not for the batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The decision on many questions: a result for each, at most one change for each token, a filing or None for each.

    `depends` names for each result the token whose change it rests on. If that change is lost, so is the result.
    """

    results: list[Result]
    changes: list[Change]
    filings: list[Filing | None]
    depends: list[UUID | None]


Decide = Callable[[Sequence[Found], datetime], Batch]


class Unconfirmed(Exception):
    """The commit's fate is not known: the answer is no, and the same code may be spent. Never guess."""


class Judging(Protocol):
    """Judges questions together with whatever else is being asked, each code at most once, durable before the answer."""

    def submit(self, asked: Asked, answer: Callable[[Result], None]) -> None:
        """Take up a question. `answer` is called once, on the running loop, with what `judge` returns or raises.

        Raises:
            Unavailable: too many wait.
        """
        ...

    async def warm_up(self) -> None:
        """Make ready what the first question would have to wait for."""
        ...

    async def close(self) -> None:
        """Finish what is under way, and end."""
        ...


async def judge(judging: Judging, asked: Asked) -> Judged | Alone:
    """The answer to one question.

    Raises:
        NoKey, NotInScope: the key is not good, or not for this.
        TooOften: too many wrong codes came from the client.
        OtherRequest: the Idempotency-Key was used for another question.
        Unavailable: the store does not answer, or too many wait; nothing was judged.
        Unconfirmed: it was judged, but nobody knows whether that lasted.
    """
    waiting: asyncio.Future[Result] = asyncio.get_running_loop().create_future()

    def answer(result: Result) -> None:
        if not waiting.done():
            waiting.set_result(result)

    judging.submit(asked, answer)
    result = await waiting
    if isinstance(result, Exception):
        raise result
    return result
