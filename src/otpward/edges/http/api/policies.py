"""`/v1/policies`: an institution's own rules, written and put forward by a system. Only a person approves, at the console."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import JSONResponse, Response

from otpward.core.model.case import Delivery, Reason
from otpward.core.model.policy_version import PolicyVersion
from otpward.core.policy.document.build import read_policy
from otpward.core.policy.document.difference import Difference
from otpward.core.policy.document.faults import BadPolicy
from otpward.core.policy.document.requirement import Facts, Requirement, requirement
from otpward.core.policy.keys import POLICIES_READ, POLICIES_WRITE
from otpward.edges.http.api.keys import Caller, caller_with
from otpward.edges.http.api.problems import declare, problem
from otpward.edges.http.front import Front
from otpward.services.oversee.policies.propose_policy import ProposePolicy, propose_policy
from otpward.services.oversee.policies.save_policy import SavePolicy, save_policy
from otpward.services.oversee.policies.see_policies import number_now, see_policies, see_policy
from otpward.services.oversee.policies.withdraw_policy import WithdrawPolicy, withdraw_policy

Number = Annotated[int, Path(ge=0, le=2**31 - 1, description="The version; 0 is what goes before the first")]
Text = Annotated[str, StringConstraints(strict=True, max_length=60_000)]
Note = Annotated[str, StringConstraints(strict=True, max_length=200)]
_READS: Final = declare(400, 401, 403, 404, 422, 500, 503)
_WRITES: Final = declare(400, 401, 403, 404, 409, 413, 415, 422, 500, 503)
_KEY: Final[dict[str, Any]] = {"security": [{"key": []}]}


class PolicyAsk(BaseModel):
    """A policy in TOML (docs/reference/policy.md). `number`: the draft that it replaces; without it, it is a new one."""

    model_config = ConfigDict(extra="forbid")

    text: Text
    note: Note = ""
    number: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)] | None = None


class TextAsk(BaseModel):
    """A policy in TOML, to be checked."""

    model_config = ConfigDict(extra="forbid")

    text: Text


class ProposalAsk(BaseModel):
    """From which day it is to be in force, in Korea; today, as soon as it is approved."""

    model_config = ConfigDict(extra="forbid")

    effective_on: date


class PolicyAnswer(BaseModel):
    """One version. `standing` is `draft`, `proposed`, `coming`, `in_force`, `over` or `withdrawn`."""

    number: int
    standing: str
    note: str
    effective_at: str | None = None
    text: str | None = None


class PolicyListAnswer(BaseModel):
    """Every version, the newest first. `current` is the number of the one in force; 0 while none was approved."""

    current: int
    policies: list[PolicyAnswer]


class ChangeAnswer(BaseModel):
    """One key that changes, what it is, and its values as they are written; null: there is none."""

    path: str
    title_ko: str
    title_en: str
    before: str | None
    after: str | None


class DifferenceAnswer(BaseModel):
    """What a version changes."""

    number: int
    before: int
    changes: list[ChangeAnswer]


class FaultAnswer(BaseModel):
    """One thing that is wrong."""

    flaw: str
    path: str
    ko: str
    en: str


class CheckAnswer(BaseModel):
    """Everything that is wrong with a text; nothing, if it is a policy."""

    faults: list[FaultAnswer]


class PaperAnswer(BaseModel):
    """A paper that is asked for: `months` 0 means of any date; `ways` are `counter`, `delivery`, `upload`."""

    name: str
    title_ko: str
    title_en: str
    whom: str
    months: int
    ways: list[str]


class RequirementAnswer(BaseModel):
    """What an application takes. `waivers` are the cases in which it would be free."""

    kind: str
    reason: str
    delivery: str
    offered: bool
    papers: list[PaperAnswer]
    fee_won: int
    full_fee_won: int
    waivers: list[str]
    fee_first: bool
    working_days: int
    two_people: bool
    approvers: list[str]
    hold_hours: int


def router(front: Front) -> APIRouter:
    """The routes of this room."""
    routes = APIRouter(prefix="/v1/policies", tags=["oversee"])
    _add_reading(routes, front)
    _add_writing(routes, front)
    return routes


def _add_reading(routes: APIRouter, front: Front) -> None:
    house = front.house
    reads = Depends(caller_with(POLICIES_READ, POLICIES_WRITE, house=house))

    @routes.get("", response_model=PolicyListAnswer, response_model_exclude_none=True, responses=_READS, openapi_extra=_KEY)
    def list_policies(caller: Annotated[Caller, reads]) -> Response:
        """Every version of the policy."""
        inside, now = caller.key.institution_id, house.clock.now()
        rows = house.look(inside, lambda uow: see_policies(inside, uow=uow, now=now))
        current = house.look(inside, lambda uow: number_now(inside, uow=uow, now=now))
        told = [_version(one.version, one.standing.value) for one in rows]
        return _said({"current": current, "policies": told})

    @routes.get(
        "/{number}", response_model=PolicyAnswer, response_model_exclude_none=True, responses=_READS, openapi_extra=_KEY
    )
    def read_version(number: Number, caller: Annotated[Caller, reads]) -> Response:
        """One version with its text."""
        inside, now = caller.key.institution_id, house.clock.now()
        seen = house.look(inside, lambda uow: see_policy(inside, number, uow=uow, now=now))
        if seen.listed is None:
            return _said({"number": 0, "standing": "in_force" if seen.before == 0 else "over", "note": "", "text": seen.text})
        return _said({**_version(seen.listed.version, seen.listed.standing.value), "text": seen.text})

    @routes.get("/{number}/changes", response_model=DifferenceAnswer, responses=_READS, openapi_extra=_KEY)
    def read_changes(
        number: Number, caller: Annotated[Caller, reads], before: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None
    ) -> Response:
        """What a version changes against the one in force, or against `before`."""
        inside, now = caller.key.institution_id, house.clock.now()
        seen = house.look(inside, lambda uow: see_policy(inside, number, uow=uow, now=now, before=before))
        return _said({"number": number, "before": seen.before, "changes": [_change(one) for one in seen.differences]})

    @routes.get("/{number}/requirement", response_model=RequirementAnswer, responses=_READS, openapi_extra=_KEY)
    def read_requirement(
        number: Number,
        caller: Annotated[Caller, reads],
        reason: Reason,
        delivery: Delivery,
        kind: Annotated[str, Query(max_length=32)] = "individual",
        age: Annotated[int | None, Query(ge=0, le=150)] = None,
        device_months: Annotated[int | None, Query(ge=0, le=1200)] = None,
    ) -> Response:
        """What this version would ask of a sample member."""
        inside, now = caller.key.institution_id, house.clock.now()
        seen = house.look(inside, lambda uow: see_policy(inside, number, uow=uow, now=now))
        asked = requirement(seen.policy, kind, reason, delivery, Facts(age=age, device_months=device_months))
        return _said(_requirement(asked))


def _add_writing(routes: APIRouter, front: Front) -> None:
    house = front.house
    reads = Depends(caller_with(POLICIES_READ, POLICIES_WRITE, house=house))
    writes = Depends(caller_with(POLICIES_WRITE, house=house))

    @routes.post("/check", response_model=CheckAnswer, responses=_WRITES, openapi_extra=_KEY, dependencies=[reads])
    def check_policy(ask: TextAsk) -> Response:
        """Say everything that is wrong with a text. Nothing is kept."""
        try:
            read_policy(ask.text)
        except BadPolicy as error:
            return _said(_faults(error))
        return _said({"faults": []})

    @routes.post("", status_code=201, response_model=PolicyAnswer, responses=_WRITES, openapi_extra=_KEY)
    def write_policy(ask: PolicyAsk, caller: Annotated[Caller, writes]) -> Response:
        """Keep a text as a draft."""
        wanted = SavePolicy(
            institution_id=caller.key.institution_id, author=caller.actor, text=ask.text, note=ask.note, number=ask.number
        )
        try:
            saved = house.do(caller.key.institution_id, lambda desk: save_policy(wanted, desk=desk))
        except BadPolicy as error:
            detail = " ".join(f"{fault.sentence('en')}." for fault in error.faults[:20])
            return problem(422, error.code, detail, field="text")
        return _said(_version(saved, saved.state.value), status=201)

    @routes.post("/{number}/proposal", response_model=PolicyAnswer, responses=_WRITES, openapi_extra=_KEY)
    def put_forward(number: Number, ask: ProposalAsk, caller: Annotated[Caller, writes]) -> Response:
        """Put a draft forward. A person approves it at the console."""
        wanted = ProposePolicy(
            institution_id=caller.key.institution_id, author=caller.actor, number=number, effective_on=ask.effective_on
        )
        saved = house.do(caller.key.institution_id, lambda desk: propose_policy(wanted, desk=desk))
        return _said(_version(saved, saved.state.value))

    @routes.delete("/{number}", response_model=PolicyAnswer, responses=_WRITES, openapi_extra=_KEY)
    def withdraw_version(number: Number, caller: Annotated[Caller, writes]) -> Response:
        """Withdraw a version that is not in force."""
        wanted = WithdrawPolicy(institution_id=caller.key.institution_id, author=caller.actor, number=number)
        saved = house.do(caller.key.institution_id, lambda desk: withdraw_policy(wanted, desk=desk))
        return _said(_version(saved, saved.state.value))


def _said(answer: dict[str, Any], *, status: int = 200) -> Response:
    return JSONResponse(answer, status_code=status, headers={"Cache-Control": "no-store"})


def _version(version: PolicyVersion, standing: str) -> dict[str, Any]:
    at = version.effective_at
    told: dict[str, Any] = {"number": version.number, "standing": standing, "note": version.note}
    return told if at is None else {**told, "effective_at": at.isoformat().replace("+00:00", "Z")}


def _change(one: Difference) -> dict[str, Any]:
    return {"path": one.path, "title_ko": one.title_ko, "title_en": one.title_en, "before": one.before, "after": one.after}


def _faults(error: BadPolicy) -> dict[str, Any]:
    return {
        "faults": [
            {"flaw": one.flaw.value, "path": one.path, "ko": one.sentence("ko"), "en": one.sentence("en")}
            for one in error.faults
        ]
    }


def _requirement(asked: Requirement) -> dict[str, Any]:
    return {
        "kind": asked.kind,
        "reason": asked.reason.value,
        "delivery": asked.delivery.value,
        "offered": asked.offered,
        "papers": [
            {
                "name": one.document.name,
                "title_ko": one.document.title.ko,
                "title_en": one.document.title.en,
                "whom": one.document.whom,
                "months": one.document.months,
                "ways": list(one.ways),
            }
            for one in asked.papers
        ],
        "fee_won": asked.fee_won,
        "full_fee_won": asked.full_fee_won,
        "waivers": [one.name for one in asked.waivers],
        "fee_first": asked.fee_first,
        "working_days": asked.working_days,
        "two_people": asked.two_people,
        "approvers": sorted(asked.approvers),
        "hold_hours": asked.hold_hours,
    }
