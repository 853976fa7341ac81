"""Seeds that are to leave: asked for by one, approved by another."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from otpward.core.ids import InstitutionId


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedExport:
    """Which devices (`serials`, one a line), who asked, who approved. It is carried out once, and not after `expires_at`. With
    `clear` the file is not encrypted, which both were told."""

    id: UUID
    institution_id: InstitutionId
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    serials: str
    clear: bool = False
    reason: str = ""
    approved_by: str = ""
    approved_at: datetime | None = None
    done_at: datetime | None = None
    version: int = 0
