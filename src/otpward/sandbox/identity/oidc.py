"""An OpenID provider: a page where one chooses who signs in, codes that work once, and keys that can be changed by a button.

A code is redeemed with its verifier, by its client, at its address (RFC 6749 §4.1.3, RFC 7636 §4.6), as by the real ones.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import unquote_plus, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from otpward.core.errors import Invalid, NotFound
from otpward.sandbox import asked
from otpward.sandbox.identity.people import PEOPLE, Person, Scenario, by_id, scenario_of, told_of
from otpward.sandbox.identity.signer import Signer, new_signer, pack
from otpward.sandbox.pages import back_to, page
from otpward.sandbox.world import World

CLIENT: Final = "otpward"
CLIENT_SECRET: Final = "not-a-secret"
LASTS_S: Final = 300
AN_HOUR_S: Final = 3600
CODE_LASTS_S: Final = 60
KEYS_SHOWN: Final = 2
"""The key in use and the one before it, whose tokens may still be under way."""


SILVER: Final = "silver"
GOLD: Final = "gold"
"""The two ways of signing in here, as `acr` says them: a password, or a second factor beside it."""


class How(StrEnum):
    """How whoever is chosen signed in."""

    PASSWORD = "password"
    TWO_FACTORS = "two-factors"
    AN_HOUR_AGO = "an-hour-ago"
    """By a password, and remembered since; where a fresh sign-in is asked for, this provider is one that does not listen."""


@dataclass(slots=True, kw_only=True)
class Granted:
    """A code that was given, and to whom it may be changed into what."""

    person: Person
    how: How
    wishes: dict[str, str]
    at: datetime
    used: bool = False


@dataclass(slots=True)
class SignOn:
    """What the provider remembers; a restart makes new keys."""

    world: World
    signers: list[Signer] = field(default_factory=list)
    granted: dict[str, Granted] = field(default_factory=dict)
    tokens: dict[str, Person] = field(default_factory=dict)

    def rotate(self, algorithm: str) -> None:
        """A new key from now on."""
        self.signers[:] = [new_signer(algorithm, self.world.now()), *self.signers][:KEYS_SHOWN]

    def signer(self) -> Signer:
        """The key in use; the first is made when it is first needed."""
        if not self.signers:
            self.rotate("RS256")
        return self.signers[0]

    async def describe(self, request: Request) -> Response:
        """`/.well-known/openid-configuration`."""
        issuer = issuer_of(request)
        return JSONResponse(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "userinfo_endpoint": f"{issuer}/userinfo",
                "jwks_uri": f"{issuer}/jwks",
                "response_types_supported": ["code"],
                "scopes_supported": ["openid", "profile", "phone", "email"],
                "acr_values_supported": [SILVER, GOLD],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256", "ES256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def keys(self, request: Request) -> Response:
        """The public keys."""
        self.signer()
        return JSONResponse({"keys": [signer.jwk() for signer in self.signers]})

    async def keys_page(self, request: Request) -> Response:
        """The keys for people, and the button that changes them."""
        self.signer()
        return page(request, "oidc_keys.html", signers=self.signers)

    async def turn(self, request: Request) -> Response:
        """The button."""
        self.rotate((await asked.form(request)).get("algorithm", ""))
        return back_to("/oidc/keys")

    async def choose(self, request: Request) -> Response:
        """Who signs in? Each name is a link, so that the way back is not a form's and the pages' policy lets it pass."""
        wishes, how = wished(request), how_of(request)
        links = [(person, f"/oidc/enter?{urlencode(wishes | {'person': person.id, 'how': how})}") for person in PEOPLE]
        ways = [(one, f"/oidc/authorize?{urlencode(wishes | {'how': one})}") for one in How]
        cancel = f"/oidc/enter?{urlencode(wishes)}"
        return page(request, "oidc.html", client=wishes["client_id"], links=links, cancel=cancel, ways=ways, how=how)

    async def enter(self, request: Request) -> Response:
        """Somebody was chosen: back with a code, or with a refusal."""
        wishes = wished(request)
        answer = {"state": wishes.get("state", ""), "iss": issuer_of(request)}
        chosen = request.query_params.get("person")
        person = by_id(chosen) if chosen else None
        if chosen and person is None:
            raise NotFound("nobody of that name lives here")
        if person is None or scenario_of(person.phone) is Scenario.CANCELS:
            answer["error"] = "access_denied"
        else:
            code = secrets.token_urlsafe(24)
            self.granted[code] = Granted(person=person, how=how_of(request), wishes=wishes, at=self.world.now())
            answer["code"] = code
        to = wishes["redirect_uri"]
        return RedirectResponse(f"{to}{'&' if '?' in to else '?'}{urlencode(answer)}", 303)

    async def token(self, request: Request) -> Response:
        """A code becomes a token, once."""
        form = await asked.form(request)
        if not is_client(request.headers.get("authorization", ""), form):
            return JSONResponse({"error": "invalid_client"}, 401)
        granted = self.granted.get(form.get("code", ""))
        if form.get("grant_type") != "authorization_code" or granted is None or not self._fits(granted, form):
            return JSONResponse({"error": "invalid_grant"}, 400)
        match scenario_of(granted.person.phone):
            case Scenario.BROKEN:
                return PlainTextResponse("service unavailable", 503)
            case Scenario.SLOW:
                await asyncio.sleep(self.world.slow_s)
            case Scenario.REPLAYED:
                granted.used = True
                return JSONResponse({"error": "invalid_grant"}, 400)
        granted.used = True
        access = secrets.token_urlsafe(24)
        self.tokens[access] = granted.person
        whole = self.signer().sign(self._claims(granted, issuer_of(request), access))
        if scenario_of(granted.person.phone) is Scenario.TAMPERED:
            head, claims, signature = whole.split(".")
            changed = json.loads(base64.urlsafe_b64decode(claims + "==")) | {"sub": "m1001"}
            whole = f"{head}.{pack(json.dumps(changed).encode())}.{signature}"
        return JSONResponse({"access_token": access, "token_type": "Bearer", "expires_in": LASTS_S, "id_token": whole})

    async def person(self, request: Request) -> Response:
        """`userinfo`: whom the access token speaks of."""
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        person = self.tokens.get(bearer)
        if person is None:
            return JSONResponse({"error": "invalid_token"}, 401)
        return JSONResponse({"sub": person.id} | facts(told_of(person), ["profile", "phone", "email"]))

    def _fits(self, granted: Granted, form: dict[str, str]) -> bool:
        """Not used before, not too late, at the same address and by whoever began it."""
        challenge = pack(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        return (
            not granted.used
            and (self.world.now() - granted.at).total_seconds() <= CODE_LASTS_S
            and form.get("redirect_uri") == granted.wishes["redirect_uri"]
            and hmac.compare_digest(challenge.encode(), granted.wishes["code_challenge"].encode())
        )

    def _claims(self, granted: Granted, issuer: str, access: str) -> dict[str, Any]:
        now, person = int(self.world.now().timestamp()), granted.person
        ago = AN_HOUR_S if scenario_of(person.phone) is Scenario.EXPIRED else 0
        claims = {
            "iss": issuer,
            "sub": person.id,
            "aud": CLIENT,
            "iat": now - ago,
            "exp": now - ago + LASTS_S,
            "auth_time": int(granted.at.timestamp()) - (AN_HOUR_S if granted.how is How.AN_HOUR_AGO else ago),
            "acr": GOLD if granted.how is How.TWO_FACTORS else SILVER,
            "amr": ["pwd", "otp", "mfa"] if granted.how is How.TWO_FACTORS else ["pwd"],
            "nonce": granted.wishes.get("nonce", ""),
            "at_hash": pack(hashlib.sha256(access.encode()).digest()[:16]),
        }
        return claims | facts(told_of(person), granted.wishes["scope"].split())


def facts(person: Person, scopes: list[str]) -> dict[str, Any]:
    """What it tells of a person, by scope (OpenID Connect Core 1.0 §5.4)."""
    by_scope: dict[str, dict[str, Any]] = {
        "profile": {"name": person.name, "birthdate": person.birth_date.isoformat(), "preferred_username": person.id},
        "email": {"email": f"{person.id}@member.example", "email_verified": True},
        "phone": {"phone_number": person.phone, "phone_number_verified": True},
    }
    return {name: value for scope in scopes for name, value in by_scope.get(scope, {}).items()}


def wished(request: Request) -> dict[str, str]:
    """The request by browser (§3.1.2.1), refused on our own page where the client or the way back is not certain.

    Raises:
        Invalid: not a request that this provider takes.
    """
    wishes = {name: value for name, value in request.query_params.items() if name not in ("person", "lang", "how")}
    if wishes.get("client_id") != CLIENT or not wishes.get("redirect_uri", "").startswith(("http://", "https://")):
        raise Invalid("no such client, or no way back")
    if wishes.get("response_type") != "code" or "openid" not in wishes.get("scope", "").split():
        raise Invalid("only the code flow of OpenID Connect")
    if wishes.get("code_challenge_method") != "S256" or not wishes.get("code_challenge"):
        raise Invalid("only with PKCE and S256")
    return wishes


def how_of(request: Request) -> How:
    """As was chosen on the page; else as the client wishes, as far as there is such a way."""
    wished_for = How.TWO_FACTORS if GOLD in request.query_params.get("acr_values", "").split() else How.PASSWORD
    try:
        return How(request.query_params.get("how", wished_for))
    except ValueError:
        raise Invalid("nobody signs in that way") from None


def is_client(authorization: str, form: dict[str, str]) -> bool:
    """By header or by form (RFC 6749 §2.3.1)."""
    name, secret = form.get("client_id", ""), form.get("client_secret", "")
    if authorization.startswith("Basic "):
        try:
            pair = base64.b64decode(authorization.removeprefix("Basic "), validate=True).decode()
        except ValueError:
            return False
        name, _, secret = (unquote_plus(part) for part in pair.partition(":"))
    return name == CLIENT and hmac.compare_digest(secret.encode(), CLIENT_SECRET.encode())


def issuer_of(request: Request) -> str:
    """Where this provider lives."""
    return f"{str(request.base_url).rstrip('/')}/oidc"


def routes(world: World) -> list[Route]:
    """The provider under `/oidc`."""
    there = SignOn(world)
    return [
        Route("/oidc/.well-known/openid-configuration", there.describe),
        Route("/oidc/jwks", there.keys),
        Route("/oidc/authorize", there.choose),
        Route("/oidc/enter", there.enter),
        Route("/oidc/token", there.token, methods=["POST"]),
        Route("/oidc/userinfo", there.person),
        Route("/oidc/keys", there.keys_page),
        Route("/oidc/keys", there.turn, methods=["POST"]),
    ]
