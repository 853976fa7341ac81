"""A reader that opens nothing before it was looked through for harmful software."""

from collections.abc import Sequence

import structlog

from otpward.core.errors import Unavailable
from otpward.core.formats.picture import OCTETS
from otpward.core.model.document import Flaw
from otpward.core.policy.papers import Paper
from otpward.core.secret import PersonalOctets
from otpward.ports.documents import PaperReader, Patch, ReadPage, ReadPaper
from otpward.ports.scanner import Scanner

_log = structlog.get_logger()


class ScannedReader:
    """The same reader, behind a scanner. Where the scanner is silent, the file is not taken."""

    def __init__(self, reader: PaperReader, scanner: Scanner) -> None:
        self._reader = reader
        self._scanner = scanner

    def read(self, octets: bytes, paper: Paper | None) -> ReadPaper | Flaw:
        """What the reader says of a clean file; of any other, why it is not taken. Raises `Unavailable` as the reader does."""
        if octets and len(octets) <= OCTETS:
            try:
                found = self._scanner.find(octets)
            except Unavailable as error:
                _log.error("paper_not_scanned", error=str(error))
                return Flaw.NOT_SCANNED
            if found:
                _log.warning("paper_infected", found=found)
                return Flaw.VIRUS
        return self._reader.read(octets, paper)

    def cover(self, pages: Sequence[PersonalOctets], patches: Sequence[Patch]) -> Sequence[ReadPage]:
        """The same pages with these patches painted over as well; they are ours."""
        return self._reader.cover(pages, patches)

    def close(self) -> None:
        """Let go of the reader."""
        self._reader.close()
