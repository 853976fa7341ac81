"""What a member falls back on: a recovery code, passkeys, and the challenges that passkeys have answered."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from otpward.core.ids import InstitutionId, MemberId
from otpward.core.secret import Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCode:
    """A saved recovery code (SP 800-63B §4.2.1.1), as its argon2id hash. One of a member's is good at a time: `live_for` is the
    member while it is, and unique. Those before it stay, for the record (§4.1)."""

    id: UUID
    institution_id: InstitutionId
    member_id: MemberId
    digest: str
    live_for: MemberId | None
    made_at: datetime
    spent_at: datetime | None = None
    replaced_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey of a member. The row stays when it is removed (§4.1: a record of every authenticator ever bound).

    `user_handle` is what the authenticator knows the member by: chance, the same for all of a member's. `eligible` is whether
    it may be copied to other devices, which never changes (WebAuthn §6.1.3); `backed_up` whether it was. `transports` are
    the browser's words for how it is reached. `asleep_since`: its removal was undone by a link; it lets nobody in before the
    member has shown another factor.
    """

    id: UUID
    institution_id: InstitutionId
    member_id: MemberId
    credential_id: bytes
    user_handle: bytes
    public_key: bytes
    sign_count: int
    aaguid: UUID
    transports: frozenset[str]
    eligible: bool
    backed_up: bool
    name: Personal
    added_at: datetime
    used_at: datetime | None = None
    cloned_at: datetime | None = None
    removed_at: datetime | None = None
    asleep_since: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpentChallenge:
    """A challenge that was answered, by its own number, until its time would have been over: none is answered twice."""

    id: UUID
    institution_id: InstitutionId
    until: datetime
    version: int = 0
