"""Seed files on their way in: sealed as they arrive, piece by piece, and read by one thread behind the pages that show how far
it is.

Nobody sends anything before they are known to keep stock: the session is looked at before the first octet is.
"""

import base64
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any, Final
from uuid import UUID

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from otpward.core.errors import Conflict, Denied, OtpwardError
from otpward.core.formats.detect import open_seed_file
from otpward.core.formats.records import FILE_MAX_OCTETS
from otpward.core.ids import InstitutionId
from otpward.ports.desk import House
from otpward.ports.sealed_files import SealedFiles, SealedWriter
from otpward.services.stock.import_file import OpenFile
from otpward.services.stock.keep_upload import OPEN, refuse_crowd
from otpward.services.stock.read_upload import ReadUpload, read_upload

_FIELDS_OCTETS: Final = 64 * 1024
_FIELDS: Final = 20
_FILES: Final = 3
"""The seed file, a private key, the certificate of who signed."""
_SEEDS: Final = "file"
_SMALL_OCTETS: Final = 64 * 1024
_LEFT_BEHIND_S: Final = 3600.0
_LENGTH_DIGITS: Final = 12

_log = structlog.get_logger()


class SeedFileTooBig(Denied):
    """Longer than any seed file that is read, or of no declared length; nothing of it was kept."""

    code = "seed_file_too_big"


class SeedRoom:
    """The waiting files, and the thread that reads them."""

    def __init__(self, house: House, files: SealedFiles, open_file: OpenFile = open_seed_file) -> None:
        self.files = files
        self._house = house
        self._open_file = open_file
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="seeds")

    async def receive(self, request: Request, institution_id: InstitutionId, csrf: str) -> Mapping[str, str]:
        """The form's fields; its file lies sealed, and `request.state.seeds` has its key, name and size.

        Raises:
            SeedFileTooBig: its length is not given, or beyond what is read.
            TooManyWait: others must go first.
            Denied: not a form of ours.
        """
        declared = request.headers.get("content-length", "")
        if not declared.isdigit() or len(declared) > _LENGTH_DIGITS or int(declared) > FILE_MAX_OCTETS + _FIELDS_OCTETS:
            raise SeedFileTooBig("longer than any seed file")
        key: UUID = self._house.desk(institution_id, writes=False).new_id()
        writer = await run_in_threadpool(self._begin, institution_id, key)
        try:
            form = await _Parser(request.headers, request.stream(), writer).parse()
        except (MultiPartException, ClientDisconnect, KeyError, OtpwardError) as error:
            self._give_up(writer, key)
            raise error if isinstance(error, OtpwardError) else Denied("not a form of ours") from None
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        names = [value.filename or "" for name, value in form.multi_items() if not isinstance(value, str) and name == _SEEDS]
        for name, value in form.multi_items():
            if not isinstance(value, str) and isinstance(value.file, _Small):
                fields[name] = base64.b64encode(value.file.getvalue()).decode()
        writer.finish()
        if fields.get("csrf") != csrf or not writer.octets:
            self._give_up(writer, key)
        request.state.seeds = (key, names[0] if names else "", writer.octets)
        return fields

    def read(self, ask: ReadUpload) -> None:
        """Have it read, or taken in, behind the page."""
        self._thread.submit(self._read, ask)

    def close(self) -> None:
        """Begin no other; the one that is being read is cut off with the process, and can be gone on with."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _begin(self, institution_id: InstitutionId, key: UUID) -> SealedWriter:
        self._house.look(institution_id, refuse_crowd)
        everywhere = self._house.look(None, lambda uow: {upload.id for upload in uow.uploads.find(state=OPEN)})
        self.files.sweep(everywhere, older_than_s=_LEFT_BEHIND_S)
        return self.files.begin(institution_id, key)

    def _give_up(self, writer: SealedWriter, key: UUID) -> None:
        writer.finish()
        self.files.drop(key)

    def _read(self, ask: ReadUpload) -> None:
        try:
            read_upload(ask, house=self._house, files=self.files, open_file=self._open_file)
        except Conflict:
            pass  # discarded meanwhile
        except Exception as error:  # its row shows no sign of life any more, and the page offers to go on
            _log.error("seeds_not_read", upload=str(ask.upload_id), error=type(error).__name__)


class _Small(BytesIO):
    """A key or a certificate: it stays in memory."""

    def write(self, octets: Any) -> int:
        if self.tell() + len(octets) > _SMALL_OCTETS:
            raise MultiPartException("longer than any key")
        return super().write(octets)


class _Parser(MultiPartParser):
    """The seed file of the form goes to the sealed writer, what opens it stays in memory: the parser's own way is a temporary
    file in the clear."""

    def __init__(self, headers: Headers, stream: Any, writer: SealedWriter) -> None:
        super().__init__(headers, stream, max_files=_FILES, max_fields=_FIELDS, max_part_size=_FIELDS_OCTETS)
        self._writer = writer
        self._begun = False

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        upload = self._current_part.file
        if upload is not None:
            upload.file.close()
            if self._current_part.field_name != _SEEDS:
                upload.file = _Small()
                return
            if self._begun:
                raise MultiPartException("two seed files")
            self._begun = True
            upload.file = self._writer  # type: ignore[assignment]
