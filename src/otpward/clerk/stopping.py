"""One click in a mail ends a member's reminders, without signing in: the code says which member, and that it came from us."""

from hmac import compare_digest
from typing import Final
from uuid import UUID

from otpward.core.errors import NotFound
from otpward.core.ids import MemberId
from otpward.ports.vault import Print, Vault

_MARK: Final = 32
"""Letters of the keyed hash: 128 bits."""


def stop_code(member_id: MemberId, vault: Vault) -> str:
    """The code of this member; it can do no more than end reminders, which the member can turn on again."""
    return f"{member_id.hex}{vault.fingerprint(Print.STOP, str(member_id)).hex()[:_MARK]}"


def member_of(code: str, vault: Vault) -> MemberId:
    """Whose code it is; raises `NotFound` for what we did not make."""
    try:
        member_id = MemberId(UUID(hex=code[:32]))
    except ValueError:
        raise NotFound("no such link") from None
    if not compare_digest(code.encode(), stop_code(member_id, vault).encode()):
        raise NotFound("no such link")
    return member_id
