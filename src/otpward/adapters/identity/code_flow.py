"""The code flow of OpenID Connect Core 1.0, as a client goes it: code, PKCE, nonce and state from one secret of our own.

What comes of it is what the provider signed about this very request; what that is worth is for others to say.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

import httpx
import msgspec

from otpward.adapters.identity.discovery import Discovery, Endpoints
from otpward.adapters.identity.visit import VISIT_S, Visit, read
from otpward.core.errors import Unavailable
from otpward.core.formats.id_token import Expected, Untrue, judge_claims
from otpward.core.formats.jws import Flaw, open_token, pack
from otpward.core.secret import Secret
from otpward.ports.prover import Asked, Begun, Refusal, Refused

CODE_LONGEST: Final = 2048
PASSING: Final = ("server_error", "temporarily_unavailable")
REFUSALS: Final = {Untrue.EXPIRED: Refusal.EXPIRED, Untrue.AUTH_TIME: Refusal.NOT_ACCEPTED, Untrue.ACR: Refusal.NOT_ACCEPTED}
"""A genuine token that came too late, or of a sign-in that is not strong or fresh enough; all else is forged."""


class _Kept(msgspec.Struct):
    secret: bytes
    return_url: str


class _Tokens(msgspec.Struct):
    id_token: str
    access_token: str = ""


class _Fault(msgspec.Struct):
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who we are at this provider, and what we ask of a sign-in there.

    With `max_age` the person must have signed in no longer ago (`auth_time`); with `acr` in one of these ways (ASVS 6.8.4).
    """

    issuer: str
    client_id: str
    secret: Secret
    scopes: tuple[str, ...] = ("openid", "profile", "phone")
    other_origins: frozenset[str] = frozenset()
    max_age: timedelta | None = None
    acr: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the provider said. `signed` stands in the token; `claims` may hold more, that was asked for afterwards."""

    issuer: str
    signed: Mapping[str, Any]
    claims: Mapping[str, Any]
    token_hash: bytes
    access_token: str
    person: str
    visit: Visit

    @property
    def subject(self) -> str:
        """Who it is for good: the provider and its own name for them (ASVS 6.8.1)."""
        return f"{self.issuer} {self.signed['sub']}"

    @property
    def number(self) -> str:
        """This token's own number, so that it is taken once."""
        return self.token_hash.hex()[:32]


