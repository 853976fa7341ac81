"""`POST /v1/checks`: a relying system finds out what is wrong with a device; `GET` reads it again."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from starlette.responses import JSONResponse, Response

from otpward.clerk.checks import Checking, checks_of
from otpward.clerk.tokens import live_registrations
from otpward.core.errors import NotFound, TooOften
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.model.device_check import CheckDoor, Complaint, DeviceCheck, Outcome
from otpward.core.model.member import fold_login
from otpward.core.model.token import Registration
from otpward.core.policy.checks import phone_off_s
from otpward.core.policy.keys import CHECKS
from otpward.core.policy.verification import Verdict, standing
from otpward.edges.http.api.case_decisions import Once
from otpward.edges.http.api.keys import Caller, caller_with
from otpward.edges.http.api.once import Asked, once
from otpward.edges.http.api.problems import declare, problem
from otpward.edges.http.api.said import Moment
from otpward.edges.http.front import Front
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.resync.check_device import CheckDevice, check_device
from otpward.services.resync.give_up import GiveUp, give_up
from otpward.services.resync.resync import Resync, resync

_MOST: Final = 50
_KEY: Final[dict[str, Any]] = {"security": [{"key": []}]}
_WORDS: Final = r"^[^\x00-\x1f\x7f]+$"
_NEXT: Final = {
    Verdict.ACCEPTED: "done",
    Verdict.WRONG_CODE: "another_number",
    Verdict.REPLAYED: "next_number",
    Verdict.RESYNC_NEEDED: "two_numbers",
    Verdict.LOCKED: "unlock",
    Verdict.BLOCKED: "replace",
    Verdict.EXPIRED: "replace",
}
"""What helps after this verdict; for the rest, whoever stopped the device must be asked."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=_WORDS)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=32)]


class CheckAsk(BaseModel):
    """Which device (exactly one of `member` and `serial`), what is said to be wrong, and the number that it shows; two in a row
    adjust its clock. Without a number, the complaint alone is noted: the device cannot be helped."""

    model_config = ConfigDict(extra="forbid")

    member: Name | None = Field(default=None, description="Member number or ID: the newest device in use")
    serial: Name | None = None
    complaint: Complaint = Complaint.NONE
    code: Code | None = None
    second: Code | None = Field(default=None, description="The number after it, for a device whose clock differs")
    phone_time: Moment | None = Field(default=None, description="What the phone with the app says the time is, as a hint")

    @model_validator(mode="after")
    def _whole(self) -> "CheckAsk":
        if (self.member is None) == (self.serial is None):
            raise ValueError("name either member or serial")
        if self.second is not None and self.code is None:
            raise ValueError("a second number needs a first")
        if self.code is None and self.complaint in {Complaint.NONE, Complaint.REFUSED}:
            raise ValueError("nothing to check without a number")
        return self


class CheckSaid(BaseModel):
    """What was found. `clock_off_s` is how far the device is ahead, as near as one number tells. `next` is what helps:
    `done`, `another_number`, `next_number`, `two_numbers`, `unlock` (after proof of identity), `replace`, `ask` (somebody
    stopped it). `phone_off_s` is the phone's own word and decided nothing."""

    id: str
    serial: str
    complaint: str
    outcome: str
    verdict: str = ""
    tries_left: int | None = None
    clock_off_s: int | None = None
    phone_off_s: int | None = None
    next: str | None = None
    begun_at: str
    ended_at: str | None = None


class ChecksSaid(BaseModel):
    """The newest first."""

    checks: list[CheckSaid]


