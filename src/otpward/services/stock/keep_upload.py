"""A seed file has come through the console: it lies sealed, and its row says what is to become of it."""

import json
from base64 import b64decode
from dataclasses import asdict, dataclass
from typing import Final
from uuid import UUID

from otpward.clerk.places import keeper_of
from otpward.core.errors import Conflict, Invalid
from otpward.core.ids import BranchId, InstitutionId
from otpward.core.model.member import Operator, Role
from otpward.core.model.seed_upload import SeedUpload, UploadState
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among, UnitOfWork
from otpward.services.stock.take_rows import Doubles

OPEN_MOST: Final = 3
"""So many files of an institution may wait: each can be as large as four gigabytes."""
OPEN: Final = Among(frozenset({UploadState.KEPT, UploadState.READING, UploadState.READ, UploadState.TAKING}))
OPENER_LONGEST: Final = 1024
OPENER_FILE_LONGEST: Final = 44 * 1024
"""A private key or certificate in base64: the longest ones have a quarter of this."""


class TooManyWait(Conflict):
    """As many files wait as may; one must be taken in or discarded first."""

    code = "too_many_wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opener:
    """What opens a file: the transport key in hexadecimal, a password, the private key it is encrypted for and the certificate
    of who must have signed it (files, in base64), or the word that an unchecked signature will do."""

    key: str = ""
    password: str = ""
    private_key: str = ""
    signer: str = ""
    unverified: bool = False

    @property
    def kept(self) -> Personal:
        """As it is sealed."""
        return Personal(json.dumps(asdict(self)))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepUpload:
    """This file lies sealed under this key."""

    institution_id: InstitutionId
    upload_id: UUID
    operator: Operator
    file_name: str
    octets: int
    doubles: Doubles
    branch_id: BranchId | None
    opener: Opener


def keep_upload(ask: KeepUpload, *, desk: Desk) -> SeedUpload:
    """The upload, which nobody has read yet.

    Raises:
        Invalid: an empty file (field `file`), or something too long (`key`, `password`, `private_key`, `signer`).
        TooManyWait: others must go first.
        Denied, NotFound: not this role or branch; no such branch.
    """
    keeper_of(ask.operator, ask.branch_id or ask.operator.branch_id)
    check_opener(ask.opener)
    if not ask.octets:
        raise Invalid("no file", field="file")
    with desk.uow as uow:
        if ask.branch_id is not None:
            uow.branches.get(ask.branch_id)
        refuse_crowd(uow)
        upload = SeedUpload(
            id=ask.upload_id,
            institution_id=ask.institution_id,
            file_name=ask.file_name[-200:],
            octets=ask.octets,
            state=UploadState.KEPT,
            doubles=ask.doubles.value,
            branch_id=ask.branch_id,
            opener=ask.opener.kept,
            member_id=ask.operator.member_id,
            at=desk.now,
            beat_at=desk.now,
        )
        uow.uploads.add(upload)
        uow.commit()
    return upload


def answer_for(upload: SeedUpload, operator: Operator, *, uow: UnitOfWork) -> None:
    """Let them handle this file: a keeper of the branch that it is for, else of the branch of who sent it, a keeper of none in
    particular, or an administrator; raises `Denied`."""
    if operator.role is Role.ADMINISTRATOR:
        return
    sender = uow.staff.first(member_id=upload.member_id, ended_at=None)
    keeper_of(operator, upload.branch_id or (None if sender is None else sender.branch_id))


def refuse_crowd(uow: UnitOfWork) -> None:
    """Let one more file in; raises `TooManyWait`."""
    if uow.uploads.count(state=OPEN) >= OPEN_MOST:
        raise TooManyWait("other files wait")


def check_opener(opener: Opener) -> None:
    """The key is hexadecimal and nothing is endless; raises `Invalid`."""
    for field in ("private_key", "signer"):
        if len(getattr(opener, field)) > OPENER_FILE_LONGEST:
            raise Invalid("too long", field=field)
        try:
            b64decode(getattr(opener, field), validate=True)
        except ValueError:
            raise Invalid("not a file", field=field) from None
    if len(opener.password) > OPENER_LONGEST:
        raise Invalid("too long", field="password")
    try:
        bytes.fromhex(opener.key)
    except ValueError:
        raise Invalid("not hexadecimal", field="key") from None
    if len(opener.key) > OPENER_LONGEST:
        raise Invalid("too long", field="key")
