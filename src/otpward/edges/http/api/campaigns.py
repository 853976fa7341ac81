"""`/v1/campaigns`: whom a campaign would ask, put forward by a system, watched and stopped. Only a person starts one."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import JSONResponse, Response

from otpward.core.errors import NotFound
from otpward.core.ids import BranchId
from otpward.core.model.campaign import Campaign, Chosen
from otpward.core.model.token import Form
from otpward.core.policy.keys import CAMPAIGNS_READ, CAMPAIGNS_WRITE
from otpward.core.policy.reminding import REST_DAYS, REST_DAYS_MOST
from otpward.edges.http.api.keys import Caller, caller_with
from otpward.edges.http.api.problems import declare
from otpward.edges.http.api.said import stamp
from otpward.edges.http.api.staff import Login, NeedsAPerson, operator_named
from otpward.edges.http.front import Front
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.health.decide_campaign import DecideCampaign, end_campaign, send_back_campaign
from otpward.services.health.propose_campaign import NAME_LETTERS, ProposeCampaign, propose_campaign
from otpward.services.health.see_campaign import preview, see_progress

Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="The campaign")]
_READS: Final = declare(400, 401, 403, 404, 422, 500, 503)
_WRITES: Final = declare(400, 401, 403, 409, 413, 415, 422, 500, 503)
_STOPS: Final = declare(400, 401, 403, 404, 409, 413, 415, 422, 500, 503)
_KEY: Final[dict[str, Any]] = {"security": [{"key": []}]}
_SHOWN: Final = 100


class ChosenAsk(BaseModel):
    """Which devices in use; what is left out is not asked about. Days are inclusive."""

    model_config = ConfigDict(extra="forbid")

    branch: Annotated[str, StringConstraints(strict=True, max_length=40)] | None = Field(None, description="Its code")
    form: Form | None = None
    model: Annotated[str, StringConstraints(strict=True, max_length=200)] | None = None
    expires_from: date | None = None
    expires_until: date | None = None
    fails_until: date | None = None
    unused_since: date | None = None


class CampaignAsk(BaseModel):
    """A campaign to be put forward. `everybody`: it is meant that nothing is chosen."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=NAME_LETTERS)]
    chosen: ChosenAsk
    ends_on: date
    rest_days: Annotated[int, Field(strict=True, ge=0, le=REST_DAYS_MOST)] = REST_DAYS
    everybody: Annotated[bool, Field(strict=True)] = False


class StopAsk(BaseModel):
    """`by` is the login of whoever decides so."""

    model_config = ConfigDict(extra="forbid")

    by: Login


class CountAnswer(BaseModel):
    """How many members these conditions mean now."""

    members: int


class ProgressAnswer(BaseModel):
    """What came of it; `unreached` have no address and are not among the `asked`."""

    asked: int
    good: int
    fixed: int
    failed: int
    silent: int
    unreached: int


class CampaignAnswer(BaseModel):
    """One campaign. `state` is `proposed`, `running`, `ended` or `withdrawn`; `asked_all_at` is when nobody was left to ask."""

    number: int
    name: str
    state: str
    ends_on: date
    rest_days: int
    started_at: str | None
    asked_all_at: str | None
    ended_at: str | None
    progress: ProgressAnswer


class CampaignListAnswer(BaseModel):
    """The newest first, a hundred at most."""

    campaigns: list[CampaignAnswer]


