"""`POST /v1/verifications`: is this code good?

The one call that is made thousands of times a second: an ASGI callable in front of the router, so that nothing is between the
socket and the batch (docs/adr/0008).
"""

import asyncio
import json
import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Annotated, Any, Final, NoReturn
from uuid import UUID

import msgspec
import structlog
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from otpward.clerk.limits import client_keys
from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Invalid, OtpwardError, TooOften
from otpward.core.ids import make_id
from otpward.core.model.member import fold_login
from otpward.core.oath.typed_code import typed_digits
from otpward.core.policy.keys import NoKey
from otpward.core.policy.verification import Verdict
from otpward.edges.http.api import problems
from otpward.edges.http.api.keys import shown_key
from otpward.ports.desk import House
from otpward.ports.judging import Alone, Asked, Judged, Judging, Once, Unconfirmed, Verification, judge
from otpward.ports.vault import Print
from otpward.services.verify.verify import Verify, verify

PATH: Final = "/v1/verifications"
BODY_OCTETS: Final = 64 * 1024
"""No request here is longer; what is, is refused before it is read."""
BODY_S: Final = 10.0
"""A body arrives in this time or not at all."""
_CODE_DIGITS: Final = range(6, 11)
_ANSWER_DIGITS: Final = range(4, 11)
"""What answers a challenge may be shorter (RFC 6287 §5.2)."""
_ONCE: Final = re.compile(r'"?([!#-\[\]-~]{1,128})"?')
"""Idempotency-Key: a structured string, or the same without its quotes."""
_QUOTES: Final = 4
"""Of a field: its name is a text, and so is its value."""
_AT_FIELD: Final = re.compile(r"`\$\.(\w+)|field `(\w{1,40})`")

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=r"\A[^\x00-\x1f\x7f]+\Z")]

_log = structlog.get_logger()


