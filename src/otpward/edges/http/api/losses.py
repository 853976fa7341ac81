"""`POST /v1/loss-reports`: a system of the institution (its app, its call centre) reports a loss for whoever calls.

The same act as the page without sign-in, and as neutral: whoever is not known here hears the same as who is.
"""

from ipaddress import ip_address
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from otpward.core.errors import TooOften
from otpward.core.model.loss import LossKind
from otpward.core.policy.keys import LOSSES_WRITE
from otpward.edges.http.api.case_decisions import Once
from otpward.edges.http.api.keys import Caller, caller_with
from otpward.edges.http.api.problems import declare, problem
from otpward.edges.http.api.said import KEY, said, stamp
from otpward.edges.http.front import Front
from otpward.ports.vault import Print
from otpward.services.report_loss.report_loss import ReportLoss, report_loss

_WORDS: Final = r"^[^\x00-\x1f\x7f]+$"


def _an_address(typed: str) -> str:
    ip_address(typed)
    return typed


class LossAsk(BaseModel):
    """What the caller says. `client` is the address that they call from: reports are limited by it. A phone that is lost too is
    not believed any more."""

    model_config = ConfigDict(extra="forbid")

    member: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=100, pattern=_WORDS)]
    phone: Annotated[str, StringConstraints(strict=True, min_length=4, max_length=40, pattern=_WORDS)]
    kind: LossKind
    phone_lost: Annotated[bool, Field(strict=True)] = False
    client: Annotated[str, StringConstraints(strict=True, max_length=45), AfterValidator(_an_address)]


class LossAnswer(BaseModel):
    """The receipt: its number, and the server's time, which decides. From this moment every OTP of the member is refused."""

    number: str
    reported_at: str


def router(front: Front) -> APIRouter:
    """The route of this room."""
    routes, house = APIRouter(prefix="/v1", tags=["report_loss"]), front.house

    @routes.post(
        "/loss-reports",
        status_code=201,
        response_model=LossAnswer,
        responses=declare(400, 401, 403, 409, 413, 415, 422, 429, 500, 503),
        openapi_extra=KEY,
    )
    def create_loss_report(
        ask: LossAsk, caller: Annotated[Caller, Depends(caller_with(LOSSES_WRITE, house=house))], once_key: Once = None
    ) -> Response:
        """Stop every OTP of a member at once. With the same `Idempotency-Key` it is the same report."""
        inside, handle = caller.key.institution_id, caller.key.handle
        mark = once_key if once_key is not None else house.entropy.octets(16).hex()
        wanted = ReportLoss(
            institution_id=inside,
            login=ask.member,
            phone=ask.phone,
            kind=ask.kind,
            phone_lost=ask.phone_lost,
            browser=house.vault.fingerprint(Print.REQUEST, "loss", handle, mark, ask.model_dump_json()),
            once=house.vault.fingerprint(Print.REQUEST, "loss", handle, mark).hex(),
            source=ask.client,
        )
        try:
            report = house.do(inside, lambda desk: report_loss(wanted, desk=desk))
        except TooOften as error:
            wait = max(1, int((error.until - house.clock.now()).total_seconds()))
            return problem(429, error.code, "so many reports from there", headers={"Retry-After": str(wait)})
        return said({"number": report.number, "reported_at": stamp(report.reported_at)}, status=201)

    return routes
