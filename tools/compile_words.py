"""Compiles the Korean catalogue: writes `otpward.mo` beside `otpward.po`, from which the pages take their words.

    python -m tools.compile_words

To be run after each change of the catalogue; both files are committed, and `make check` says so where it was forgotten. The
bytes follow from the sentences alone, not from the day, the machine or a version (GNU gettext manual, "The Format of GNU MO
Files").
"""

import os
import struct
import sys
from pathlib import Path
from typing import Final

from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, read_po

ROOT: Final = Path(__file__).resolve().parent.parent
CATALOGUE: Final = ROOT / "src" / "otpward" / "edges" / "http" / "locale" / "ko" / "LC_MESSAGES" / "otpward.po"
ADVICE: Final = "run `python -m tools.compile_words`"

_MAGIC: Final = 0x950412DE
_WORD_OCTETS: Final = 4
_HEAD_WORDS: Final = 7


def compiled(catalogue: Path) -> bytes:
    """Return what the catalogue compiles to. A sentence without finished Korean is left out, and pages say it in English.

    Raises:
        PoFileError: the catalogue cannot be read.
    """
    with catalogue.open("rb") as lines:
        messages = read_po(lines, locale="ko", abort_invalid=True)
    head = f"Content-Type: text/plain; charset=utf-8\nPlural-Forms: {messages.plural_forms}\n"
    finished = (entry for entry in messages if entry.id and not entry.fuzzy)
    said = {b"": head.encode()} | {_key(entry): korean for entry in finished if (korean := _korean(entry))}
    return _file(said)


def compiled_beside(catalogue: Path) -> Path:
    """Return where the compiled words of a catalogue lie."""
    return catalogue.with_suffix(".mo")


def _key(entry: Message) -> bytes:
    ids = "\0".join([entry.id] if isinstance(entry.id, str) else entry.id)
    return (f"{entry.context}\x04{ids}" if entry.context else ids).encode()


def _korean(entry: Message) -> bytes:
    forms = [entry.string] if isinstance(entry.string, str) else list(entry.string or ())
    return "\0".join(forms).encode() if all(forms) else b""


def _file(said: dict[bytes, bytes]) -> bytes:
    """Lay the file out: a head, two tables of lengths and places, then the texts, each with a zero octet after it."""
    ids = sorted(said)
    texts = [*ids, *(said[one] for one in ids)]
    place = (_HEAD_WORDS + 2 * len(texts)) * _WORD_OCTETS
    table = []
    for text in texts:
        table += [len(text), place]
        place += len(text) + 1
    first = _HEAD_WORDS * _WORD_OCTETS
    # No hash table: Python's gettext reads the file whole.
    head = [_MAGIC, 0, len(ids), first, first + len(ids) * 2 * _WORD_OCTETS, 0, first + len(texts) * 2 * _WORD_OCTETS]
    return struct.pack(f"<{len(head) + len(table)}I", *head, *table) + b"".join(text + b"\0" for text in texts)


def main() -> int:
    try:
        wanted = compiled(CATALOGUE)
    except PoFileError as error:
        print(f"{CATALOGUE.name} cannot be read, and nothing was written: {error}", file=sys.stderr)
        return 1
    target = compiled_beside(CATALOGUE)
    if target.exists() and target.read_bytes() == wanted:
        print(f"{target.name} is up to date.")
        return 0
    # Written beside and moved, so that a server that starts now reads the old words or the new ones, never half of them.
    fresh = target.with_suffix(f".{os.getpid()}")
    fresh.write_bytes(wanted)
    fresh.replace(target)
    print(f"{target.name} is written; commit it together with {CATALOGUE.name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