class VerificationAsk(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A code, and whose it should be: exactly one of `member` and `serial`.

    `code` is what the device shows. `challenge` is the id of a challenge that the code answers. `client` is the address of the
    person who typed the code: wrong codes are counted by it, too, so that nobody can lock everybody's tokens.
    """

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    member: Name | None = None
    serial: Name | None = None
    challenge: UUID | None = None
    client: Annotated[str, msgspec.Meta(max_length=45)] | None = None


class VerificationAnswer(msgspec.Struct, kw_only=True, omit_defaults=True):
    """`id` names the line in the audit. `reason`, `tries_left` and `token` are told to keys with the scope `verify:reasons`
    only. `unconfirmed` says that nobody knows whether the code is spent: ask for the next one.

    Of a code that was accepted: `age_s` is how many seconds ago its token became active, and `hold_until` (RFC 3339, UTC),
    while it lasts, until when the institution's policy holds the token to be new. The code is good all the same; what it may
    move is for the asker to say."""

    id: str
    result: str
    reason: str | None = None
    tries_left: int | None = None
    token: str | None = None
    age_s: int | None = None
    hold_until: str | None = None


_decode: Final = msgspec.json.Decoder(VerificationAsk).decode
_encode: Final = msgspec.json.Encoder().encode


class Verifications:
    """Answers this one path, and hands everything else on."""

    def __init__(self, app: ASGIApp, *, house: House, judging: Judging, headers: list[tuple[bytes, bytes]]) -> None:
        self._app, self._house, self.judging = app, house, judging
        self.headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), *headers]
        self.head = b"".join(b"%s: %s\r\n" % pair for pair in self.headers)
        self._running: set[bytes] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        try:
            if scope["method"] != "POST":
                raise _Refused(405, "method_not_allowed", headers={"Allow": "POST"})
            named = dict(scope["headers"])
            source = scope["client"][0] if scope["client"] else ""
            caller = shown_key(named.get(b"authorization", b"").decode("latin-1"))
            _check_type(named)
            body = await self.answer(self._question(named, caller, await _body(named, receive), source))
        except Exception as error:
            await self.explain(error)(scope, receive, send)
            return
        headers = [*self.headers, (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def understand(self, named: Mapping[bytes, bytes], body: bytes, source: str) -> Asked:
        """A request of which everything is there; raises what `explain` explains."""
        caller = shown_key(named.get(b"authorization", b"").decode("latin-1"))
        _check_type(named)
        return self._question(named, caller, body, source)

    def _question(self, named: Mapping[bytes, bytes], caller: tuple[str, bytes], body: bytes, source: str) -> Asked:
        ask = _read(body)
        handle, digest = caller
        once = named.get(b"idempotency-key")
        return Asked(
            handle=handle,
            digest=digest,
            code=ask.code,
            login=None if ask.member is None else fold_login(ask.member),
            serial=ask.serial,
            source=source,
            client=ask.client or "",
            client_keys=client_keys(ask.client, self._house.vault) if ask.client else (),
            once=None if once is None else self._once(once, handle, ask),
            challenge=ask.challenge,
        )

    async def answer(self, asked: Asked) -> bytes:
        """The body of the answer, once what it says is durable; raises what `explain` explains."""
        once = asked.once
        if once is None:
            return await self._answer(asked)
        if once.key in self._running:
            raise _Refused(409, "still_running", "the first request with this Idempotency-Key is still running")
        self._running.add(once.key)
        try:
            return await self._answer(asked)
        finally:
            self._running.discard(once.key)

    async def _answer(self, asked: Asked) -> bytes:
        try:
            judged = await judge(self.judging, asked)
        except Exception as error:
            if (body := self.instead(error)) is not None:
                return body
            raise
        return self.say(judged) if isinstance(judged, Judged) else await self.answer_alone(asked, judged)

    async def answer_alone(self, asked: Asked, alone: Alone) -> bytes:
        """The body of the answer to one that the batch left aside."""
        return self.say(await run_in_threadpool(self._judge_alone, asked, alone))

    @staticmethod
    def say(judged: Judged) -> bytes:
        """The body of an answer."""
        answer = judged.verification
        result = "accepted" if answer.verdict is Verdict.ACCEPTED else "refused"
        held = None if answer.hold_until is None else f"{answer.hold_until:%Y-%m-%dT%H:%M:%SZ}"
        if not judged.reasons:
            return _encode(VerificationAnswer(id=str(answer.id), result=result, age_s=answer.age_s, hold_until=held))
        return _encode(
            VerificationAnswer(
                id=str(answer.id),
                result=result,
                reason=answer.verdict.value,
                tries_left=answer.tries_left,
                token=answer.serial,
                age_s=answer.age_s,
                hold_until=held,
            )
        )

    def _judge_alone(self, asked: Asked, alone: Alone) -> Judged:
        ask = Verify(
            institution_id=alone.institution_id,
            code=asked.code,
            by=Actor(kind=ActorKind.API_KEY, id=alone.key_id, source=asked.source),
            login=asked.login,
            serial=asked.serial,
            client=asked.client,
            once=asked.once,
            challenge=asked.challenge,
        )
        answer: Verification = self._house.do(alone.institution_id, lambda desk: verify(ask, desk=desk))
        return Judged(verification=answer, reasons=alone.reasons)

    def instead(self, error: Exception) -> bytes | None:
        """What is answered where nobody knows whether it lasted: no, and the code may be spent (DESIGN §4.1: never guessed)."""
        if not isinstance(error, Unconfirmed):
            return None
        reference = str(make_id(self._house.clock.now(), self._house.entropy.octets(16)))
        _log.error("verification_unconfirmed", reference=reference)
        return _encode(VerificationAnswer(id=reference, result="refused", reason="unconfirmed"))

    def _once(self, header: bytes, handle: str, ask: VerificationAsk) -> Once:
        match = _ONCE.fullmatch(header.decode("latin-1").strip())
        if match is None:
            raise _Refused(400, "bad_idempotency_key", "an Idempotency-Key has 1 to 128 printable ASCII characters")
        vault = self._house.vault
        asked = (ask.code, ask.member or "", ask.serial or "", str(ask.challenge or ""), ask.client or "")
        return Once(
            key=vault.fingerprint(Print.REQUEST, "key", handle, match[1]),
            request=vault.fingerprint(Print.REQUEST, "asked", *asked),
        )

    def explain(self, error: Exception) -> Response:
        """The problem document of what was raised."""
        response = self._problem(error)
        response.raw_headers.extend(self.headers[2:])
        return response

    def _problem(self, error: Exception) -> Response:
        match error:
            case _Refused():
                return problems.problem(error.status, error.code, error.detail, headers=error.headers)
            case NoKey():
                return problems.problem(401, "unauthorized", headers={"WWW-Authenticate": "Bearer"})
            case TooOften():
                wait = max(1, int((error.until - self._house.clock.now()).total_seconds()))
                return problems.problem(429, error.code, headers={"Retry-After": str(wait)})
            case OtpwardError():
                return problems.of_ours(PATH, error)
            case _:
                return problems.of_fault(PATH, error)


class _Refused(Exception):
    """A request that is not one of ours."""

    def __init__(self, status: int, code: str, detail: str = "", *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.detail, self.headers = status, code, detail, headers


def _check_type(named: Mapping[bytes, bytes]) -> None:
    header = named.get(b"content-type", b"")
    if header != b"application/json" and header.partition(b";")[0].strip().lower() != b"application/json":
        raise _Refused(415, "unsupported_media_type")


async def _body(named: Mapping[bytes, bytes], receive: Receive) -> bytes:
    declared = named.get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > BODY_OCTETS:
        raise _Refused(413, "too_large")
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        try:
            async with asyncio.timeout(BODY_S):
                while message.get("more_body") and len(body) <= BODY_OCTETS:
                    message = await receive()
                    body += message.get("body", b"")
        except TimeoutError:
            raise _Refused(408, "too_slow", headers={"Connection": "close"}) from None
    if message["type"] == "http.disconnect":
        raise _Refused(400, "cut_off")
    if len(body) > BODY_OCTETS:
        raise _Refused(413, "too_large")
    return body


def _read(body: bytes) -> VerificationAsk:
    if not body:
        _refuse("the body is empty", "body")
    try:
        ask = _decode(body)
    except msgspec.ValidationError as error:
        found = _AT_FIELD.search(str(error))
        _refuse(str(error)[:200], (found[1] or found[2]) if found else "body")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _Refused(400, "malformed_json", "the body is not valid JSON") from None
    given = (ask.member, ask.serial, ask.challenge, ask.client)
    if body.count(b'"') != _QUOTES * (len(given) + 1 - given.count(None)):
        _refuse_doubles(body)
    if (ask.member is None) == (ask.serial is None):
        _refuse("name either member or serial", "body")
    digits = _CODE_DIGITS if ask.challenge is None else _ANSWER_DIGITS
    if len(typed_digits(ask.code) or "") not in digits:
        _refuse(f"a code has {digits[0]} to {digits[-1]} digits", "code")
    if ask.client is not None:
        try:
            ip_address(ask.client)
        except ValueError:
            _refuse("client is an IP address", "client")
    return ask


def _refuse_doubles(body: bytes) -> None:
    """A field that is there twice means two things. Only bodies with more quotes than plain fields have come here."""

    def once(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        for name in names:
            if names.count(name) > 1:
                _refuse("this field is there twice", name)

    json.loads(body, object_pairs_hook=once)


def _refuse(problem: str, field: str) -> NoReturn:
    raise Invalid(problem, field=field)


def describe() -> tuple[dict[str, Any], dict[str, Any]]:
    """What the OpenAPI document says of it: the path, and the schemas it names. They come from what reads and writes."""
    (ask, answer), schemas = msgspec.json.schema_components(
        (VerificationAsk, VerificationAnswer), ref_template="#/components/schemas/{name}"
    )
    reasons = [*(one.value for one in Verdict), "unconfirmed"]
    schemas["VerificationAnswer"]["properties"]["reason"] = {"enum": reasons, "type": "string"}
    schemas["VerificationAnswer"]["properties"]["result"]["enum"] = ["accepted", "refused"]
    failures = {
        str(status): {
            "description": more["description"],
            "content": {problems.MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, more in problems.declare(400, 401, 403, 408, 409, 413, 415, 422, 429, 500, 503).items()
    }
    operation = {
        "tags": ["verify"],
        "summary": "Judge a code",
        "description": "It is accepted at most once; a wrong one is counted, durably, before the answer.",
        "operationId": "create_verification",
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "With the same key and the same body the first answer is given again, for 24 hours.",
                "schema": {"type": "string", "maxLength": 130},
            }
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": ask}}},
        "responses": {"200": {"description": "Judged", "content": {"application/json": {"schema": answer}}}, **failures},
        "security": [{"key": []}],
    }
    return {PATH: {"post": operation}}, schemas
