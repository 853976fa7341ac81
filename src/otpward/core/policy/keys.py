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
POLICIES_READ: Final = "policies:read"
POLICIES_WRITE: Final = "policies:write"
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
