"""Files on their way in: bounded before they are taken, and in memory only, with room for a little of it.

When it is full, the next is asked to come again, before its octets are taken.
"""

import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar, Final

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from otpward.core.errors import Denied, Unavailable
from otpward.core.formats.picture import OCTETS

FORM_OCTETS: Final = OCTETS + 64 * 1024
"""A file of the largest size, and the fields beside it."""
AT_ONCE: Final = 32 * 1024 * 1024
"""So much may be in memory at a time: eight photographs, or three of the largest."""
PLACES: Final = 16
"""So many may wait, however small they are: one is read in a second or two, seven at worst; nobody waits for two minutes."""
_FIELDS: Final = 20
_HEARD_OUT: Final = 64 * 1024 * 1024


class Crowded(Unavailable):
    """As many pictures as there is room for are being read; this one was not taken."""

    code: ClassVar[str] = "crowded"


class UploadTooBig(Denied):
    """The form is longer than any file that is taken; nothing of it was read."""

    code: ClassVar[str] = "upload_too_big"


class Intake:
    """The room that files take while they are here."""

    def __init__(self) -> None:
        self._free, self._places = AT_ONCE, PLACES
        self._lock = threading.Lock()

    async def receive(self, request: Request) -> Mapping[str, str]:
        """The form's fields; its file is put on `request.state.file`, its room on `request.state.room` until it is handed over
        or answered.

        Raises:
            UploadTooBig: its length is not given, or beyond what is taken.
            Crowded: no room for it now.
        """
        declared = request.headers.get("content-length", "")
        if not declared.isdigit() or len(declared) > 12 or int(declared) > FORM_OCTETS:
            await hear_out(request)
            raise UploadTooBig("longer than any file that is taken")
        room = max(1, int(declared))
        try:
            self._enter(room)
        except Crowded:
            await hear_out(request)
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
                self.leave(request.state.room)

        return answer

    def leave(self, room: int) -> None:
        """Give room back, and the place; nothing, where there was none."""
        with self._lock:
            self._free += room
            self._places += room > 0

    def _enter(self, room: int) -> None:
        with self._lock:
            if room > self._free or not self._places:
                raise Crowded("no room for another picture")
            self._free -= room
            self._places -= 1


async def hear_out(request: Request) -> None:
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
