"""`/v1/members` and `/v1/tokens`: who there is, and which devices."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel
from starlette.responses import Response

from otpward.core.errors import NotFound
from otpward.core.model.member import Member, fold_login
from otpward.core.model.token import Device, Registration, Token
from otpward.core.policy.keys import MEMBERS_READ, TOKENS_READ
from otpward.edges.http.api.keys import Caller, caller_with
from otpward.edges.http.api.problems import declare
from otpward.edges.http.api.said import KEY, cursor_of, key_in, read_cursor, said, stamp
from otpward.edges.http.front import Front
from otpward.edges.http.show import masked_phone
from otpward.ports.unit_of_work import Among, Behind, UnitOfWork

MOST: Final = 100
Cursor = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=MOST)]
_READS: Final = declare(400, 401, 403, 404, 422, 500, 503)


class MemberAnswer(BaseModel):
    """One member. Of the phone, four digits; `tokens` are the serials of the devices in use."""

    login: str
    name: str
    language: str
    phone: str | None = None
    phone_lost: bool
    joined_at: str
    left_at: str | None = None
    tokens: list[str]


class MemberListAnswer(BaseModel):
    """A page of members; `next` is the cursor of the one after it."""

    members: list[MemberAnswer]
    next: str | None


class TokenAnswer(BaseModel):
    """One device: its state, what stops it, and whose it is. Nothing of its seed is here, nor anywhere outside."""

    serial: str
    state: str
    holds: list[str]
    form: str
    vendor: str
    model: str
    kind: str
    digits: int
    period_s: int | None = None
    branch: str | None = None
    member: str | None = None
    expires_on: str | None = None
    active_at: str | None = None
    hold_until: str | None = None
    used_at: str | None = None
    locked_until: str | None = None


class TokenListAnswer(BaseModel):
    """A page of devices; `next` is the cursor of the one after it."""

    tokens: list[TokenAnswer]
    next: str | None


def router(front: Front) -> APIRouter:
    """The routes of both."""
    routes = APIRouter(prefix="/v1", tags=["oversee"])
    _add_members(routes, front)
    _add_tokens(routes, front)
    return routes


def _add_members(routes: APIRouter, front: Front) -> None:
    house = front.house
    reads = Depends(caller_with(MEMBERS_READ, house=house))

    @routes.get("/members", response_model=MemberListAnswer, responses=_READS, openapi_extra=KEY)
    def list_members(caller: Annotated[Caller, reads], cursor: Cursor = None, limit: Limit = 50) -> Response:
        """Members, in the order in which they came."""

        def page(uow: UnitOfWork) -> dict[str, Any]:
            found = uow.members.find(limit=limit + 1, **_behind(cursor))
            shown = found[:limit]
            more = cursor_of(shown[-1].id) if len(found) > limit else None
            return {"members": [_member(one, uow) for one in shown], "next": more}

        return said(house.look(caller.key.institution_id, page))

    @routes.get(
        "/members/{login}",
        response_model=MemberAnswer,
        response_model_exclude_none=True,
        responses=_READS,
        openapi_extra=KEY,
    )
    def read_member(login: Annotated[str, Path(max_length=100)], caller: Annotated[Caller, reads]) -> Response:
        """One member."""

        def one(uow: UnitOfWork) -> dict[str, Any]:
            found = uow.members.first(login=fold_login(login))
            if found is None:
                raise NotFound("no such member")
            return _member(found, uow)

        return said(house.look(caller.key.institution_id, one))


def _add_tokens(routes: APIRouter, front: Front) -> None:
    house = front.house
    reads = Depends(caller_with(TOKENS_READ, house=house))

    @routes.get("/tokens", response_model=TokenListAnswer, responses=_READS, openapi_extra=KEY)
    def list_tokens(
        caller: Annotated[Caller, reads],
        member: Annotated[str | None, Query(max_length=100, description="Those in use by this member")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Response:
        """Devices, in the order in which they came."""

        def page(uow: UnitOfWork) -> dict[str, Any]:
            if member is not None:
                devices = [uow.devices.get(one.token_id) for one in _used_by(fold_login(member), uow)]
                return {"tokens": [_token(one, uow) for one in devices], "next": None}
            found = uow.devices.find(limit=limit + 1, **_behind(cursor))
            shown = found[:limit]
            more = cursor_of(shown[-1].id) if len(found) > limit else None
            return {"tokens": [_token(one, uow) for one in shown], "next": more}

        return said(house.look(caller.key.institution_id, page))

    @routes.get(
        "/tokens/{serial}",
        response_model=TokenAnswer,
        response_model_exclude_none=True,
        responses=_READS,
        openapi_extra=KEY,
    )
    def read_token(serial: Annotated[str, Path(max_length=128)], caller: Annotated[Caller, reads]) -> Response:
        """One device."""

        def one(uow: UnitOfWork) -> dict[str, Any]:
            token = uow.tokens.first(serial=serial)
            if token is None:
                raise NotFound("no such device")
            return _token(uow.devices.get(token.id), uow)

        return said(house.look(caller.key.institution_id, one))


def _behind(cursor: str | None) -> dict[str, Any]:
    return {} if cursor is None else {"id": Behind(key_in(read_cursor(cursor, 1)[0]))}


def _used_by(login: str, uow: UnitOfWork) -> list[Registration]:
    member = uow.members.first(login=login)
    return [] if member is None else uow.registrations.find(member_id=member.id, ended_at=None)


def _member(member: Member, uow: UnitOfWork) -> dict[str, Any]:
    used = uow.registrations.find(member_id=member.id, ended_at=None)
    phone = member.phone.reveal()
    told = {
        "login": member.login,
        "name": member.name.reveal(),
        "language": member.language,
        "phone": masked_phone(phone) if phone else None,
        "phone_lost": member.phone_lost_at is not None,
        "joined_at": stamp(member.joined_at),
        "left_at": stamp(member.left_at),
        "tokens": [uow.tokens.get(one.token_id).serial for one in used],
    }
    return {name: value for name, value in told.items() if value is not None}


def _token(device: Device, uow: UnitOfWork) -> dict[str, Any]:
    token: Token = uow.tokens.get(device.id)
    live = uow.registrations.first(token_id=token.id, ended_at=None)
    branches = {one.id: one.code for one in uow.branches.find(id=Among(frozenset({device.branch_id})))}
    told = {
        "serial": token.serial,
        "state": token.state.value,
        "holds": sorted(token.holds),
        "form": device.form.value,
        "vendor": device.vendor,
        "model": device.model,
        "kind": token.kind.value,
        "digits": token.digits,
        "period_s": token.period_s or None,
        "branch": branches.get(device.branch_id) if device.branch_id else None,
        "member": uow.members.get(live.member_id).login if live is not None else None,
        "expires_on": device.expires_on.isoformat() if device.expires_on else None,
        "active_at": stamp(token.active_at),
        "hold_until": stamp(token.hold_until),
        "used_at": stamp(token.used_at),
        "locked_until": stamp(token.locked_until),
    }
    return {name: value for name, value in told.items() if value is not None}
