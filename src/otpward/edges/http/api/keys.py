"""Who calls: `Authorization: Bearer otpw_<handle>_<secret>`, looked up on every call, so that a revocation is effective at
once."""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from otpward.core.errors import Denied
from otpward.core.model.institution import ApiKey
from otpward.ports.desk import House

_PARTS: Final = 3
_LONGEST: Final = 200
_NOBODY: Final = sha256(b"").digest()


class NoKey(Denied):
    """No key, or not a valid one: unknown, revoked and expired look alike."""

    code = "unauthorized"


class NotInScope(Denied):
    """The key is good, but not for this."""

    code = "forbidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A relying system that showed its key."""

    key: ApiKey
    source: str

    def may(self, scope: str) -> bool:
        """Whether the key has this scope."""
        return scope in self.key.scopes


def identify(authorization: str, source: str, *, house: House) -> Caller:
    """The caller behind the header; raises `NoKey`."""
    scheme, _, value = authorization[:_LONGEST].partition(" ")
    parts = value.strip().split("_")
    if scheme.lower() != "bearer" or len(parts) != _PARTS or parts[0] != "otpw":
        raise NoKey("no API key")
    key = house.look(None, lambda uow: uow.api_keys.first(handle=parts[1]))
    right = hmac.compare_digest(key.digest if key else _NOBODY, sha256(parts[2].encode()).digest())
    now = house.clock.now()
    if key is None or not right or key.revoked_at is not None or (key.expires_at is not None and now >= key.expires_at):
        raise NoKey("not a valid API key")
    return Caller(key=key, source=source)
