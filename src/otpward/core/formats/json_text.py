"""JSON in bounds: of limited size and depth, no name twice, and no message that repeats what it says."""

import json
from typing import Any, Final, TypeAlias

from otpward.core.formats.faults import BrokenSeedFile
from otpward.core.formats.reading import Chunks, whole

Json: TypeAlias = dict[str, Any]
ENTRIES_MAX: Final = 100_000


def json_of(chunks: Chunks) -> Any:
    """What the file says.

    Raises:
        BrokenSeedFile: not JSON in UTF-8, nested too deeply, or a name is there twice.
        UnknownSeedFile: too large.
    """
    octets = whole(chunks)
    try:
        return json.loads(octets.decode("utf-8-sig"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise BrokenSeedFile("the file is not JSON, or is cut off") from None


def part(value: Any, *path: str) -> Any:
    """What stands at this path of names, or None."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text(value: Any, *path: str) -> str:
    """The text at this path, or nothing."""
    found = part(value, *path)
    return found if isinstance(found, str) else ""


def entries(value: Any) -> list[Any]:
    """A list that is not too long.

    Raises:
        BrokenSeedFile: it is no list, or too long.
    """
    if not isinstance(value, list):
        raise BrokenSeedFile("the list of keys is not where it should be")
    if len(value) > ENTRIES_MAX:
        raise BrokenSeedFile(f"more than {ENTRIES_MAX} keys in one file")
    return value


def _once(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found
