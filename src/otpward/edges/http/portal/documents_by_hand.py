"""Covering by hand: squares over the picture that are ticked, by finger, mouse or keys, without script."""

from dataclasses import dataclass
from typing import Final

from otpward.core.model.document import OFFERED, Document, DocumentPage
from otpward.core.model.proof import Act
from otpward.edges.http.front import Visit
from otpward.edges.http.portal.own import proven
from otpward.ports.documents import PaperReader, Patch
from otpward.services.apply.cover_more import CoverMore, cover_more

COLUMNS: Final = 13
"""On a screen of 360 px a square is then 25 px wide: large enough to be hit (WCAG 2.5.8)."""
_ROWS_MOST: Final = 40


@dataclass(frozen=True, slots=True)
class Grid:
    """The squares over one page."""

    page: int
    columns: int
    rows: int


def grid_of(page: DocumentPage) -> Grid:
    """Squares that are as high as wide, as nearly as they go."""
    rows = round(COLUMNS * page.height / max(1, page.width))
    return Grid(page.number, COLUMNS, min(max(rows, 1), _ROWS_MOST))


def send_cover(visit: Visit, document: Document, *, seen: int, reader: PaperReader) -> dict[str, str]:
    """Paint the ticked squares over; what is wrong, by field, if nothing was ticked."""
    seat = proven(visit, Act.APPLY)
    pages = visit.look(lambda uow: uow.document_pages.find(document_id=document.id, order="number"))
    grids = {grid.page: grid for grid in map(grid_of, pages)}
    patches = [patch for cell in visit.form.get("cell", "").split(",") if (patch := _patch(cell, grids)) is not None]
    if not patches:
        return {"cell": visit.words._("Tick the squares that are to be covered")}
    if document.state not in OFFERED:
        return {}
    painted = reader.cover([page.picture for page in pages], patches)
    ask = CoverMore(document_id=document.id, member_id=seat.member.id, seen=seen, pages=painted, source=visit.source)
    visit.do(lambda desk: cover_more(ask, desk=desk))
    return {}


def _patch(cell: str, grids: dict[int, Grid]) -> Patch | None:
    """The square `page-row-column`, a little larger than it looks, so that neighbours leave no line between them."""
    parts = cell.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):
        return None
    number, row, column = (int(part) for part in parts)
    grid = grids.get(number)
    if grid is None or row >= grid.rows or column >= grid.columns:
        return None
    wide, high = 1 / grid.columns, 1 / grid.rows
    return Patch(number, column * wide - 0.002, row * high - 0.002, (column + 1) * wide + 0.002, (row + 1) * high + 0.002)
