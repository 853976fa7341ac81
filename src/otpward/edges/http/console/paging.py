"""Where one is in a long list: all of it is in the address, so a page can be sent to a colleague."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

PAGE_ROWS: Final = 25
_LAST_PAGE: Final = 10_000
"""Nobody turns so many pages; what asks for more is a mistake or a probe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """The rows from `offset`, and the addresses of the pages beside this one."""

    offset: int
    total: int | None
    rows: int
    before: str | None
    after: str | None

    @property
    def text(self) -> str:
        """Which rows these are, of how many where that is known."""
        here = f"{self.offset + 1}–{self.offset + self.rows}" if self.rows else "0"
        return here if self.total is None else f"{here} / {self.total}"


def page_number(query: Mapping[str, str]) -> int:
    """The page that was asked for, the first being 1."""
    asked = query.get("page", "")
    return min(max(int(asked), 1), _LAST_PAGE) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1


def offset_of(query: Mapping[str, str]) -> int:
    """The first row of the page that was asked for."""
    return (page_number(query) - 1) * PAGE_ROWS


def paged(path: str, query: Mapping[str, str], *, rows: int, total: int | None = None, more: bool = False) -> Paging:
    """Where this page lies. Without a `total`, `more` says whether anything follows."""
    number = page_number(query)
    offset = offset_of(query)
    follows = more if total is None else offset + rows < total
    kept = {key: value for key, value in query.items() if key not in {"page", "done", "lang"} and value}

    def address(page: int) -> str:
        return f"{path}?{urlencode({**kept, 'page': page} if page > 1 else kept)}"

    return Paging(
        offset=offset,
        total=total,
        rows=rows,
        before=address(number - 1) if number > 1 else None,
        after=address(number + 1) if follows and rows else None,
    )
