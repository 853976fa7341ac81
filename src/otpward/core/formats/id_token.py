"""What an ID token must claim before it is believed (OpenID Connect Core 1.0 §3.1.3.7, RFC 8725)."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from otpward.core.formats.jws import pack

LEEWAY: Final = timedelta(seconds=60)
"""How far two clocks may be apart."""

SIGN_IN_LEEWAY: Final = timedelta(minutes=5)
"""The same for `auth_time`, which some providers take from another machine than the token. Never more, whatever was asked."""

OLDEST: Final = timedelta(minutes=15)
"""A token is made while the person stands there; an older one was made for somebody else."""

SUBJECT_LONGEST: Final = 255


class Untrue(StrEnum):
    """What does not fit."""

    ISSUER = "issuer"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    TIME = "time"
    NONCE = "nonce"
    SUBJECT = "subject"
    ACCESS_TOKEN = "access_token"
    AUTH_TIME = "auth_time"
    ACR = "acr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the token must be about: this issuer, us, this very request, and a sign-in not longer ago than `max_age`."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str = ""
    max_age: timedelta | None = None
    acr: frozenset[str] = frozenset()


def judge_claims(claims: Mapping[str, Any], expected: Expected, *, now: datetime) -> Untrue | None:
    """The first claim that does not fit, or None."""
    audience = claims.get("aud")
    everybody = audience if isinstance(audience, list) else [audience]
    us = expected.client_id
    issued, ends, begins = (_instant(claims.get(name), now) for name in ("iat", "exp", "nbf"))
    checks = (
        (Untrue.ISSUER, claims.get("iss") == expected.issuer),
        (Untrue.AUDIENCE, us in everybody and (everybody == [us] or claims.get("azp") == us)),
        (Untrue.AUDIENCE, claims.get("azp") in (None, us)),
        (Untrue.NONCE, _same(claims.get("nonce"), expected.nonce)),
        (Untrue.TIME, issued is not None and ends is not None and ("nbf" not in claims or begins is not None)),
        (Untrue.EXPIRED, ends is not None and now - LEEWAY < ends),
        (Untrue.TIME, issued is not None and now - OLDEST <= issued <= now + LEEWAY),
        (Untrue.TIME, begins is None or begins <= now + LEEWAY),
        (Untrue.SUBJECT, isinstance(claims.get("sub"), str) and 0 < len(claims["sub"]) <= SUBJECT_LONGEST),
        (Untrue.ACCESS_TOKEN, "at_hash" not in claims or _same(claims["at_hash"], half_hash(expected.access_token))),
        (Untrue.AUTH_TIME, expected.max_age is None or _fresh(claims.get("auth_time"), expected.max_age, now)),
        (Untrue.ACR, not expected.acr or claims.get("acr") in list(expected.acr)),
    )
    return next((untrue for untrue, holds in checks if not holds), None)


def half_hash(token: str) -> str:
    """`at_hash` (§3.1.3.6): the left half of the SHA-256, as both our algorithms have it."""
    return pack(hashlib.sha256(token.encode()).digest()[:16])


def _same(told: object, ours: str) -> bool:
    return isinstance(told, str) and hmac.compare_digest(told.encode(), ours.encode())


def _fresh(told: object, max_age: timedelta, now: datetime) -> bool:
    at = _instant(told, now)
    return at is not None and now - max_age - SIGN_IN_LEEWAY <= at <= now + SIGN_IN_LEEWAY


def _instant(told: object, now: datetime) -> datetime | None:
    """A NumericDate (RFC 7519 §2), or None."""
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    try:
        return datetime.fromtimestamp(told, now.tzinfo)
    except (OverflowError, ValueError, OSError):
        return None
