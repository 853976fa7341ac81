"""What an operator records about the fee of an application: that it was paid, is waived, was given back."""

from collections.abc import Callable, Mapping
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.fees import StaleFee
from otpward.core.errors import Conflict, Invalid
from otpward.core.model.case import Case
from otpward.core.model.fee import Means
from otpward.core.model.member import Area, Operator
from otpward.core.policy.roles import Permission
from otpward.edges.http.console import case_page
from otpward.edges.http.console.door import admit
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.words import Words
from otpward.services.apply.fees.pay_fee import PayFee, pay_fee
from otpward.services.apply.fees.refund_fee import RefundFee, refund_fee
from otpward.services.apply.fees.waive_fee import WHY_LONGEST, WaiveFee, waive_fee

PATH: Final = "/console/cases/{no}/fee"
_WON_DIGITS: Final = 9


def send_fee(visit: Visit) -> Response:
    """Record what the form says, and come back to the page; or show it with what stands in the way."""
    operator = admit(visit, Permission.SEE_CASES)
    view = case_page.look_at(visit, operator)
    record = _ACTS.get(visit.form.get("act", ""))
    if record is None:
        raise Invalid("no such act", field="act")
    try:
        done = record(visit, view.case, operator)
    except Invalid as error:
        wrong = in_words(error, visit.words)
        if not wrong:
            raise
        return case_page.case_response(visit, operator, view, errors=wrong)
    except Conflict as error:
        if not isinstance(error, StaleFee) and case_page.look_at(visit, operator).case.version == view.case.version:
            raise
        late = {"": visit.words._("The fee was changed meanwhile. Look at what is recorded now")}
        return case_page.case_response(visit, operator, case_page.look_at(visit, operator), errors=late, status=409)
    return visit.go(f"/console/cases/{view.case.number}?done={done}")


def _pay(visit: Visit, case: Case, operator: Operator) -> str:
    ask = PayFee(
        case_id=case.id,
        operator=operator,
        means=next((one for one in Means if one == visit.form.get("means")), None),
        reference=visit.form.get("reference", ""),
        seen_version=_seen(visit),
    )
    visit.do(lambda desk: pay_fee(ask, desk=desk))
    return "fee_paid"


def _waive(visit: Visit, case: Case, operator: Operator) -> str:
    ask = WaiveFee(case_id=case.id, operator=operator, why=visit.form.get("why", ""), seen_version=_seen(visit))
    visit.do(lambda desk: waive_fee(ask, desk=desk))
    return "fee_waived"


def _refund(visit: Visit, case: Case, operator: Operator) -> str:
    ask = RefundFee(
        case_id=case.id,
        operator=operator,
        amount_won=_number(visit.form.get("amount", "").replace(",", "").strip()),
        why=visit.form.get("why", ""),
        seen_version=_seen(visit),
    )
    visit.do(lambda desk: refund_fee(ask, desk=desk))
    return "fee_refunded"


_ACTS: Final[Mapping[str, Callable[[Visit, Case, Operator], str]]] = {"pay": _pay, "waive": _waive, "refund": _refund}


def _seen(visit: Visit) -> int:
    return _number(visit.form.get("seen", ""))


def _number(typed: str) -> int:
    """A plain number; anything else is one that fits nothing."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= _WON_DIGITS else -1


def in_words(error: Invalid, words: Words) -> dict[str, str]:
    """What is wrong with what was typed, at its field; nothing for what no form of ours sends."""
    match error.field:
        case "means":
            return {"means": words._("Choose how it was paid")}
        case "reference":
            return {"reference": words._("Enter the number on the receipt or of the transfer, never the number of a card")}
        case "why":
            return {"why": words._("Write the reason, in up to {n} characters", n=WHY_LONGEST)}
        case "amount":
            return {"amount": words._("Enter an amount above 0, and no more than was paid")}
        case _:
            return {}


def routes(front: Front) -> list[BaseRoute]:
    """The forms of the panel."""
    return [page_route(front, PATH, area=Area.CONSOLE, post=send_fee, explain=explain)]
