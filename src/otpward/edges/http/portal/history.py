"""A member's own record: what happened, when, by whom and from where; and the same as a file."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.audit import ActorKind
from otpward.core.model.member import Level, Member
from otpward.edges.http.console.history import Entry, Historian, entries
from otpward.edges.http.console.spreadsheet import csv_response
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.own_record import own_lines, shortened
from otpward.edges.http.show import masked_serial

PAGE_ROWS: Final = 30
FILE_ROWS: Final = 5_000


def show_history(visit: Visit) -> Response:
    """A page of it, or the newest five thousand lines as a file."""
    member = visit.need(Level.FULL).member
    if visit.query.get("format") == "csv":
        return _file(visit, member)
    before = _before(visit.query.get("before", ""))
    found = visit.look(lambda uow: entries(own_lines(member.id, uow=uow, most=PAGE_ROWS + 1, before=before), uow))
    page, rest = _cut(found)
    after = f"/history?{urlencode({'before': page[-1].line.at.isoformat()})}" if rest else None
    return visit.page(
        "portal/my/history.html",
        rows=[(entry, *_said(visit, member, entry)) for entry in page],
        newest="/history" if before is not None else None,
        after=after,
    )


def _cut(found: list[Entry]) -> tuple[list[Entry], bool]:
    """The rows of this page, all of one moment on one side, and whether older ones follow."""
    if len(found) <= PAGE_ROWS:
        return found, False
    last = found[PAGE_ROWS - 1].line.at
    page = [entry for place, entry in enumerate(found) if place < PAGE_ROWS or entry.line.at == last]
    return page, len(page) < len(found)


def _file(visit: Visit, member: Member) -> Response:
    found = visit.look(lambda uow: entries(own_lines(member.id, uow=uow, most=FILE_ROWS), uow))
    _ = visit.words._
    head = [_("Time (UTC)"), _("What"), _("About"), _("Result"), _("Who"), _("From")]
    rows = [(entry.line.at.strftime("%Y-%m-%d %H:%M:%S"), *_said(visit, member, entry)) for entry in found]
    return csv_response("otp-history.csv", head, rows)


def _said(visit: Visit, member: Member, entry: Entry) -> tuple[str, str, str, str, str]:
    """What, about what, with which result, who, and from where."""
    told, line = Historian(visit.words), entry.line
    about = ""
    if entry.token is not None:
        about = masked_serial(entry.token.serial)
    elif entry.case is not None:
        about = entry.case.number
    return told.did(entry), about, told.result(entry), _who(visit, member, entry), _where(entry) if line.source else ""


def _who(visit: Visit, member: Member, entry: Entry) -> str:
    _ = visit.words._
    kind = entry.line.actor_kind
    if kind is ActorKind.STRANGER or (kind is ActorKind.MEMBER and entry.line.actor_id == member.id):
        return _("You")
    if kind is ActorKind.API_KEY:
        return entry.key.name if entry.key is not None and entry.key.name else _("A connected service")
    if kind is ActorKind.MEMBER:
        return _("Another member")
    return _("Staff") if kind in {ActorKind.STAFF, ActorKind.OPERATOR} else visit.institution.name(visit.lang)


def _where(entry: Entry) -> str:
    """Where the member themselves acted from; where staff and systems sit is not theirs to know."""
    own = entry.line.actor_kind in {ActorKind.MEMBER, ActorKind.STRANGER}
    return shortened(entry.line.source) if own else ""


def _before(typed: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(typed)
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (ValueError, OverflowError):  # the first day of the first year, east of Greenwich
        return None


def routes(front: Front) -> list[BaseRoute]:
    """The page, and the file."""
    return [page_route(front, "/history", get=show_history, explain=explain)]
