"""One visit to a provider: as many questions as it takes, and one allowance of time for all of them."""

import time
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeVar

import httpx
import msgspec

from otpward.adapters.bounded import ANSWER_LIMIT, Answer, exchange
from otpward.core.errors import Unavailable

VISIT_S: Final = 4.5
"""A dead provider costs the member five seconds at most, of which our own page needs some; then it offers another way."""

LEAST_S: Final = 0.05

T = TypeVar("T")


class Visit:
    """Whatever is asked shares one allowance of time."""

    def __init__(self, http: httpx.Client, whole_s: float = VISIT_S) -> None:
        self._http = http
        self._until = time.monotonic() + whole_s

    def ask(
        self,
        method: Literal["GET", "POST"],
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        faults_too: bool = False,
        limit: int = ANSWER_LIMIT,
        others: bool = False,
    ) -> Answer:
        """Ask one thing, which may take all that is left; with `others` who may be asked instead, half of it.

        Raises:
            Unavailable: as `exchange`, or the time of the visit is used up.
        """
        left_s = (self._until - time.monotonic()) / (2 if others else 1)
        if left_s < LEAST_S:
            raise Unavailable("the other side took too long")
        return exchange(
            self._http,
            method,
            url,
            timeout=left_s,
            params=params,
            headers=headers,
            content=content,
            faults_too=faults_too,
            limit=limit,
        )


def read(body: bytes, kind: type[T]) -> T:
    """An answer as what it should be.

    Raises:
        Unavailable: it is not that.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unavailable("the answer of the other side cannot be read") from None


def write(document: Any) -> bytes:
    """A document as it is sent."""
    return msgspec.json.encode(document)
