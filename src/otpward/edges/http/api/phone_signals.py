"""`POST /v1/phone-signals`: a carrier or a fraud system says what happened to a phone."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import JSONResponse, Response

from otpward.core.model.contact_change import SignalKind
from otpward.core.policy.keys import SIGNALS
from otpward.edges.http.api.keys import Caller, caller_with
from otpward.edges.http.api.problems import declare
from otpward.edges.http.api.said import Moment
from otpward.edges.http.front import Front
from otpward.services.contacts.take_signal import TakeSignal, take_signal

_TAKEN: Final = {"result": "taken"}
_PHONE: Final = r"^\+[1-9][0-9]{4,14}$"
_WORDS: Final = r"^[^\x00-\x1f\x7f]+$"


class PhoneSignalAsk(BaseModel):
    """What happened to which number, and when. It is taken the same way whether the number is known here or not."""

    model_config = ConfigDict(extra="forbid")

    phone: Annotated[str, StringConstraints(strict=True, pattern=_PHONE)] = Field(description="E.164, such as `+821012345678`")
    kind: SignalKind
    at: Moment = Field(description="RFC 3339; within the last 30 days, and not in the future")
    source: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=60, pattern=_WORDS)] = Field(
        description="Who says so, for the audit; nothing about a person"
    )


class PhoneSignalAnswer(BaseModel):
    """Always the same."""

    result: str


def router(front: Front) -> APIRouter:
    """The route of this room."""
    routes, house = APIRouter(prefix="/v1", tags=["contacts"]), front.house

    @routes.post(
        "/phone-signals",
        status_code=202,
        response_model=PhoneSignalAnswer,
        responses=declare(400, 401, 403, 413, 415, 422, 429, 500, 503),
        openapi_extra={"security": [{"key": []}]},
    )
    def create_phone_signal(
        ask: PhoneSignalAsk, caller: Annotated[Caller, Depends(caller_with(SIGNALS, house=house))]
    ) -> Response:
        """Hold back a phone whose SIM was changed, number ported, or that was lost. The same signal may be sent again."""
        wanted = TakeSignal(
            institution_id=caller.key.institution_id,
            phone=ask.phone,
            kind=ask.kind,
            at=ask.at,
            told_by=ask.source,
            by=caller.actor,
        )
        house.do(caller.key.institution_id, lambda desk: take_signal(wanted, desk=desk))
        return JSONResponse(_TAKEN, status_code=202, headers={"Cache-Control": "no-store"})

    return routes
