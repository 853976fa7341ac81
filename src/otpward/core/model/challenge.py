"""What an OCRA token is set up with, and the questions it is asked."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from otpward.core.ids import InstitutionId, MemberId, TokenId
from otpward.core.secret import NOTHING, Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """The cold set-up of an OCRA token, under the same key: its suite and, sealed, the hash of its PIN where the suite has
    one (else empty). Every challenge made saves it anew, so that of many at once each is counted."""

    id: TokenId
    institution_id: InstitutionId
    suite: str
    pin_hash: bytes = b""
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """One question to one token about one transaction. It is answered once, in time, or not at all.

    `question` was made of `nonce` and `transaction`, the canonical text that is signed; `session` is the transaction's hash
    where the suite has a session. `client_challenge` is what the token asked us in mutual mode, else empty.
    """

    id: UUID
    institution_id: InstitutionId
    token_id: TokenId
    member_id: MemberId
    question: str
    client_challenge: str = ""
    session: str = ""
    nonce: bytes
    transaction: Personal = NOTHING
    made_at: datetime
    expires_at: datetime
    spent_at: datetime | None = None
    version: int = 0
