"""A seed file that came through the console: previewed, then taken in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from otpward.core.ids import BranchId, InstitutionId, MemberId
from otpward.core.secret import Personal


class UploadState(StrEnum):
    """How far it has come. `KEPT`: nobody has read it yet, or its key was wrong. Of `DONE` and `DROPPED` nothing is on disk."""

    KEPT = "kept"
    READING = "reading"
    READ = "read"
    TAKING = "taking"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedUpload:
    """A sealed file, and what to do with it. `opener` is what opens it, as long as the file is here; `told` what was found, as
    JSON: counts, and the verdict of the first rows."""

    id: UUID
    institution_id: InstitutionId
    file_name: str
    octets: int
    state: UploadState
    doubles: str
    branch_id: BranchId | None
    opener: Personal
    member_id: MemberId
    at: datetime
    beat_at: datetime
    rows_done: int = 0
    fault: str = ""
    told: str = ""
    import_id: UUID | None = None
    version: int = 0
