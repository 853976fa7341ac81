"""Tables for a spreadsheet, which must take nothing in them for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from starlette.responses import Response

_FORMULA: Final = frozenset("=+-@\t\r\n\0")
_MARK: Final = "\ufeff"
"""Without it a spreadsheet takes Korean in UTF-8 for something else."""


def guarded(cell: str) -> str:
    """The cell as text: what a spreadsheet would compute gets an apostrophe before it (ASVS 5.0 V1.2.10)."""
    return f"'{cell}" if cell[:1] in _FORMULA and cell else cell


def csv_response(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """A download with these columns (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(_MARK + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