class CodeFlow:
    """Sends the person to sign in, and believes the signed answer about this very request only."""

    def __init__(self, client: Client, http: httpx.Client, *, whole_s: float = VISIT_S) -> None:
        self._client = client
        self._http = http
        self._scopes = tuple(dict.fromkeys(("openid", *client.scopes)))
        self._discovery = Discovery(client.issuer, other_origins=client.other_origins)
        self._whole_s = whole_s

    def begin(self, asked: Asked) -> Begun:
        """A link to the sign-on, which leads back to `return_url` and nowhere else."""
        there = self._discovery.endpoints(Visit(self._http, self._whole_s), asked.now)
        to, known = there.authorization, there.scopes or self._scopes
        wishes = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": asked.return_url,
            "scope": " ".join(scope for scope in self._scopes if scope == "openid" or scope in known),
            "state": derived(asked.nonce, "state"),
            "nonce": derived(asked.nonce, "nonce"),
            "code_challenge": challenge(derived(asked.nonce, "verifier")),
            "code_challenge_method": "S256",
            "ui_locales": asked.language,
        }
        if self._client.max_age is not None:
            wishes["max_age"] = str(int(self._client.max_age.total_seconds()))
        if self._client.acr:
            wishes["acr_values"] = " ".join(sorted(self._client.acr))
        kept = msgspec.json.encode(_Kept(secret=asked.nonce, return_url=asked.return_url))
        return Begun(kept=Secret(kept), link=f"{to}{'&' if '?' in to else '?'}{urlencode(wishes)}")

    def complete(self, kept: Secret, callback: Mapping[str, str], *, now: datetime) -> Told | Refused:
        """Change the code for a token, and judge it."""
        begun = msgspec.json.decode(kept.reveal(), type=_Kept)
        if not hmac.compare_digest(callback.get("state", "").encode(), derived(begun.secret, "state").encode()):
            return Refused(why=Refusal.FORGED, detail="state")
        visit = Visit(self._http, self._whole_s)
        there = self._discovery.endpoints(visit, now)
        if callback.get("iss", "" if there.names_itself else self._discovery.issuer) != self._discovery.issuer:
            return Refused(why=Refusal.FORGED, detail="iss")
        if "error" in callback:
            return refused_by(callback["error"])
        code = callback.get("code", "")
        if not 0 < len(code) <= CODE_LONGEST:
            return Refused(why=Refusal.FAILED, detail="no code")
        answer = visit.ask("POST", there.token, **self._redeeming(there, code, begun))
        if answer.status != 200:
            fault = read(answer.body, _Fault).error
            if answer.status == 400 and fault == "invalid_grant":
                return Refused(why=Refusal.FAILED, detail="invalid_grant")
            raise Unavailable(f"the sign-on gives no token: {answer.status}")
        tokens = read(answer.body, _Tokens)
        opened = open_token(tokens.id_token, self._discovery.keys(visit, now))
        if opened is Flaw.UNKNOWN_KEY:
            opened = open_token(tokens.id_token, self._discovery.keys(visit, now, unknown=True))
        if isinstance(opened, Flaw):
            return Refused(why=Refusal.FORGED, detail=f"token: {opened}")
        expected = Expected(
            issuer=self._discovery.issuer,
            client_id=self._client.client_id,
            nonce=derived(begun.secret, "nonce"),
            access_token=tokens.access_token,
            max_age=self._client.max_age,
            acr=self._client.acr,
        )
        untrue = judge_claims(opened.claims, expected, now=now)
        if untrue is not None:
            return Refused(why=REFUSALS.get(untrue, Refusal.FORGED), detail=f"claim: {untrue}")
        return Told(
            issuer=self._discovery.issuer,
            signed=opened.claims,
            claims=opened.claims,
            token_hash=hashlib.sha256(tokens.id_token.encode()).digest(),
            access_token=tokens.access_token,
            person=there.person,
            visit=visit,
        )

    def ask_more(self, told: Told) -> Told | Refused:
        """What the provider says besides of the same person (§5.3); the signed claims outweigh it.

        Raises:
            Unavailable: it does not say.
        """
        if not told.person or not told.access_token:
            return told
        answer = told.visit.ask("GET", told.person, headers={"Authorization": f"Bearer {told.access_token}"})
        if answer.status != 200:
            raise Unavailable(f"the sign-on does not tell of the person: {answer.status}")
        more = read(answer.body, dict[str, Any])
        if more.get("sub") != told.signed["sub"]:
            return Refused(why=Refusal.FORGED, detail="another person")  # §5.3.2
        return replace(told, claims=more | dict(told.signed))

    def _redeeming(self, there: Endpoints, code: str, begun: _Kept) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": begun.return_url,
            "code_verifier": derived(begun.secret, "verifier"),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        secret = self._client.secret.reveal().decode()
        if there.by_basic:
            pair = f"{quote_plus(self._client.client_id)}:{quote_plus(secret)}"  # RFC 6749 §2.3.1
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self._client.client_id, "client_secret": secret}
        return {"headers": headers, "content": urlencode(form).encode()}


def refused_by(error: str) -> Refused:
    """What the sign-on says by the browser instead of a code (RFC 6749 §4.1.2.1).

    Raises:
        Unavailable: it is in trouble itself.
    """
    if error in PASSING:
        raise Unavailable(f"the sign-on is in trouble: {error}")
    why = Refusal.CANCELLED if error == "access_denied" else Refusal.FAILED
    return Refused(why=why, detail=error[:40] if error.isascii() and error.isprintable() else "")


def derived(secret: bytes, purpose: str) -> str:
    """43 characters for one purpose: knowing one of them helps with no other."""
    return pack(hmac.digest(secret, f"oidc {purpose}".encode(), "sha256"))


def challenge(verifier: str) -> str:
    """The S256 of RFC 7636 §4.2."""
    return pack(hashlib.sha256(verifier.encode()).digest())
