"""An answer that is kept, so that whoever did not hear it can ask again and is not given another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from otpward.core.ids import InstitutionId


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What was said under an Idempotency-Key. `key` and `request` are keyed hashes: of the caller and the key's text, and of
    all that was asked, so that the same key with another question is found out."""

    id: UUID
    institution_id: InstitutionId
    key: bytes
    request: bytes
    verification: Mapping[str, str | int | None]
    until: datetime
    version: int = 0
