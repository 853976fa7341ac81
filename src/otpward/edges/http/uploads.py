"""Files on their way in: few at a time, in memory only, read one after another behind the page that took them.

A picture is never on disk before it is covered. So what is being sent and what waits to be read lies in memory, and there is
room for a little of it: when it is full, the next is asked to come again, before its octets are taken.
"""

import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar, Final
from uuid import UUID

import structlog
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from otpward.core.errors import Denied, OtpwardError, Unavailable
from otpward.core.formats.picture import OCTETS
from otpward.core.ids import InstitutionId
from otpward.core.model.document import Flaw
from otpward.core.policy.papers import Paper
from otpward.ports.desk import House
from otpward.ports.documents import PaperReader, ReadPaper
from otpward.services.apply.take_reading import take_reading

FORM_OCTETS: Final = OCTETS + 64 * 1024
"""A file of the largest size, and the fields beside it."""
AT_ONCE: Final = 32 * 1024 * 1024
"""So much may be in memory at a time: eight photographs, or three of the largest."""
AGAIN_S: Final = 30
_FIELDS: Final = 20
_HEARD_OUT: Final = 64 * 1024 * 1024

_log = structlog.get_logger()


class Crowded(Unavailable):
    """As many pictures as there is room for are being read; this one was not taken."""

    code: ClassVar[str] = "crowded"


class UploadTooBig(Denied):
    """The form is longer than any file that is taken; nothing of it was read."""

    code: ClassVar[str] = "upload_too_big"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A picture that was taken in, and for which paper."""

    institution_id: InstitutionId
    document_id: UUID
    paper: Paper | None
    octets: bytes


class Uploads:
    """The room where files wait, and the one thread that has them read."""

    def __init__(self, house: House, reader: PaperReader) -> None:
        self.reader = reader
        self._house = house
        self._free = AT_ONCE
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="papers")

    async def receive(self, request: Request) -> Mapping[str, str]:
        """The form's fields; its file is put on `request.state.file`, its room on `request.state.room` until it is handed over
        or answered.

        Raises:
            UploadTooBig: its length is not given, or beyond what is taken.
            Crowded: no room for it now.
        """
        declared = request.headers.get("content-length", "")
        if not declared.isdigit() or len(declared) > 12 or int(declared) > FORM_OCTETS:
            await _hear_out(request)
            raise UploadTooBig("longer than any file that is taken")
        room = int(declared)
        try:
            self._enter(room)
        except Crowded:
            await _hear_out(request)
            raise
        request.state.room = room
        fields, request.state.file = await _parse(request)
        return fields

    def minded(self, endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """The same endpoint; whatever becomes of the request, the room it took is given back, if it was not handed over."""

        async def answer(request: Request) -> Response:
            request.state.room = 0
            try:
                return await endpoint(request)
            finally:
                self._leave(request.state.room)

        return answer

    def hand_over(self, waiting: Waiting, request: Request) -> None:
        """Have it read; the page does not wait, and the room stays taken until it was."""
        room, request.state.room = request.state.room, 0
        self._thread.submit(self._read, waiting, room)

    def _leave(self, room: int) -> None:
        with self._lock:
            self._free += room

    def close(self) -> None:
        """Let the one that is being read finish, and no other begin."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self.reader.close()

    def _enter(self, room: int) -> None:
        with self._lock:
            if room > self._free:
                raise Crowded("no room for another picture")
            self._free -= room

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
            self._leave(room)
        try:
            self._house.do(waiting.institution_id, lambda desk: take_reading(waiting.document_id, reading, desk=desk))
        except OtpwardError as error:
            _log.error("reading_not_kept", error=type(error).__name__, exc_info=error)


async def _hear_out(request: Request) -> None:
    """Let the rest go by, kept nowhere: a browser that is hung up on while it sends shows no page at all."""
    seen = 0
    try:
        async for piece in request.stream():
            seen += len(piece)
            if seen > _HEARD_OUT:
                return
    except ClientDisconnect:
        return


async def _parse(request: Request) -> tuple[dict[str, str], bytes]:
    """The fields and the first file that is not empty. In memory: the parser's own habit is a temporary file from 1 MB on."""
    parser = MultiPartParser(request.headers, request.stream(), max_files=2, max_fields=_FIELDS, max_part_size=64 * 1024)
    parser.spool_max_size = FORM_OCTETS + 1
    try:
        form = await parser.parse()
    except (MultiPartException, ClientDisconnect, KeyError):
        raise Denied("not a form of ours") from None
    fields: dict[str, str] = {}
    file = b""
    for key, value in form.multi_items():
        if isinstance(value, UploadFile):
            file = file or await value.read()
            fields |= {"chosen": "yes"} if value.filename else {}
            value.file.close()
        else:
            fields[key] = value
    return fields, file
