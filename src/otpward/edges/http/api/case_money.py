"""`/v1/cases/{number}/fee` and `/consents`: what was paid, waived or given back, and what the member agreed to."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from otpward.clerk.consents import consent_to
from otpward.clerk.policy import policy_now
from otpward.core.errors import NotFound
from otpward.core.ids import CaseId
from otpward.core.model.consent import Purpose
from otpward.core.model.fee import Fee, Means
from otpward.core.model.member import Operator
from otpward.core.policy.consents import USES, kept_for
from otpward.core.policy.keys import CASES_DECIDE, CASES_READ, CASES_WRITE
from otpward.edges.http.api.case_answers import FeeAnswer, fee_told
from otpward.edges.http.api.case_decisions import IfMatch, Once, in_one_sentence
from otpward.edges.http.api.cases import Number, case_named
from otpward.edges.http.api.keys import Caller, caller_with
from otpward.edges.http.api.once import Asked, once
from otpward.edges.http.api.problems import declare
from otpward.edges.http.api.said import KEY, said, seen_version, stamp
from otpward.edges.http.api.staff import Login, operator_named, source_of
from otpward.edges.http.front import Front
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import UnitOfWork
from otpward.ports.vault import Print
from otpward.services.apply.fees.pay_fee import PayFee, pay_fee
from otpward.services.apply.fees.refund_fee import RefundFee, refund_fee
from otpward.services.apply.fees.waive_fee import WaiveFee, waive_fee
from otpward.services.consent.give_consent import GiveConsent, give_consent

_READS: Final = declare(400, 401, 403, 404, 422, 500, 503)
_WRITES: Final = declare(400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 500, 503)
_PARTS: Final = ("title", "why", "items", "kept", "refuse")


class FeeAsk(BaseModel):
    """`pay`: by which `means`, and the number on the receipt (`reference`); `waive` and `refund`: `why`; to refund,
    `amount_won` too. `by` is the login of the member of staff who did it. No money moves here."""

    model_config = ConfigDict(extra="forbid")

    act: Literal["pay", "waive", "refund"]
    by: Login
    means: Means | None = None
    reference: Annotated[str, StringConstraints(strict=True, max_length=60)] = ""
    why: Annotated[str, StringConstraints(strict=True, max_length=200)] = ""
    amount_won: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] = 0


class ConsentAsk(BaseModel):
    """The member agreed: to which version of the words (`words`), which said how many days copies are kept (`kept`), in which
    language they read them."""

    model_config = ConfigDict(extra="forbid")

    words: Annotated[int, Field(strict=True, ge=1, le=1000)]
    kept: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    language: Literal["ko", "en"]


class ConsentAnswer(BaseModel):
    """The words to show before pictures of papers are sent, part by part; and since when the member agrees, if they do."""

    purpose: str
    words: int
    kept: int
    ko: dict[str, str]
    en: dict[str, str]
    given_at: str | None = None


def router(front: Front) -> APIRouter:
    """The routes of this room."""
    routes = APIRouter(prefix="/v1/cases/{number}", tags=["apply"])
    _add_fee(routes, front)
    _add_consents(routes, front)
    return routes


def _add_fee(routes: APIRouter, front: Front) -> None:
    house = front.house
    reads = Depends(caller_with(CASES_READ, CASES_WRITE, CASES_DECIDE, house=house))
    decides = Depends(caller_with(CASES_DECIDE, house=house))

    @routes.get("/fee", response_model=FeeAnswer, response_model_exclude_none=True, responses=_READS, openapi_extra=KEY)
    def read_fee(number: Number, caller: Annotated[Caller, reads]) -> Response:
        """What it costs. Its `ETag` goes into the `If-Match` of what becomes of it."""

        def found(uow: UnitOfWork) -> Fee:
            fee = uow.fees.first(case_id=case_named(number, uow).id)
            if fee is None:
                raise NotFound("it costs nothing, or was not sent yet")
            return fee

        fee = house.look(caller.key.institution_id, found)
        return said(fee_told(fee), version=fee.version)

    @routes.post("/fee", response_model=FeeAnswer, response_model_exclude_none=True, responses=_WRITES, openapi_extra=KEY)
    def settle_fee(
        number: Number, ask: FeeAsk, caller: Annotated[Caller, decides], once_key: Once = None, if_match: IfMatch = None
    ) -> Response:
        """Record what became of the fee."""

        def act(seen: int) -> Response:
            inside = caller.key.institution_id
            operator = operator_named(ask.by, caller, house=house)
            case = house.look(inside, lambda uow: case_named(number, uow))
            fee = house.do(inside, lambda desk: _settled(ask, case.id, operator, seen, desk))
            return said(fee_told(fee), version=fee.version)

        def answer() -> Response:
            seen = seen_version(if_match)
            asked = Asked(caller=caller, once=once_key, where=f"fee {number}", body=ask, version=seen)
            return once(asked, house, lambda: act(seen))

        return in_one_sentence(answer)


def _settled(ask: FeeAsk, case_id: CaseId, operator: Operator, seen: int, desk: Desk) -> Fee:
    match ask.act:
        case "pay":
            paid = PayFee(case_id=case_id, operator=operator, means=ask.means, reference=ask.reference, seen_version=seen)
            return pay_fee(paid, desk=desk)
        case "waive":
            return waive_fee(WaiveFee(case_id=case_id, operator=operator, why=ask.why, seen_version=seen), desk=desk)
        case "refund":
            back = RefundFee(case_id=case_id, operator=operator, amount_won=ask.amount_won, why=ask.why, seen_version=seen)
            return refund_fee(back, desk=desk)


def _add_consents(routes: APIRouter, front: Front) -> None:
    house = front.house
    reads = Depends(caller_with(CASES_READ, CASES_WRITE, CASES_DECIDE, house=house))
    writes = Depends(caller_with(CASES_WRITE, house=house))

    @routes.get("/consent", response_model=ConsentAnswer, response_model_exclude_none=True, responses=_READS, openapi_extra=KEY)
    def read_consent(number: Number, caller: Annotated[Caller, reads]) -> Response:
        """What is asked before pictures of papers are taken, in today's words."""
        return said(house.look(caller.key.institution_id, lambda uow: _consent(number, caller, uow, front)))

    @routes.post(
        "/consent",
        status_code=201,
        response_model=ConsentAnswer,
        response_model_exclude_none=True,
        responses=_WRITES,
        openapi_extra=KEY,
    )
    def give(number: Number, ask: ConsentAsk, caller: Annotated[Caller, writes], once_key: Once = None) -> Response:
        """The member agreed, in the words that your application showed. Other words than today's: 409, show them anew."""

        def act() -> Response:
            inside = caller.key.institution_id
            case = house.look(inside, lambda uow: case_named(number, uow))
            wanted = GiveConsent(
                institution_id=inside,
                member_id=case.member_id,
                purpose=Purpose.DOCUMENTS,
                words=ask.words,
                kept=ask.kept,
                language=ask.language,
                browser=house.vault.fingerprint(Print.REQUEST, "consent", caller.key.handle),
                source=source_of(caller),
            )
            house.do(inside, lambda desk: give_consent(wanted, desk=desk))
            return said(house.look(inside, lambda uow: _consent(number, caller, uow, front)), status=201)

        asked = Asked(caller=caller, once=once_key, where=f"consent {number}", body=ask)
        return in_one_sentence(lambda: once(asked, house, act))


def _consent(number: str, caller: Caller, uow: UnitOfWork, front: Front) -> dict[str, Any]:
    case, use = case_named(number, uow), USES[Purpose.DOCUMENTS]
    kept = kept_for(use.purpose, policy_now(caller.key.institution_id, uow=uow, now=front.house.clock.now()))
    given = consent_to(use.purpose, case.member_id, uow=uow)
    wording = use.wording(use.version)
    told: dict[str, Any] = {"purpose": use.purpose.value, "words": use.version, "kept": kept}
    told |= {lang: {part: wording.line(part, lang, kept) for part in _PARTS} for lang in ("ko", "en")}
    return told if given is None else {**told, "given_at": stamp(given.given_at)}
