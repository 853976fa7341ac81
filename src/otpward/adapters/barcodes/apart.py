"""The server's side: each photograph goes to a process that lives for it alone, and what its codes say comes back.

The server itself never decodes, and imports neither Pillow nor zxing-cpp.
"""

from collections.abc import Collection
from importlib.util import find_spec
from typing import Final

from otpward.adapters.child import deadline, end_child, pipes, start_child
from otpward.adapters.documents.frames import put, take
from otpward.core.formats.picture import Kind, sight
from otpward.core.model.document import Flaw
from otpward.core.model.scanned import Symbology

_WITHIN_S: Final = 15.0


def is_installed() -> bool:
    """Whether photographs of codes can be read here at all (the extra `scan`)."""
    return find_spec("PIL") is not None and find_spec("zxingcpp") is not None


class ApartCodeReader:
    """Reads in another process."""

    def read(self, octets: bytes, kinds: Collection[Symbology]) -> list[str] | Flaw:
        """What the codes of these kinds say, or why the photograph cannot be taken; raises `Unavailable`."""
        sighted = sight(octets)
        if isinstance(sighted, Flaw):
            return sighted
        if sighted.kind is Kind.PDF:
            return Flaw.TYPE
        process = start_child("otpward.adapters.barcodes.reading")
        with deadline(process, _WITHIN_S):
            try:
                given, got = pipes(process)
                put(given, {"kinds": sorted(kinds)}, octets)
                head, _ = take(got)
            except (EOFError, OSError):
                return Flaw.TOO_HEAVY
            finally:
                end_child(process)
        return Flaw(head["flaw"]) if "flaw" in head else [str(text) for text in head["texts"]]
