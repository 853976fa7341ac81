"""A waiting seed file is read: first for a verdict on every row, then to be taken in. Cut off, either can be begun again."""

import json
from base64 import b64decode
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Conflict, OtpwardError
from otpward.core.formats.detect import open_seed_file
from otpward.core.formats.faults import SeedFileFault
from otpward.core.formats.unlock import Unlock
from otpward.core.ids import InstitutionId
from otpward.core.model.seed_upload import SeedUpload, UploadState
from otpward.core.secret import Personal, Secret
from otpward.ports.desk import Desk, House
from otpward.ports.sealed_files import SealedFiles
from otpward.services.stock.import_file import FileReport, ImportFile, OpenFile, import_file
from otpward.services.stock.take_rows import Doubles, ImportedRow, Intention, RowVerdict

ROWS_TOLD: Final = 200
"""So many rows are shown one by one, those that are not taken first; of all, the numbers."""
BATCH_ROWS: Final = 2_000
"""Small enough that progress shows and others get their turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadUpload:
    """This waiting file; `take` stores what is good."""

    institution_id: InstitutionId
    upload_id: UUID
    take: bool = False
    source: str = ""


def read_upload(ask: ReadUpload, *, house: House, files: SealedFiles, open_file: OpenFile = open_seed_file) -> SeedUpload:
    """The upload with what was found. A fault of the file is told in its row; nothing of such a file is here.

    Raises:
        NotFound: there is no such upload.
        Conflict: it was discarded meanwhile.
    """
    doing = UploadState.TAKING if ask.take else UploadState.READING
    upload = _note(ask, house, state=doing, rows_done=0, fault="")
    rows: list[ImportedRow] = []
    seen = 0

    def told(batch: Sequence[ImportedRow]) -> None:
        nonlocal seen
        seen += len(batch)
        rows.extend(batch)
        rows.sort(key=lambda row: (row.verdict is RowVerdict.IMPORTED and not row.reason, row.row))
        del rows[ROWS_TOLD:]
        _note(ask, house, rows_done=seen)

    try:
        report = import_file(_work(upload, ask, files, open_file), house=house, told=told)
    except SeedFileFault as fault:
        message = json.dumps({"message": str(fault), "field": fault.field or "file"}, ensure_ascii=False)
        return _note(ask, house, state=UploadState.KEPT, fault=fault.code, told=message)
    except OtpwardError as error:
        return _note(ask, house, state=UploadState.KEPT, fault=error.code, told="{}")
    found = _told(report, rows)
    if not ask.take:
        return _note(ask, house, state=UploadState.READ, told=found)
    done = _note(ask, house, state=UploadState.DONE, told=found, import_id=report.import_id, opener=Personal(""))
    files.drop(done.id)
    return done


def _work(upload: SeedUpload, ask: ReadUpload, files: SealedFiles, open_file: OpenFile) -> ImportFile:
    opener = json.loads(upload.opener.reveal() or "{}")
    unlock = Unlock(
        key=Secret(bytes.fromhex(opener["key"])) if opener.get("key") else None,
        password=Secret(opener["password"].encode()) if opener.get("password") else None,
        private_key=Secret(b64decode(opener["private_key"])) if opener.get("private_key") else None,
        signer=b64decode(opener["signer"]) if opener.get("signer") else None,
        unverified=bool(opener.get("unverified")),
    )
    by = Actor(kind=ActorKind.STAFF, id=upload.member_id, source=ask.source)
    return ImportFile(
        chunks=files.read(upload.institution_id, upload.id, upload.octets),
        file_name=upload.file_name,
        intention=Intention(
            institution_id=upload.institution_id,
            by=by,
            branch_id=upload.branch_id,
            doubles=Doubles(upload.doubles),
            preview=not ask.take,
        ),
        unlock=unlock,
        open_file=open_file,
        batch_rows=BATCH_ROWS,
    )


def _told(report: FileReport, rows: Sequence[ImportedRow]) -> str:
    counts = Counter({"imported": report.imported, "skipped": report.skipped, "refused": report.refused})
    shown = [[row.row, row.serial or "", row.verdict.value, row.reason] for row in rows]
    told = {**counts, "format": report.format, "signature": report.signature, "reasons": dict(report.reasons), "rows": shown}
    return json.dumps(told, ensure_ascii=False)


def _note(ask: ReadUpload, house: House, **changes: object) -> SeedUpload:
    """The row with these changes and a fresh sign of life."""

    def act(desk: Desk) -> SeedUpload:
        with desk.uow as uow:
            upload = uow.uploads.get(ask.upload_id)
            if upload.state in {UploadState.DONE, UploadState.DROPPED}:
                raise Conflict("the file was discarded meanwhile")
            noted = uow.uploads.save(replace(upload, beat_at=desk.now, **changes))  # type: ignore[arg-type]
            uow.commit()
            return noted

    return house.do(ask.institution_id, act)