def router(front: Front) -> APIRouter:
    """The routes of this room."""
    routes, house = APIRouter(prefix="/v1/checks", tags=["checks"]), front.house
    caller_may = Depends(caller_with(CHECKS, house=house))

    @routes.post(
        "",
        status_code=201,
        response_model=CheckSaid,
        response_model_exclude_none=True,
        responses=declare(400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503),
        openapi_extra=_KEY,
    )
    def create_check(ask: CheckAsk, caller: Annotated[Caller, caller_may], once_key: Once = None) -> Response:
        """Check a device. A right number is spent; a wrong one counts, as at any other door."""
        inside = caller.key.institution_id

        def act() -> Response:
            bound = house.look(inside, lambda uow: _bound(ask, uow))
            return _said(_checked(ask, bound, caller, front), status=201)

        try:
            return once(Asked(caller=caller, once=once_key, where="check", body=ask), house, act)
        except TooOften as error:
            wait = max(1, int((error.until - house.clock.now()).total_seconds()))
            return problem(429, error.code, headers={"Retry-After": str(wait)})

    @routes.get("", response_model=ChecksSaid, responses=declare(401, 403, 404, 422, 500, 503), openapi_extra=_KEY)
    def list_checks(
        caller: Annotated[Caller, caller_may],
        serial: Annotated[str, Query(min_length=1, max_length=128)],
        limit: Annotated[int, Query(ge=1, le=_MOST)] = 10,
    ) -> Response:
        """The newest checks of one device, at every door."""

        def view(uow: UnitOfWork) -> list[dict[str, Any]]:
            token = uow.tokens.first(serial=serial)
            if token is None:
                raise NotFound("no such device")
            return [_told(one, token.serial) for one in checks_of(token.id, uow=uow, most=limit)]

        return _said({"checks": house.look(caller.key.institution_id, view)})

    @routes.get("/{number}", response_model=CheckSaid, responses=declare(401, 403, 404, 422, 500, 503), openapi_extra=_KEY)
    def read_check(number: UUID, caller: Annotated[Caller, caller_may]) -> Response:
        """One check."""

        def view(uow: UnitOfWork) -> dict[str, Any]:
            check = uow.checks.get(number)
            return _told(check, uow.tokens.get(check.token_id).serial)

        return _said(house.look(caller.key.institution_id, view))

    return routes


def _checked(ask: CheckAsk, bound: Registration, caller: Caller, front: Front) -> dict[str, Any]:
    house, inside, by, token_id = front.house, caller.key.institution_id, caller.actor, bound.token_id
    where = Checking(door=CheckDoor.API, complaint=ask.complaint, phone_off_s=_phone(ask.phone_time, house.clock.now()))
    if ask.code is None:
        wish = GiveUp(token_id=token_id, member_id=bound.member_id, where=where, by=by)
        check = house.do(inside, lambda desk: give_up(wish, desk=desk))
        token = house.look(inside, lambda uow: uow.tokens.get(token_id))
        return _told(check, token.serial) | {"next": "replace"}
    if ask.second is None:
        one = CheckDevice(token_id=token_id, code=ask.code, where=where, by=by)
        examined = house.do(inside, lambda desk: check_device(one, desk=desk)).examined
    else:
        pair = Resync(token_id=token_id, first=ask.code, second=ask.second, by=by, where=where)
        examined = house.do(inside, lambda desk: resync(pair, desk=desk))
    check = house.look(inside, lambda uow: checks_of(token_id, uow=uow, most=1))[0]
    after = standing(examined.token, now=house.clock.now()) or examined.verdict
    said = _NEXT.get(examined.verdict if examined.verdict is Verdict.ACCEPTED else after, "ask")
    if ask.second is not None and examined.verdict is Verdict.WRONG_CODE and said == "another_number":
        said = "replace"
    return _told(check, examined.token.serial) | {"tries_left": examined.tries_left, "next": said}


def _bound(ask: CheckAsk, uow: UnitOfWork) -> Registration:
    if ask.serial is not None:
        token = uow.tokens.first(serial=ask.serial)
        bound = None if token is None else uow.registrations.first(token_id=token.id, state=RegistrationState.LIVE)
    else:
        member = uow.members.first(login=fold_login(ask.member or ""), left_at=None)
        bound = None if member is None else next(iter(live_registrations(uow, member.id)), None)
    if bound is None:
        raise NotFound("no such device in use")
    return bound


def _phone(at: datetime | None, now: datetime) -> int | None:
    return None if at is None else phone_off_s(str(round(at.timestamp() * 1000)), now)


def _told(check: DeviceCheck, serial: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": str(check.id),
        "serial": serial,
        "complaint": check.complaint.value,
        "outcome": check.outcome.value,
        "verdict": check.verdict,
        "begun_at": _moment(check.begun_at),
    }
    more = {"clock_off_s": check.off_s, "phone_off_s": check.phone_off_s, "next": _over(check)}
    told |= {name: value for name, value in more.items() if value is not None}
    return told if check.ended_at is None else told | {"ended_at": _moment(check.ended_at)}


def _over(check: DeviceCheck) -> str | None:
    return {Outcome.OPEN: None, Outcome.REPLACE: "replace"}.get(check.outcome, "done")


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _said(answer: dict[str, Any], *, status: int = 200) -> Response:
    return JSONResponse(answer, status_code=status, headers={"Cache-Control": "no-store"})
