"""A text is read as TOML 1.0 within bounds, which are looked at before anything is parsed."""

import re
import tomllib
from typing import Any, Final

from otpward.core.policy.document.faults import BadPolicy, Fault, Flaw

OCTETS_MAX: Final = 256 * 1024
LINE_MAX: Final = 2000
DOTS_MAX: Final = 32
"""A dotted key of a thousand parts costs the parser a million steps; none of ours has more than four."""

_QUOTED: Final = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*')
_AT_LINE: Final = re.compile(r"at line (\d+)")
_OVERWRITES: Final = ("overwrite", "twice", "already", "Duplicate")


def read_octets(octets: bytes) -> dict[str, Any]:
    """The tables of a text that came as octets; raises `BadPolicy`."""
    if len(octets) > OCTETS_MAX:
        raise _bad(Flaw.TOO_LARGE, most=OCTETS_MAX // 1024)
    try:
        return read_text(octets.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _bad(Flaw.NOT_UTF8) from None


def read_text(text: str) -> dict[str, Any]:
    """The tables of a text.

    Raises:
        BadPolicy: too large, a line too long, not TOML, a key twice, nested too deeply.
    """
    try:
        octets = len(text.encode())
    except UnicodeEncodeError:
        raise _bad(Flaw.NOT_UTF8) from None
    if octets > OCTETS_MAX:
        raise _bad(Flaw.TOO_LARGE, most=OCTETS_MAX // 1024)
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line.encode()) > LINE_MAX:
            raise _bad(Flaw.LONG_LINE, line=number, most=LINE_MAX)
        if _QUOTED.sub("", line).count(".") > DOTS_MAX:
            raise _bad(Flaw.TOO_DEEP)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise _bad(Flaw.TOO_DEEP) from None
    except ValueError as error:  # of which tomllib's own is one; a number of 5,000 digits is another
        raise _as_fault(str(error), text) from None


def _as_fault(said: str, text: str) -> BadPolicy:
    found = _AT_LINE.search(said)
    line = int(found[1]) if found else text.count("\n") + 1
    return _bad(Flaw.TWICE if any(word in said for word in _OVERWRITES) else Flaw.NOT_TOML, line=line)


def _bad(flaw: Flaw, **more: object) -> BadPolicy:
    return BadPolicy([Fault(flaw=flaw, more=more)])
