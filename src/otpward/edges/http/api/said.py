"""What answers of this interface have in common: never kept by a cache, moments in RFC 3339, versions as entity tags, pages
with a cursor."""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime
from starlette.responses import JSONResponse, Response

from otpward.core.errors import Conflict, Denied, Invalid

KEY: Final[dict[str, Any]] = {"security": [{"key": []}]}
_ETAG: Final = re.compile(r'"(\d{1,9})"')
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR_LONGEST: Final = 200


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("it lies beyond the calendar") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment as it is sent (RFC 3339), in UTC. At the edge of the calendar an offset leads out of it."""


class NoVersion(Denied):
    """A change is made on what was read: `If-Match` with its entity tag is needed (RFC 6585 §3)."""

    code: ClassVar[str] = "if_match_needed"


class OtherVersion(Conflict):
    """It is not any more as it was read (RFC 9110 §13.1.1)."""

    code: ClassVar[str] = "changed_since"


def said(answer: Mapping[str, Any], *, status: int = 200, version: int | None = None) -> Response:
    """The answer; with the version of what it shows as its entity tag."""
    headers = {"Cache-Control": "no-store"}
    if version is not None:
        headers["ETag"] = f'"{version}"'
    return JSONResponse(answer, status_code=status, headers=headers)


def seen_version(if_match: str | None) -> int:
    """The version that the caller read; raises `NoVersion`. `*` is none: nobody decides on what they have not read."""
    found = _ETAG.fullmatch((if_match or "").strip())
    if found is None:
        raise NoVersion("send If-Match with the ETag of what you read")
    return int(found[1])


def stamp(at: datetime | None) -> str | None:
    """A moment in RFC 3339."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def cursor_of(*parts: object) -> str:
    """Where a page ended, as a word that says nothing."""
    text = ".".join(str(_micros(part) if isinstance(part, datetime) else part) for part in parts)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, parts: int) -> list[str]:
    """The parts of a cursor of ours; raises `Invalid` (field `cursor`)."""
    try:
        octets = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found = octets.decode("ascii").split(".") if len(cursor) <= _CURSOR_LONGEST else []
    except (binascii.Error, ValueError):
        found = []
    if len(found) != parts:
        raise Invalid("this is no cursor of ours", field="cursor")
    return found


def moment_in(part: str) -> datetime:
    """The moment in a part of a cursor; raises `Invalid`."""
    if not part.isascii() or not part.isdigit() or len(part) > 16:
        raise Invalid("this is no cursor of ours", field="cursor")
    return _EPOCH + timedelta(microseconds=int(part))


def key_in(part: str) -> UUID:
    """The key in a part of a cursor; raises `Invalid`."""
    try:
        return UUID(part)
    except ValueError:
        raise Invalid("this is no cursor of ours", field="cursor") from None


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)
