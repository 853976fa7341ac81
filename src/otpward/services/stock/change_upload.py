"""A waiting seed file gets another key, or is discarded."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.core.errors import Conflict
from otpward.core.model.member import Operator
from otpward.core.model.seed_upload import SeedUpload, UploadState
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.ports.sealed_files import SealedFiles
from otpward.services.stock.keep_upload import Opener, answer_for, check_opener


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeUpload:
    """This file; without an opener it is discarded."""

    upload_id: UUID
    operator: Operator
    opener: Opener | None = None


def change_upload(ask: ChangeUpload, *, desk: Desk, files: SealedFiles) -> SeedUpload:
    """The upload, to be read again, or discarded: then nothing of it lies on a disk.

    Raises:
        Invalid: not a key (field `key`), or too long.
        Conflict: it is being taken in, or was.
        Denied, NotFound: not this role or branch; no such upload.
    """
    if ask.opener is not None:
        check_opener(ask.opener)
    with desk.uow as uow:
        upload = uow.uploads.get(ask.upload_id)
        answer_for(upload, ask.operator, uow=uow)
        if upload.state in {UploadState.TAKING, UploadState.DONE, UploadState.DROPPED}:
            raise Conflict("it is being taken in, or was")
        if ask.opener is None:
            changed = replace(upload, state=UploadState.DROPPED, opener=Personal(""), told="")
        else:
            changed = replace(upload, state=UploadState.KEPT, opener=ask.opener.kept, fault="", told="", beat_at=desk.now)
        changed = uow.uploads.save(changed)
        uow.commit()
    if ask.opener is None:
        files.drop(changed.id)
    return changed


def begin_taking(upload: SeedUpload, operator: Operator, *, desk: Desk) -> SeedUpload:
    """The upload, marked as being taken in.

    Raises:
        Moved: somebody did something else with it meanwhile.
        Denied: not this role or branch.
    """
    with desk.uow as uow:
        answer_for(upload, operator, uow=uow)
        marked = uow.uploads.save(replace(upload, state=UploadState.TAKING, rows_done=0, beat_at=desk.now))
        uow.commit()
    return marked
