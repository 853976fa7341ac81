"""Squares over a picture that are ticked to be covered: by finger, mouse or keys, without script."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from otpward.core.model.document import DocumentPage
from otpward.ports.documents import Patch

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


def ticked(cells: str, pages: Sequence[DocumentPage]) -> list[Patch]:
    """The squares that were ticked on these pages (`page-row-column`, with commas between); what is none is passed over."""
    grids = {grid.page: grid for grid in map(grid_of, pages)}
    return [patch for cell in cells.split(",") if (patch := _patch(cell, grids)) is not None]


def _patch(cell: str, grids: dict[int, Grid]) -> Patch | None:
    """One square, a little larger than it looks, so that neighbours leave no line between them."""
    parts = cell.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):
        return None
    number, row, column = (int(part) for part in parts)
    grid = grids.get(number)
    if grid is None or row >= grid.rows or column >= grid.columns:
        return None
    wide, high = 1 / grid.columns, 1 / grid.rows
    return Patch(number, column * wide - 0.002, row * high - 0.002, (column + 1) * wide + 0.002, (row + 1) * high + 0.002)
