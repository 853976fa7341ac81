"""An institution's own sign-on (OpenID Connect Core 1.0): code, PKCE, nonce and state, from one secret that never leaves us.

A social login proves that somebody has an account, not who they are: its method is `sign_on`, and policy decides what that is
worth.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

import httpx
import msgspec

from otpward.adapters.identity.discovery import Discovery, Endpoints
from otpward.adapters.identity.person import born, international
from otpward.adapters.identity.visit import VISIT_S, Visit, read
from otpward.core.errors import Unavailable
from otpward.core.formats.id_token import Expected, Untrue, judge_claims
from otpward.core.formats.jws import Flaw, Opened, open_token, pack
from otpward.core.model.evidence import Evidence
from otpward.core.model.proof import Method
from otpward.core.secret import NOTHING, Personal, Secret
from otpward.ports.prover import Asked, Begun, Refusal, Refused

CODE_LONGEST: Final = 2048
NAME_LONGEST: Final = 200
PASSING: Final = ("server_error", "temporarily_unavailable")


class _Kept(msgspec.Struct):
    secret: bytes
    return_url: str


class _Tokens(msgspec.Struct):
    id_token: str
    access_token: str = ""


class _Fault(msgspec.Struct):
    error: str = ""


class OidcProver:
    """Sends the person to sign in, and believes the signed answer about this very request only.

    With `max_age` the person must have signed in no longer ago (`auth_time`); with `acr` in one of these ways (ASVS 6.8.4).
    """

    method: Final = Method.SIGN_ON
    asks: Final[tuple[str, ...]] = ()

    def __init__(
        self,
        name: str,
        *,
        issuer: str,
        client_id: str,
        secret: Secret,
        http: httpx.Client,
        scopes: tuple[str, ...] = ("openid", "profile", "phone"),
        other_origins: frozenset[str] = frozenset(),
        max_age: timedelta | None = None,
        acr: frozenset[str] = frozenset(),
        whole_s: float = VISIT_S,
    ) -> None:
        self.name = name
        self._client_id = client_id
        self._secret = secret
        self._http = http
        self._scopes = tuple(dict.fromkeys(("openid", *scopes)))
        self._discovery = Discovery(issuer, other_origins=other_origins)
        self._max_age = max_age
        self._acr = acr
        self._whole_s = whole_s

    def begin(self, asked: Asked) -> Begun:
        """A link to the sign-on, which leads back to `return_url` and nowhere else."""
        there = self._discovery.endpoints(Visit(self._http, self._whole_s), asked.now)
        to, known = there.authorization, there.scopes or self._scopes
        wishes = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": asked.return_url,
            "scope": " ".join(scope for scope in self._scopes if scope == "openid" or scope in known),
            "state": derived(asked.nonce, "state"),
            "nonce": derived(asked.nonce, "nonce"),
            "code_challenge": challenge(derived(asked.nonce, "verifier")),
            "code_challenge_method": "S256",
            "ui_locales": asked.language,
        }
        if self._max_age is not None:
            wishes["max_age"] = str(int(self._max_age.total_seconds()))
        if self._acr:
            wishes["acr_values"] = " ".join(sorted(self._acr))
        kept = msgspec.json.encode(_Kept(secret=asked.nonce, return_url=asked.return_url))
        return Begun(kept=Secret(kept), link=f"{to}{'&' if '?' in to else '?'}{urlencode(wishes)}")

    def complete(self, kept: Secret, callback: Mapping[str, str], *, now: datetime) -> Evidence | Refused:
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
            client_id=self._client_id,
            nonce=derived(begun.secret, "nonce"),
            access_token=tokens.access_token,
            max_age=self._max_age,
            acr=self._acr,
        )
        untrue = judge_claims(opened.claims, expected, now=now)
        if untrue is not None:
            return Refused(why=REFUSALS.get(untrue, Refusal.FORGED), detail=f"claim: {untrue}")
        return self._evidence(visit, there, tokens, opened, now)

    def _evidence(self, visit: Visit, there: Endpoints, tokens: _Tokens, opened: Opened, now: datetime) -> Evidence | Refused:
        claims = dict(opened.claims)
        if not name_in(claims) and there.person and tokens.access_token:
            answer = visit.ask("GET", there.person, headers={"Authorization": f"Bearer {tokens.access_token}"})
            if answer.status != 200:
                raise Unavailable(f"the sign-on does not tell of the person: {answer.status}")
            told = read(answer.body, dict[str, Any])
            if told.get("sub") != claims["sub"]:
                return Refused(why=Refusal.FORGED, detail="another person")  # §5.3.2
            claims = told | claims
        token_hash = hashlib.sha256(tokens.id_token.encode())
        phone = claims.get("phone_number") if claims.get("phone_number_verified") is True else None
        return Evidence(
            method=self.method,
            provider=self.name,
            provider_tx=token_hash.hexdigest()[:32],
            name=Personal(name_in(claims)),
            birth_date=born(str(claims.get("birthdate", ""))),
            phone=international(phone) if isinstance(phone, str) else NOTHING,
            subject=Personal(f"{self._discovery.issuer} {claims['sub']}"),
            verified_at=now,
            raw_hash=token_hash.digest(),
        )

    def _redeeming(self, there: Endpoints, code: str, begun: _Kept) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": begun.return_url,
            "code_verifier": derived(begun.secret, "verifier"),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        secret = self._secret.reveal().decode()
        if there.by_basic:
            pair = f"{quote_plus(self._client_id)}:{quote_plus(secret)}"  # RFC 6749 §2.3.1
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self._client_id, "client_secret": secret}
        return {"headers": headers, "content": urlencode(form).encode()}


REFUSALS: Final = {Untrue.EXPIRED: Refusal.EXPIRED, Untrue.AUTH_TIME: Refusal.NOT_ACCEPTED, Untrue.ACR: Refusal.NOT_ACCEPTED}
"""A genuine token that came too late, or of a sign-in that is not strong or fresh enough; all else is forged."""


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


def name_in(claims: Mapping[str, Any]) -> str:
    """`name`, or family and given name as Korean names are written; empty where it is no text."""
    parts = [claims.get("name")]
    if not parts[0]:
        parts = [claims.get("family_name"), claims.get("given_name")]
    whole = "".join(part for part in parts if isinstance(part, str))
    return whole if len(whole) <= NAME_LONGEST else ""
