"""One table from the kind of an error to the page that tells of it. What is not in it is ours to mend: the log gets the
detail, the visitor a reference number."""

import secrets
from math import ceil
from typing import Any, Final

import structlog
from starlette.responses import Response

from otpward.core.errors import Conflict, Denied, Invalid, NotFound, OtpwardError, TooOften, Unavailable
from otpward.edges.http.front import Visit

_log = structlog.get_logger()

STATUS: Final = ((TooOften, 429), (Invalid, 422), (Denied, 403), (NotFound, 404), (Conflict, 409), (Unavailable, 503))
"""The first kind that fits decides."""


def status_of(error: OtpwardError) -> int:
    """The HTTP status of an error of ours."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def new_reference() -> str:
    """A number under which support finds the log line."""
    return secrets.token_hex(4).upper()


def explain(visit: Visit, error: OtpwardError) -> Response:
    """The page for an error that no handler turned into words of its own."""
    status = status_of(error)
    if status == 500:
        return explain_fault(visit, error)
    more: dict[str, Any] = {}
    if isinstance(error, TooOften):
        left_s = max(1, ceil((error.until - visit.front.house.clock.now()).total_seconds()))
        more = {"until": error.until, "minutes": -(-left_s // 60), "headers": {"Retry-After": str(left_s)}}
    return visit.page(f"errors/{status}.html", status=status, values={}, code=error.code, **more)


def explain_fault(visit: Visit, error: Exception) -> Response:
    """The page for what should not have happened; the log has the rest."""
    reference = new_reference()
    _log.error("fault", reference=reference, path=_shown_path(visit), error=type(error).__name__, exc_info=error)
    return visit.page("errors/500.html", status=500, values={}, ref=reference)


def _shown_path(visit: Visit) -> str:
    """The path for the log: without what acts, where an address holds such a code."""
    path = visit.request.url.path
    return next((f"{room}•" for room in ("/undo/", "/r/") if path.startswith(room)), path)
