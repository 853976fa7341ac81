"""What a member calls one of their devices."""

from dataclasses import dataclass
from uuid import UUID

from otpward.core.ids import InstitutionId, MemberId, TokenId
from otpward.core.secret import Personal

NAME_LETTERS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceName:
    """Beside the device, since it is the member's word: another who holds it later calls it something else."""

    id: UUID
    institution_id: InstitutionId
    member_id: MemberId
    token_id: TokenId
    name: Personal
    version: int = 0
