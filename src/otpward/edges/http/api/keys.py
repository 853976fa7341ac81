"""Who calls: `Authorization: Bearer otpw_<handle>_<secret>`, looked up on every call, so that a revocation is effective at
once."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from fastapi import Request
from starlette.exceptions import HTTPException

from otpward.core.audit import Actor, ActorKind
from otpward.core.model.institution import ApiKey
from otpward.core.policy.keys import NoKey, NotInScope, check_key
from otpward.ports.desk import House

_PARTS: Final = 3
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A relying system that showed its key."""

    key: ApiKey
    source: str

    @property
    def actor(self) -> Actor:
        """How the audit names it."""
        return Actor(kind=ActorKind.API_KEY, id=self.key.id, source=self.source)

    def may(self, scope: str) -> bool:
        """Whether the key has this scope."""
        return scope in self.key.scopes


def shown_key(authorization: str) -> tuple[str, bytes]:
    """The handle in the header, and the SHA-256 of the secret beside it; raises `NoKey`."""
    scheme, _, value = authorization[:_LONGEST].partition(" ")
    parts = value.strip().split("_")
    if scheme.lower() != "bearer" or len(parts) != _PARTS or parts[0] != "otpw":
        raise NoKey("no API key")
    return parts[1], sha256(parts[2].encode()).digest()


def identify(authorization: str, source: str, *, house: House) -> Caller:
    """The caller behind the header; raises `NoKey`."""
    handle, digest = shown_key(authorization)
    key = house.look(None, lambda uow: uow.api_keys.first(handle=handle))
    return Caller(key=check_key(key, digest, now=house.clock.now()), source=source)


def caller_with(*scopes: str, house: House) -> Callable[[Request], Caller]:
    """What a route depends on: the caller, whose key has one of these scopes. It is asked before the body is judged, so that
    nobody without a key is told what a body should hold.

    Raises:
        HTTPException: 401, no valid key.
        NotInScope: the key is good for other things.
    """

    def caller(request: Request) -> Caller:
        source = request.client.host if request.client else ""
        try:
            found = identify(request.headers.get("authorization", ""), source, house=house)
        except NoKey:
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"}) from None
        if not any(found.may(one) for one in scopes):
            raise NotInScope(f"the key has no scope {scopes[0]}")
        return found

    return caller
