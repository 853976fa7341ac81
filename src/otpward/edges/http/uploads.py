"""Files on their way in: few at a time, in memory only, read one after another behind the page that took them.

A picture is never on disk before it is covered. So what is being sent and what waits to be read lies in memory, and there is
room for a little of it: when it is full, the next is asked to come again, before its octets are taken.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog
from starlette.requests import Request

from otpward.core.errors import OtpwardError, Unavailable
from otpward.core.ids import InstitutionId
from otpward.core.model.document import Flaw
from otpward.core.policy.papers import Paper
from otpward.edges.http.intake import AT_ONCE, FORM_OCTETS, Crowded, Intake, UploadTooBig
from otpward.ports.desk import House
from otpward.ports.documents import PaperReader, ReadPaper
from otpward.services.apply.take_reading import take_reading

__all__ = ["AGAIN_S", "AT_ONCE", "FORM_OCTETS", "Crowded", "UploadTooBig", "Uploads", "Waiting"]

AGAIN_S: Final = 30

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A picture that was taken in, and for which paper."""

    institution_id: InstitutionId
    document_id: UUID
    paper: Paper | None
    octets: bytes


class Uploads(Intake):
    """The room where files wait, and the one thread that has them read."""

    def __init__(self, house: House, reader: PaperReader) -> None:
        super().__init__()
        self.reader = reader
        self._house = house
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="papers")

    def hand_over(self, waiting: Waiting, request: Request) -> None:
        """Have it read; the page does not wait, and the room stays taken until it was."""
        room, request.state.room = request.state.room, 0
        self._thread.submit(self._read, waiting, room)

    def close(self) -> None:
        """Let the one that is being read finish, and no other begin."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self.reader.close()

    def _read(self, waiting: Waiting, room: int) -> None:
        try:
            reading: ReadPaper | Flaw = self.reader.read(waiting.octets, waiting.paper)
        except Unavailable as error:
            _log.error("paper_not_read", error=str(error))
            reading = Flaw.TOO_HEAVY
        except Exception as error:  # whatever it is, the member is told and the next one is read
            _log.error("paper_fault", error=type(error).__name__, exc_info=error)
            reading = Flaw.TOO_HEAVY
        finally:
            self.leave(room)
        try:
            self._house.do(waiting.institution_id, lambda desk: take_reading(waiting.document_id, reading, desk=desk))
        except OtpwardError as error:
            _log.error("reading_not_kept", error=type(error).__name__, exc_info=error)
