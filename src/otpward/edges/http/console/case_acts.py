"""What an operator does with an application. Each form carries the version it was shown; an act on something that has moved is
refused, and the page says what moved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from otpward.clerk.cases import refuse_stale
from otpward.clerk.fees import FeeDue
from otpward.core.errors import Conflict, Denied, Invalid
from otpward.core.ids import MemberId
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.member import Operator
from otpward.core.policy.case_acts import CaseAct, refuse_out_of_state, require_act
from otpward.core.policy.roles import Permission, require
from otpward.edges.http.address import key_of, pick
from otpward.edges.http.console.case_changes import differences
from otpward.edges.http.console.case_page import case_response, look_at
from otpward.edges.http.console.case_view import CaseView
from otpward.edges.http.console.door import admit
from otpward.edges.http.console.sentences import sentence_for
from otpward.edges.http.front import Visit
from otpward.edges.http.words import Words
from otpward.ports.carrier import ParcelState
from otpward.services.apply.approve import approve
from otpward.services.apply.ask_for_more import ask_for_more
from otpward.services.apply.assign_case import AssignCase, assign_case
from otpward.services.apply.deny_act import deny_act
from otpward.services.apply.note_case import NoteCase, note_case
from otpward.services.apply.refuse import refuse
from otpward.services.apply.review import Decision, OwnRequest
from otpward.services.apply.send_back import send_back
from otpward.services.apply.take_up import take_up
from otpward.services.deliver.confirm_delivery import ConfirmDelivery, confirm_delivery
from otpward.services.deliver.dispatch import Dispatch, dispatch
from otpward.services.deliver.plan_shipment import PlanShipment, plan_shipment
from otpward.services.deliver.scan_in import WrongEnvelope
from otpward.services.deliver.set_out import SetOut, set_out
from otpward.services.issue.make_app_token import MakeAppToken, make_app_token
from otpward.services.issue.reserve_device import NotThisDevice, ReserveDevice, TooOldDevice, reserve_device

_DECISIONS: Final = {"approve": "approve", "ask": "ask_for_more", "refuse": "refuse", "send_back": "send_back"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One form as it was sent: who, on which case, as they saw it."""

    visit: Visit
    view: CaseView
    operator: Operator

    def field(self, name: str) -> str:
        """What was typed, or nothing."""
        return self.visit.form.get(name, "").strip()

    @property
    def seen(self) -> int:
        """The version that was shown; a form without one was made on nothing that we know."""
        version = self.field("seen")
        return int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1

    def decision(self, message: str = "") -> Decision:
        """The decision on the version that was shown."""
        return Decision(
            case_id=self.view.case.id,
            operator=self.operator,
            seen_version=self.seen,
            message=message,
            reason=self.field("reason"),
            item=self.field("item") if self.field("decision") == "ask" else "",
        )

    @property
    def name(self) -> CaseAct | None:
        """What it would do."""
        return pick(CaseAct, _DECISIONS.get(self.field("decision")) if self.field("act") == "decide" else self.field("act"))


def send_act(visit: Visit) -> Response:
    """Do what the form asks, and come back to the same page; or show the page with what stands in the way."""
    operator = admit(visit, Permission.SEE_CASES)
    view = look_at(visit, operator)
    do = ACTS.get(visit.form.get("act", ""))
    if do is None:
        raise Invalid("no such act", field="act")
    act = Act(visit=visit, view=view, operator=operator)
    try:
        if act.name is not CaseAct.NOTE:  # a note changes nothing, and is never too late
            # before the role is asked: what a role may do depends on the state, and that may have moved
            refuse_stale(view.case, act.seen)
        if act.name is not None:
            require_act(operator.role, act.name, view.case.state)
            refuse_out_of_state(act.name, view.case.state)
        done = do(act)
    except Denied as error:
        _write_down(act, error)
        if not isinstance(error, OwnRequest):
            raise
        own = {"": visit.words._("You cannot approve your own request")}
        return case_response(visit, operator, look_at(visit, operator), errors=own, status=403)
    except (Invalid, Conflict) as error:
        wrong = explain_field(error, view, visit.words, visit.lang)
        if wrong:
            return case_response(visit, operator, view, errors=wrong)
        if isinstance(error, Invalid):
            raise
        return _too_late(visit, operator)
    return visit.go(f"/console/cases/{view.case.number}?done={done}")


def explain_field(error: Invalid | Conflict, view: CaseView, words: Words, lang: str) -> dict[str, str]:
    """The sentence beside the field that can be mended, or nothing."""
    _ = words._
    match error:
        case TooOldDevice():
            return {"serial": _("This device is too old: its validity, its battery or its hash is past its end")}
        case NotThisDevice() if view.shelf_branch is not None and view.case.branch_id is not None:
            return {"serial": _("This device is not in stock at {branch}", branch=view.shelf_branch.name(lang))}
        case NotThisDevice():
            return {"serial": _("This device is not in stock")}
        case IllegalTransition(state=TokenState()):
            return {"serial": _("This device is not in stock")}
        case FeeDue():
            return {"": _("The fee is still due. Record the payment or waive it first, under “Fee”")}
        case WrongEnvelope():
            return {"serial": _("This is not the device of this parcel. Scan the one that was set aside")}
        case Invalid(field="tracking_number"):
            return {"tracking_number": _("Check the tracking number: 13 digits, or 2 letters, 9 digits and 2 letters")}
        case Conflict(field="tracking_number"):
            return {"tracking_number": _("This tracking number is on another parcel")}
        case Invalid(field="message"):
            return {"message": _("Choose a sentence or write what the member shall read")}
        case Invalid(field="item"):
            return {"item": _("Choose one of the papers")}
        case Invalid(field="serial"):
            return {"serial": _("Scan or type the serial number")}
        case Invalid(field="reason"):
            return {"reason": _("Write why, for the colleague who reads it")}
        case Invalid(field="note"):
            return {"note": _("Write the note first")}
        case Invalid(field="to"):
            return {"to": _("Choose a colleague who can take it")}
        case Invalid(field="decision"):
            return {"decision": _("Choose a decision")}
        case _:
            return {}


