"""Whether the key that a relying system shows is good, and good for this."""

import hmac
from datetime import datetime
from hashlib import sha256
from typing import ClassVar, Final

from otpward.core.errors import Denied
from otpward.core.model.institution import ApiKey

VERIFY: Final = "verify"
REASONS: Final = "verify:reasons"
SIGNALS: Final = "signals:write"
CHECKS: Final = "checks:write"
CASES_READ: Final = "cases:read"
CASES_WRITE: Final = "cases:write"
"""What members do with their applications."""
CASES_DECIDE: Final = "cases:decide"
"""What staff do with them, in the name of one of them."""
DOCUMENTS_REVEAL: Final = "documents:reveal"
LOSSES_WRITE: Final = "losses:write"
MEMBERS_READ: Final = "members:read"
TOKENS_READ: Final = "tokens:read"
AUDIT_READ: Final = "audit:read"
POLICIES_READ: Final = "policies:read"
POLICIES_WRITE: Final = "policies:write"
NOTICES_READ: Final = "notices:read"
NOTICES_WRITE: Final = "notices:write"
"""To word notices, in the name of one of staff who may."""
CAMPAIGNS_READ: Final = "campaigns:read"
CAMPAIGNS_WRITE: Final = "campaigns:write"
"""To put campaigns forward; only a person starts one."""
SHIPMENTS_READ: Final = "shipments:read"
SHIPMENTS_WRITE: Final = "shipments:write"
"""What staff do with parcels, in the name of one of them."""
SHIPMENTS_EVENTS: Final = "shipments:events"
"""What a carrier may say, and no more."""
STOCK_READ: Final = "stock:read"
STOCK_WRITE: Final = "stock:write"
"""What keepers of the stock do with devices, in the name of one of them."""
SCOPES: Final = frozenset(
    {VERIFY, REASONS, SIGNALS, CHECKS, CASES_READ, CASES_WRITE, CASES_DECIDE, DOCUMENTS_REVEAL, LOSSES_WRITE}
    | {SHIPMENTS_READ, SHIPMENTS_WRITE, SHIPMENTS_EVENTS}
    | {MEMBERS_READ, TOKENS_READ, AUDIT_READ, POLICIES_READ, POLICIES_WRITE}
    | {STOCK_READ, STOCK_WRITE}
    | {CAMPAIGNS_READ, CAMPAIGNS_WRITE, NOTICES_READ, NOTICES_WRITE}
)
"""What an API key can be allowed."""
_NOBODY: Final = sha256(b"").digest()


class NoKey(Denied):
    """No key, or not a valid one: unknown, revoked and expired look alike."""

    code: ClassVar[str] = "unauthorized"


class NotInScope(Denied):
    """The key is good, but not for this."""

    code: ClassVar[str] = "forbidden"


def check_key(key: ApiKey | None, digest: bytes, *, now: datetime) -> ApiKey:
    """The key found under the shown handle, if the SHA-256 of the shown secret is its digest; raises `NoKey`."""
    right = hmac.compare_digest(_NOBODY if key is None else key.digest, digest)
    if key is None or not right or key.revoked_at is not None or (key.expires_at is not None and now >= key.expires_at):
        raise NoKey("not a valid API key")
    return key
