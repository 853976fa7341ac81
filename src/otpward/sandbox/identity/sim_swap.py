"""CAMARA's SIM Swap at its path: a carrier that says whether a SIM was changed.

A number that ends in 0011 got a new SIM an hour ago; 0007 finds the gateway broken, 0017 slow; 0003 is nobody's customer.
"""

import asyncio
import base64
import binascii
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from otpward.core.errors import Invalid
from otpward.sandbox import asked
from otpward.sandbox.identity.people import Scenario, scenario_of
from otpward.sandbox.world import World

CLIENT: Final = "sandbox"
SECRET: Final = "not-a-secret"
SCOPE: Final = "sim-swap:check"
LASTS_S: Final = 300
CHANGED_HOURS_AGO: Final = 1
OLDEST_HOURS: Final = 2400
FAULTS: Final = {
    "INVALID_ARGUMENT": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "IDENTIFIER_NOT_FOUND": 404,
    "MISSING_IDENTIFIER": 422,
}


class Gateway:
    """What this gateway remembers: the tokens it gave."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tokens: dict[str, datetime] = {}

    async def token(self, request: Request) -> Response:
        """`POST …/token`, client credentials (RFC 6749 §4.4)."""
        form = await asked.form(request)
        if not _is_ours(request.headers.get("authorization", "")):
            return JSONResponse({"error": "invalid_client"}, 401, headers={"WWW-Authenticate": "Basic"})
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        if form.get("scope", SCOPE) != SCOPE:
            return JSONResponse({"error": "invalid_scope"}, 400)
        token = secrets.token_urlsafe(24)
        self._tokens[token] = self._world.now() + timedelta(seconds=LASTS_S)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": LASTS_S, "scope": SCOPE})

    async def check(self, request: Request) -> Response:
        """`POST /sim-swap/v1/check`."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        until = self._tokens.get(token)
        if scheme != "Bearer" or until is None or self._world.now() >= until:
            return refuse("UNAUTHENTICATED")
        try:
            order = await asked.document(request)
            phone, hours = _ordered(order)
        except (Invalid, TypeError, ValueError):
            return refuse("INVALID_ARGUMENT")
        if phone is None:
            return refuse("MISSING_IDENTIFIER")
        if not 1 <= hours <= OLDEST_HOURS:
            return refuse("OUT_OF_RANGE")
        match scenario_of(phone):
            case Scenario.BROKEN:
                return PlainTextResponse("service unavailable", 503)
            case Scenario.OTHER_NAME:
                return refuse("IDENTIFIER_NOT_FOUND")
            case Scenario.SLOW:
                await asyncio.sleep(self._world.slow_s)
        swapped = scenario_of(phone) is Scenario.SIM_CHANGED and hours >= CHANGED_HOURS_AGO
        return JSONResponse({"swapped": swapped})


def _ordered(order: dict[str, Any]) -> tuple[str | None, int]:
    phone, hours = order.get("phoneNumber"), order.get("maxAge", 240)
    if phone is not None and (not isinstance(phone, str) or asked.phone_number(phone) != phone):
        raise Invalid("phoneNumber is E.164 with +")
    if not isinstance(hours, int) or isinstance(hours, bool):
        raise Invalid("maxAge is a whole number")
    return phone, hours


def _is_ours(authorization: str) -> bool:
    scheme, _, value = authorization.partition(" ")
    try:
        given = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return scheme == "Basic" and hmac.compare_digest(given, f"{CLIENT}:{SECRET}".encode())


def refuse(code: str) -> JSONResponse:
    """A refusal as CAMARA words it."""
    return JSONResponse({"status": FAULTS[code], "code": code, "message": ""}, FAULTS[code])


def routes(world: World) -> list[Route]:
    """The gateway's two paths."""
    gateway = Gateway(world)
    return [
        Route("/sim-swap/oauth/token", gateway.token, methods=["POST"]),
        Route("/sim-swap/v1/check", gateway.check, methods=["POST"]),
    ]