def router(front: Front) -> APIRouter:
    """The routes of this room."""
    routes = APIRouter(prefix="/v1/campaigns", tags=["health"])
    house = front.house
    reads = Depends(caller_with(CAMPAIGNS_READ, CAMPAIGNS_WRITE, house=house))
    writes = Depends(caller_with(CAMPAIGNS_WRITE, house=house))

    @routes.get("", response_model=CampaignListAnswer, responses=_READS, openapi_extra=_KEY)
    def list_campaigns(caller: Annotated[Caller, reads]) -> Response:
        """Every campaign, the newest first."""

        def read(uow: UnitOfWork) -> list[dict[str, Any]]:
            return [_told(one, uow) for one in uow.campaigns.find(order="-number", limit=_SHOWN)]

        return _said({"campaigns": house.look(caller.key.institution_id, read)})

    @routes.get("/{number}", response_model=CampaignAnswer, responses=_READS, openapi_extra=_KEY)
    def read_campaign(number: Number, caller: Annotated[Caller, reads]) -> Response:
        """One campaign, and what came of it."""

        return _said(house.look(caller.key.institution_id, lambda uow: _told(_found(number, uow), uow)))

    @routes.post("/count", response_model=CountAnswer, responses=_READS, openapi_extra=_KEY)
    def count_members(ask: ChosenAsk, caller: Annotated[Caller, reads]) -> Response:
        """Whom these conditions mean. Nothing is kept."""
        inside = caller.key.institution_id
        return _said({"members": house.look(inside, lambda uow: preview(_chosen(ask, uow), uow=uow).count)})

    @routes.post("", status_code=201, response_model=CampaignAnswer, responses=_WRITES, openapi_extra=_KEY)
    def put_forward(ask: CampaignAsk, caller: Annotated[Caller, writes]) -> Response:
        """Put a campaign forward. A person starts it at the console."""
        inside = caller.key.institution_id
        wanted = ProposeCampaign(
            institution_id=inside,
            author=caller.actor,
            name=ask.name,
            chosen=house.look(inside, lambda uow: _chosen(ask.chosen, uow)),
            ends_on=ask.ends_on,
            rest_days=ask.rest_days,
            everybody=ask.everybody,
        )
        campaign = house.do(inside, lambda desk: propose_campaign(wanted, desk=desk))
        return _said(house.look(inside, lambda uow: _told(campaign, uow)), status=201)

    @routes.post("/{number}/start", response_model=CampaignAnswer, responses=_STOPS, openapi_extra=_KEY)
    def start_one(number: Number, ask: StopAsk, caller: Annotated[Caller, writes]) -> Response:
        """Refused with `needs_a_person`: a second pair of eyes is never a key's. A person starts it at the console."""
        operator_named(ask.by, caller, house=house)
        house.look(caller.key.institution_id, lambda uow: _found(number, uow))
        raise NeedsAPerson("a second person starts it at the console")

    @routes.post("/{number}/send-back", response_model=CampaignAnswer, responses=_STOPS, openapi_extra=_KEY)
    def send_one_back(number: Number, ask: StopAsk, caller: Annotated[Caller, writes]) -> Response:
        """What was put forward never begins."""
        return stop(send_back_campaign, number, ask, caller)

    @routes.post("/{number}/end", response_model=CampaignAnswer, responses=_STOPS, openapi_extra=_KEY)
    def end_one(number: Number, ask: StopAsk, caller: Annotated[Caller, writes]) -> Response:
        """Nobody else is asked; links that are out go on working."""
        return stop(end_campaign, number, ask, caller)

    def stop(act: Callable[..., Campaign], number: int, ask: StopAsk, caller: Caller) -> Response:
        inside, operator = caller.key.institution_id, operator_named(ask.by, caller, house=house)
        campaign = house.do(inside, lambda desk: act(DecideCampaign(operator=operator, number=number), desk=desk))
        return _said(house.look(inside, lambda uow: _told(campaign, uow)))

    return routes


def _found(number: int, uow: UnitOfWork) -> Campaign:
    found = uow.campaigns.first(number=number)
    if found is None:
        raise NotFound("no such campaign")
    return found


def _chosen(ask: ChosenAsk, uow: UnitOfWork) -> Chosen:
    branch_id = None
    if ask.branch is not None:
        branch = uow.branches.first(code=ask.branch)
        branch_id = branch.id if branch is not None else BranchId(UUID(int=0))  # which no device is of, and none is told so
    return Chosen(
        branch_id=branch_id,
        form=ask.form,
        model=ask.model,
        expires_from=ask.expires_from,
        expires_until=ask.expires_until,
        fails_until=ask.fails_until,
        unused_since=ask.unused_since,
    )


def _told(campaign: Campaign, uow: UnitOfWork) -> dict[str, Any]:
    progress = see_progress(campaign, uow=uow)
    names = ("asked", "good", "fixed", "failed", "silent", "unreached")
    return {
        "number": campaign.number,
        "name": campaign.name,
        "state": campaign.state.value,
        "ends_on": campaign.ends_on.isoformat(),
        "rest_days": campaign.rest_days,
        "started_at": stamp(campaign.started_at),
        "asked_all_at": stamp(campaign.asked_all_at),
        "ended_at": stamp(campaign.ended_at),
        "progress": {name: getattr(progress, name) for name in names},
    }


def _said(answer: dict[str, Any], *, status: int = 200) -> Response:
    return JSONResponse(answer, status_code=status, headers={"Cache-Control": "no-store"})
