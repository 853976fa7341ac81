"""Reads the tables of test data beside this file."""

import json
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).resolve().parent


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of one table, such as `rfc4226/hotp.json`."""
    table: list[dict[str, Any]] = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    return table


def octets(name: str) -> bytes:
    """One file as it is."""
    return (VECTORS / name).read_bytes()
