"""Where photographs of codes are read. Nothing of a picture is kept, and in each area one is looked at at a time, so that
members do not keep the counter waiting."""

import threading
from collections.abc import Mapping
from typing import Final

from otpward.core.model.document import Flaw
from otpward.core.model.member import Area
from otpward.core.model.scanned import Symbology
from otpward.edges.http.intake import Crowded, Intake
from otpward.ports.codes import CodeReader

PHOTOS: Final[Mapping[Area, str]] = {Area.PORTAL: "/register/photo", Area.CONSOLE: "/console/photo"}
_PATIENCE_S: Final = 8.0
"""A photograph takes half a second; who waits longer is told to come again."""


class PhotoRoom(Intake):
    """Where photographs of codes are read."""

    def __init__(self, reader: CodeReader) -> None:
        super().__init__()
        self._reader = reader
        self._turns = {area: threading.Lock() for area in Area}

    def read(self, octets: bytes, kinds: set[Symbology], area: Area) -> list[str] | Flaw:
        """What the codes say, or why the photograph cannot be taken; raises `Crowded`."""
        turn = self._turns[area]
        if not turn.acquire(timeout=_PATIENCE_S):
            raise Crowded("another photograph is being read")
        try:
            read = self._reader.read(octets, kinds)
        finally:
            turn.release()
        return read if isinstance(read, Flaw) else list(read)


def takes_files(path: str) -> bool:
    """Whether this is where a file is sent to."""
    return path in PHOTOS.values()
