"""An institution (기관), its branches, and the keys it gives to relying systems."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from otpward.core.ids import BranchId, InstitutionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    """A tenant. Everything else belongs to exactly one. `two_people`: an approval needs somebody other than the checker."""

    id: InstitutionId
    code: str
    name_ko: str
    name_en: str
    phone: str
    phone_abroad: str
    fee_won: int = 0
    two_people: bool = False
    opened_at: datetime
    version: int = 0

    def name(self, language: str) -> str:
        """Its name in `ko` or `en`."""
        return self.name_ko if language == "ko" else self.name_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A counter where devices are kept and handed over."""

    id: BranchId
    institution_id: InstitutionId
    code: str
    name_ko: str
    name_en: str
    address_ko: str
    address_en: str
    hours: str
    phone: str
    version: int = 0

    def name(self, language: str) -> str:
        """Its name in `ko` or `en`."""
        return self.name_ko if language == "ko" else self.name_en

    def address(self, language: str) -> str:
        """Where it is, in `ko` or `en`."""
        return self.address_ko if language == "ko" else self.address_en


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A relying system's key: shown once, stored as the SHA-256 of 256 bits of chance, found by its public `handle`."""

    id: UUID
    institution_id: InstitutionId
    handle: str
    digest: bytes
    scopes: frozenset[str]
    name: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    version: int = 0


class ImportState(StrEnum):
    """How far a seed file has come."""

    RUNNING = "running"
    DONE = "done"
    BROKEN = "broken"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One seed file that was taken in. One that is running was cut off, or still is at it: `rows_done` of its rows are dealt
    with. One that is broken turned out damaged half way, and nothing of it is here."""

    id: UUID
    institution_id: InstitutionId
    file_name: str
    sha256: bytes
    taken: int
    refused: int
    at: datetime
    state: ImportState = ImportState.DONE
    format: str = ""
    rows_done: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How often something was tried in a window of time; `key` says what by whom, as a keyed hash."""

    id: UUID
    institution_id: InstitutionId
    key: bytes
    window_at: datetime
    count: int
    version: int = 0
