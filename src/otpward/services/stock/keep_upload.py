"""A seed file has come through the console: it lies sealed, and its row says what is to become of it."""

import json
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from otpward.clerk.places import keeper_of
from otpward.core.errors import Conflict, Invalid
from otpward.core.ids import BranchId, InstitutionId
from otpward.core.model.member import Operator
from otpward.core.model.seed_upload import SeedUpload, UploadState
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among, UnitOfWork
from otpward.services.stock.take_rows import Doubles

OPEN_MOST: Final = 3
"""So many files of an institution may wait: each can be as large as four gigabytes."""
OPEN: Final = Among(frozenset({UploadState.KEPT, UploadState.READING, UploadState.READ, UploadState.TAKING}))
OPENER_LONGEST: Final = 1024


class TooManyWait(Conflict):
    """As many files wait as may; one must be taken in or discarded first."""

    code = "too_many_wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opener:
    """What opens a file: the transport key in hexadecimal, a password, or the word that an unchecked signature will do."""

    key: str = ""
    password: str = ""
    unverified: bool = False

    @property
    def kept(self) -> Personal:
        """As it is sealed."""
        return Personal(json.dumps({"key": self.key, "password": self.password, "unverified": self.unverified}))


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
        Invalid: an empty file (field `file`), or a key or password too long (`key`, `password`).
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


def refuse_crowd(uow: UnitOfWork) -> None:
    """Let one more file in; raises `TooManyWait`."""
    if uow.uploads.count(state=OPEN) >= OPEN_MOST:
        raise TooManyWait("other files wait")


def check_opener(opener: Opener) -> None:
    """The key is hexadecimal and neither is endless; raises `Invalid`."""
    if len(opener.password) > OPENER_LONGEST:
        raise Invalid("too long", field="password")
    try:
        bytes.fromhex(opener.key)
    except ValueError:
        raise Invalid("not hexadecimal", field="key") from None
    if len(opener.key) > OPENER_LONGEST:
        raise Invalid("too long", field="key")
