"""The member's phone with an authenticator app: an account is added by address or by typing the key, and shows its codes."""

from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from otpward.core.errors import Invalid, NotFound
from otpward.core.oath.base32 import decode_base32
from otpward.core.oath.model import Algorithm, Parameters, TokenKind
from otpward.core.oath.totp import totp
from otpward.core.oath.uri import parse_uri
from otpward.core.secret import Secret
from otpward.sandbox import asked
from otpward.sandbox.pages import back_to, page
from otpward.sandbox.world import Account, World

USUAL: Final = Parameters(kind=TokenKind.TOTP, period_s=30)
"""What authenticator apps assume of a key that is typed by hand."""


def add_by_uri(world: World, uri: str) -> Account:
    """What happens when the app reads the QR code.

    Raises:
        Invalid: not an otpauth address, or one for a counter, which this app does not have.
    """
    read = parse_uri(uri)
    if read.parameters.kind is not TokenKind.TOTP:
        raise Invalid("this app shows time-based codes only", field="uri")
    return _add(world, issuer=read.issuer or "", name=read.account, seed=read.seed, parameters=read.parameters)


def add_by_key(world: World, *, issuer: str, name: str, key: str) -> Account:
    """What happens when the key is typed: SHA-1, 6 digits, 30 seconds."""
    return _add(world, issuer=issuer.strip()[:60], name=name.strip()[:60] or "OTP", seed=decode_base32(key), parameters=USUAL)


def _add(world: World, *, issuer: str, name: str, seed: Secret, parameters: Parameters) -> Account:
    with world.changing() as memory:
        account = Account(
            id=memory.next_id(),
            issuer=issuer,
            name=name,
            seed=seed.reveal(),
            algorithm=parameters.algorithm.value,
            digits=parameters.digits,
            period_s=parameters.period_s or 30,
        )
        memory.accounts.append(account)
    return account


def remove(world: World, account_id: int) -> None:
    """As after a new phone: the account is gone."""
    with world.changing() as memory:
        left = [account for account in memory.accounts if account.id != account_id]
        if len(left) == len(memory.accounts):
            raise NotFound("no such account on this phone")
        memory.accounts[:] = left


def code_of(account: Account, now: datetime) -> str:
    """The code the app shows now."""
    return totp(
        Secret(account.seed),
        now.astimezone(UTC),
        algorithm=Algorithm(account.algorithm),
        digits=account.digits,
        period_s=account.period_s,
    )


def as_json(account: Account, now: datetime) -> dict[str, object]:
    """An account for programs: without its seed, as an app shows it."""
    return {
        "id": account.id,
        "issuer": account.issuer,
        "name": account.name,
        "code": code_of(account, now),
        "seconds_left": seconds_left(account.period_s, now),
    }


def seconds_left(period_s: int, now: datetime) -> int:
    """How long the code of this moment is still shown."""
    return period_s - int(now.timestamp()) % period_s


def _page(request: Request, *, status: int = 200, problem: str = "", field: str = "") -> Response:
    world: World = request.app.state.world
    now = world.now()
    shown = [
        (account, code_of(account, now), seconds_left(account.period_s, now)) for account in reversed(world.memory.accounts)
    ]
    return page(request, "phone.html", status=status, shown=shown, problem=problem, field=field)


async def show(request: Request) -> Response:
    """The app's screen."""
    return _page(request)


async def add(request: Request) -> Response:
    """One form for both ways; what was typed is not sent back, since it is a secret."""
    world: World = request.app.state.world
    typed = await asked.form(request)
    by_uri = "uri" in typed
    try:
        if by_uri:
            add_by_uri(world, typed["uri"])
        else:
            add_by_key(world, issuer=typed.get("issuer", ""), name=typed.get("name", ""), key=typed.get("key", ""))
    except Invalid:
        return _page(
            request, status=422, problem="phone.bad_uri" if by_uri else "phone.bad_key", field="uri" if by_uri else "key"
        )
    return back_to("/phone")


async def forget(request: Request) -> Response:
    """Remove one account."""
    remove(request.app.state.world, request.path_params["account_id"])
    return back_to("/phone")


async def list_as_json(request: Request) -> Response:
    """`GET /api/phone`: newest account first, with the codes of this moment."""
    world: World = request.app.state.world
    return JSONResponse([as_json(account, world.now()) for account in reversed(world.memory.accounts)])


async def add_from_json(request: Request) -> Response:
    """`POST /api/phone` {"uri"} or {"key", "issuer"?, "name"?}."""
    world: World = request.app.state.world
    told = {name: str(value) for name, value in (await asked.document(request)).items()}
    if "uri" in told:
        account = add_by_uri(world, told["uri"])
    else:
        account = add_by_key(world, issuer=told.get("issuer", ""), name=told.get("name", ""), key=told.get("key", ""))
    return JSONResponse(as_json(account, world.now()), 201)


ROUTES: Final = [
    Route("/phone", show),
    Route("/phone", add, methods=["POST"]),
    Route("/phone/{account_id:int}/remove", forget, methods=["POST"]),
    Route("/api/phone", list_as_json),
    Route("/api/phone", add_from_json, methods=["POST"]),
]