def _too_late(visit: Visit, operator: Operator) -> Response:
    view = look_at(visit, operator)
    seen = visit.form.get("steps", "")
    shown = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 6 else len(view.steps)
    return case_response(
        visit,
        operator,
        view,
        status=409,
        changed=view.steps[shown:],
        differences=differences(visit, visit.form.get("shown", ""), view),
    )


def _write_down(act: Act, error: Denied) -> None:
    """Nobody tries in silence what they may not."""
    name = act.name
    if name is not None:
        act.visit.do(lambda desk: deny_act(act.view.case, name, act.operator, error.code, desk=desk))


def _note(act: Act) -> str:
    ask = NoteCase(case_id=act.view.case.id, operator=act.operator, text=act.field("note"))
    act.visit.do(lambda desk: note_case(ask, desk=desk))
    return "noted"


def _assign(act: Act) -> str:
    to = act.field("to")
    if not to:
        raise Invalid("nobody chosen", field="to")
    ask = AssignCase(decision=act.decision(), to=None if to == "nobody" else MemberId(key_of(to)))
    act.visit.do(lambda desk: assign_case(ask, desk=desk))
    return "assigned"


def _take_up(act: Act) -> str:
    act.visit.do(lambda desk: take_up(act.decision(), desk=desk))
    return "taken_up"


def _decide(act: Act) -> str:
    chosen = act.field("decision")
    if chosen == "approve":
        case = act.visit.do(lambda desk: approve(act.decision(), desk=desk))
        return "proposed" if case.state is CaseState.AWAITING_APPROVAL else "approved"
    if chosen == "send_back":
        act.visit.do(lambda desk: send_back(act.decision(), desk=desk))
        return "sent_back"
    if chosen not in {"ask", "refuse"}:
        raise Invalid("no decision chosen", field="decision")
    kind, _, ready = act.field("sentence").partition(".")
    message = sentence_for(
        act.view.policy, chosen, ready if kind == chosen else "", act.field("message"), act.view.member.language
    )
    if chosen == "ask":
        act.visit.do(lambda desk: ask_for_more(act.decision(message), desk=desk))
        return "asked"
    act.visit.do(lambda desk: refuse(act.decision(message), desk=desk))
    return "refused"


def _reserve(act: Act) -> str:
    serial = act.field("shelf") or act.field("serial")
    if not serial:
        raise Invalid("no serial", field="serial")
    ask = ReserveDevice(case_id=act.view.case.id, serial=serial, operator=act.operator)
    act.visit.do(lambda desk: reserve_device(ask, desk=desk))
    return "reserved"


def _make_app(act: Act) -> str:
    ask = MakeAppToken(case_id=act.view.case.id, operator=act.operator)
    act.visit.do(lambda desk: make_app_token(ask, desk=desk))
    return "made"


def _set_out(act: Act) -> str:
    act.visit.do(lambda desk: set_out(SetOut(case_id=act.view.case.id, operator=act.operator), desk=desk))
    return "set_out"


def _pack(act: Act) -> str:
    act.visit.do(lambda desk: plan_shipment(PlanShipment(case_id=act.view.case.id, operator=act.operator), desk=desk))
    return "packed"


def _dispatch(act: Act) -> str:
    if act.view.shipment is None:
        raise Conflict("nothing is packed")
    if not act.field("serial"):
        raise Invalid("no serial", field="serial")
    ask = Dispatch(
        shipment_id=act.view.shipment.id,
        operator=act.operator,
        serial=act.field("serial"),
        tracking_number=act.field("tracking_number"),
    )
    act.visit.do(lambda desk: dispatch(ask, desk=desk))
    return "sent"


def _arrive(act: Act, state: ParcelState, done: str) -> str:
    require(act.operator.role, Permission.SHIP)
    shipment = act.view.shipment
    if shipment is None or act.view.case.state is not CaseState.IN_TRANSIT:
        raise Conflict("nothing is on its way")
    now = act.visit.front.house.clock.now()
    ask = ConfirmDelivery(shipment_id=shipment.id, state=state, at=now, place=shipment.place, by=act.operator.actor)
    act.visit.do(lambda desk: confirm_delivery(ask, desk=desk))
    return done


ACTS: Final[Mapping[str, Callable[[Act], str]]] = {
    "note": _note,
    "assign": _assign,
    "take_up": _take_up,
    "decide": _decide,
    "reserve": _reserve,
    "make_app": _make_app,
    "set_out": _set_out,
    "pack": _pack,
    "dispatch": _dispatch,
    "delivered": lambda act: _arrive(act, ParcelState.DELIVERED, "delivered"),
    "returned": lambda act: _arrive(act, ParcelState.RETURNED, "returned"),
    "missing": lambda act: _arrive(act, ParcelState.MISSING, "missing"),
}
