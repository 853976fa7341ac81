"""One HTTP exchange that is sure to end: in time, with a small answer, at the address that was asked."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import httpx

from otpward.adapters.prompt import within
from otpward.core.errors import Unavailable, Unsure

# httpx writes each address at INFO, query and all: the post's service key and the tracking number stand in it.
logging.getLogger("httpx").setLevel(logging.WARNING)

_NEVER_ASKED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_NOT_DONE: Final = frozenset({408, 425, 429, 503})
"""Who answers so has not begun."""

ANSWER_LIMIT: Final = 256 * 1024
"""Bytes. The answers we read are a few kilobytes; whatever is larger is not an answer to us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: a status below 500, unless faults were asked for, that is not a redirect; and the whole body."""

    status: int
    body: bytes


def exchange(
    http: httpx.Client,
    method: Literal["GET", "POST"],
    url: str,
    *,
    timeout: float,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    faults_too: bool = False,
    limit: int = ANSWER_LIMIT,
) -> Answer:
    """Ask once and read the answer to its end, within `timeout` seconds over all and `limit` bytes.

    "Over all" is kept by a client of `open_http`: a name that nobody resolves, a header in drips, a silent handshake. Any other
    client has its own time-out for each wait.

    A redirect is not followed: our keys go only to the address that was configured. With `faults_too` an answer of 500 and
    above is returned too, for a provider that says its ordinary refusals with 502.

    Raises:
        Unavailable: no connection, or an overloaded server.
        Unsure: it was asked, and may have done it: no answer in time, a faulty server, an answer too large.
    """
    deadline = time.monotonic() + timeout
    body = bytearray()
    try:
        with (
            within(timeout),
            http.stream(
                method, url, params=params, headers=headers, content=content, timeout=timeout, follow_redirects=False
            ) as response,
        ):
            if (
                (response.status_code >= 500 and not faults_too)
                or response.status_code in (408, 425, 429)
                or response.is_redirect
            ):
                kind = Unavailable if response.status_code in _NOT_DONE or response.is_redirect else Unsure
                raise kind(f"the other side answered {response.status_code}")
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > limit:
                    raise Unsure("the answer of the other side is too large")
                if time.monotonic() > deadline:
                    raise Unsure("the other side did not finish its answer in time")
    except httpx.TimeoutException as fault:
        kind = Unavailable if isinstance(fault, _NEVER_ASKED) else Unsure
        raise kind(f"the other side did not answer in time: {type(fault).__name__}") from None
    except (httpx.HTTPError, httpx.StreamError) as fault:
        kind = Unavailable if isinstance(fault, _NEVER_ASKED) else Unsure
        raise kind(f"the other side did not answer: {type(fault).__name__}") from None
    return Answer(status=response.status_code, body=bytes(body))
