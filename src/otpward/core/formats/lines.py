"""Text in lines, out of octets that come in pieces: UTF-8, of limited length, numbered from 1."""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Final

from otpward.core.formats.faults import BrokenSeedFile
from otpward.core.formats.reading import Chunks
from otpward.core.formats.records import KEYS_MAX

LINE_MAX: Final = 4096
BREAKS: Final = re.compile(r"\r\n|\n|\r")
PIECE_OCTETS: Final = 1 << 16
OF_A_LIST_MAX: Final = KEYS_MAX + 1_000  # headings and remarks may stand between


def lines(chunks: Chunks, longest: int = LINE_MAX) -> Iterator[tuple[int, str]]:
    """Each line with its number, without what ends it.

    Raises, while iterating:
        BrokenSeedFile: not UTF-8 text, or a line is too long.
    """
    number, rest = 0, ""
    for text in _texts(chunks):
        parts = BREAKS.split(rest + text)
        rest = parts.pop()
        for line in parts:
            number += 1
            yield number, _bounded(line, number, longest)
        _bounded(rest, number + 1, longest)
    for line in BREAKS.split(rest):
        number += 1
        yield number, _bounded(line.removesuffix("\r"), number, longest)


def meaningful(chunks: Chunks, longest: int = LINE_MAX) -> Iterator[tuple[int, str]]:
    """The lines that are neither empty nor a comment."""
    count = 0
    for number, line in lines(chunks, longest):
        text = line.strip()
        if text and not text.startswith("#"):
            count += 1
            if count > OF_A_LIST_MAX:
                raise BrokenSeedFile(f"more than {KEYS_MAX} tokens in one file")
            yield number, text


def _bounded(line: str, number: int, longest: int) -> str:
    if len(line) > longest:
        raise BrokenSeedFile(f"longer than {longest} characters", where=f"line {number}")
    return line


def _texts(chunks: Iterable[bytes]) -> Iterator[str]:
    """Decoded pieces; a `\\r` at the end waits for the `\\n` that may follow."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    held = ""
    try:
        for chunk in chunks:
            for start in range(0, len(chunk), PIECE_OCTETS):
                text = held + decoder.decode(chunk[start : start + PIECE_OCTETS])
                held = "\r" if text.endswith("\r") else ""
                yield text.removesuffix("\r") if held else text
        yield held + decoder.decode(b"", final=True)
    except UnicodeError:
        raise BrokenSeedFile("the file is not UTF-8 text; save it again in UTF-8") from None


def cells_of(line: str, separator: str) -> list[str]:
    """The cells of a line, each without the quotes around it. No cell of these formats holds a separator."""
    if '"' not in line:
        return [cell.strip() for cell in line.split(separator)]
    return [_unquoted(cell.strip()) for cell in line.split(separator)]


def _unquoted(cell: str) -> str:
    return cell[1:-1].strip() if len(cell) >= 2 and cell[0] == cell[-1] == '"' else cell
