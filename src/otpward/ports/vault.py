"""Where keys are kept and used: sealing, and keyed hashes for comparing what must not be readable."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from otpward.core.secret import Secret


@dataclass(frozen=True, slots=True)
class About:
    """What a sealed value belongs to. It is bound in as associated data: moved to another row, the value does not open."""

    institution_id: UUID
    row_id: UUID
    field: str


class Print(StrEnum):
    """What a keyed hash is of; the same text under another purpose gives another hash."""

    PHONE = "phone"
    PHONE_CODE = "phone_code"
    PICK_UP_CODE = "pick_up_code"
    BRANCH_CODE = "branch_code"
    SOURCE = "source"
    REQUEST = "request"
    CSRF = "csrf"
    PICTURE = "picture"
    CI = "ci"
    SUBJECT = "subject"
    CHALLENGE = "challenge"
    STOP = "stop"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as it is stored: sealed under the master key. `purpose` is `seal` or `print`."""

    number: int
    purpose: str
    wrapped: bytes


class Vault(Protocol):
    """Seals and opens. No key ever leaves it."""

    def seal(self, plain: bytes, *, about: About, under: bytes | None = None) -> bytes:
        """Seal `plain` under the newest data key, or under `under`, a key made by `new_key`."""
        ...

    def seal_all(self, plains: Sequence[bytes], *, institution_id: UUID, row_ids: Sequence[UUID], field: str) -> list[bytes]:
        """Seal the same field of many rows under the newest data key, each as `seal` would."""
        ...

    def unseal(self, sealed: bytes, *, about: About, under: bytes | None = None) -> Secret:
        """Open what was sealed.

        Raises:
            SealBroken: the octets were changed, belong elsewhere, or the key is not here.
        """
        ...

    def new_key(self, *, about: About) -> bytes:
        """A new key of its own for a person's data, itself sealed; destroying it erases what it sealed."""
        ...

    def fingerprint(self, purpose: Print, *parts: str) -> bytes:
        """A keyed hash (HMAC-SHA-256) of the parts: equal texts give equal octets, and nobody without the key can try them
        out."""
        ...
