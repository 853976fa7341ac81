"""Tables for a spreadsheet, which must take nothing in them for a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from starlette.responses import Response, StreamingResponse

_FORMULA: Final = frozenset("=+-@\t\r\n\0")
_MARK: Final = "\ufeff"
"""Without it a spreadsheet takes Korean in UTF-8 for something else."""
_PIECE: Final = 16_384
_TYPE: Final = "text/csv; charset=utf-8"


def guarded(cell: str) -> str:
    """The cell as text: what a spreadsheet would compute gets an apostrophe before it (ASVS 5.0 V1.2.10)."""
    return f"'{cell}" if cell[:1] in _FORMULA and cell else cell


def csv_response(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """A download with these columns (RFC 4180)."""
    return Response("".join(_lines(head, rows)), media_type=_TYPE, headers=_headers(name))


def csv_stream(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """The same, sent while it is read."""
    return StreamingResponse(_lines(head, rows), media_type=_TYPE, headers=_headers(name))


def _lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    text.write(_MARK)
    writer.writerow(head)
    for row in rows:
        writer.writerow([guarded(cell) for cell in row])
        if text.tell() > _PIECE:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _headers(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
