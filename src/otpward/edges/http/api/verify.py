"""`POST /v1/verifications`: is this code good?"""

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Security
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from starlette.responses import JSONResponse, Response

from otpward.core.audit import Actor, ActorKind
from otpward.core.oath.typed_code import normalise_code
from otpward.core.policy.verification import Verdict
from otpward.edges.http.api.keys import NoKey, NotInScope, identify
from otpward.edges.http.api.problems import declare, problem
from otpward.ports.desk import House
from otpward.services.verify.verify import Verify, verify

_CODE_DIGITS = range(6, 11)

Name = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]

_key = HTTPBearer(scheme_name="key", description="An API key, `otpw_…`, with the scope `verify`", auto_error=False)


class VerificationAsk(BaseModel):
    """A code, and whose it should be: exactly one of `member` and `serial`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(description="What the device shows")
    member: Name | None = Field(default=None, description="Member number or ID")
    serial: Name | None = Field(default=None, description="Serial number of the token")

    @model_validator(mode="after")
    def _one_of_two(self) -> "VerificationAsk":
        if (self.member is None) == (self.serial is None):
            raise ValueError("name either member or serial")
        return self


class VerificationAnswer(BaseModel):
    """`reason`, `tries_left` and `token` are told to keys with the scope `verify:reasons` only."""

    id: str
    result: Literal["accepted", "refused"]
    reason: Verdict | None = None
    tries_left: int | None = None
    token: str | None = None


def router(house: House) -> APIRouter:
    """The routes of this room."""
    routes = APIRouter(prefix="/v1", tags=["verify"])

    @routes.post(
        "/verifications",
        response_model=VerificationAnswer,
        response_model_exclude_none=True,
        responses=declare(400, 401, 403, 413, 415, 422, 500, 503),
        dependencies=[Security(_key)],
    )
    def create_verification(ask: VerificationAsk, request: Request) -> Response:
        """Judge a code. It is accepted at most once; a wrong one is counted, durably, before the answer."""
        source = request.client.host if request.client else ""
        try:
            caller = identify(request.headers.get("authorization", ""), source, house=house)
        except NoKey:
            return problem(401, "unauthorized", headers={"WWW-Authenticate": "Bearer"})
        if not caller.may("verify"):
            raise NotInScope("the key has no scope verify")
        code = ask.code
        if not any(normalise_code(code, digits) for digits in _CODE_DIGITS):
            return problem(422, "invalid", "a code has 6 to 10 digits", field="code")
        by = Actor(kind=ActorKind.API_KEY, id=caller.key.id, source=source)
        question = Verify(institution_id=caller.key.institution_id, code=code, by=by, login=ask.member, serial=ask.serial)
        answer = house.do(caller.key.institution_id, lambda desk: verify(question, desk=desk))
        accepted = answer.verdict is Verdict.ACCEPTED
        body: dict[str, object] = {"id": str(answer.id), "result": "accepted" if accepted else "refused"}
        if caller.may("verify:reasons"):
            body |= {"reason": answer.verdict.value, "tries_left": answer.tries_left}
            if answer.serial is not None:
                body["token"] = answer.serial
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    return routes
