"""The parcel of a member's application: where it is, when to expect it; and if it came back, how the next one shall travel."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.ids import BranchId
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.lifecycle.parcel import ParcelState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.delivery import Shipment
from otpward.core.model.proof import Act
from otpward.core.model.shipping import MailClass, ParcelEvent
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.own import own_case, proven
from otpward.edges.http.portal.progress import expected
from otpward.edges.http.portal.terms import asked_here
from otpward.edges.http.words import later
from otpward.ports.unit_of_work import Among, UnitOfWork
from otpward.services.deliver.choose_again import ChooseAgain, NothingCameBack, came_back, choose_again

_LEFT: Final = Among(frozenset(ShipmentState) - {ShipmentState.PLANNED, ShipmentState.PACKED})
_SHOWN: Final = 20
_POSTCODE_DIGITS: Final = 5
WORDS: Final[Mapping[ParcelState, str]] = {
    ParcelState.ACCEPTED: later("Handed in at the post office"),
    ParcelState.IN_TRANSIT: later("On its way"),
    ParcelState.DELIVERED: later("Delivered"),
    ParcelState.RETURNED: later("Sent back to us"),
    ParcelState.MISSING: later("Missing"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenParcel:
    """What a member is shown of their parcel. `back`: it came back or got lost, and nothing was chosen since."""

    number: str
    state: ShipmentState
    own_hands: bool
    link: str
    expected: datetime | None
    way: list[dict[str, object]]
    back: bool


def parcel_of(visit: Visit, case: Case) -> SeenParcel | None:
    """The newest parcel of this application that has left us."""
    if case.delivery is not Delivery.POST:
        return None
    found = visit.look(lambda uow: _read(case, uow))
    if found is None:
        return None
    parcel, events, back = found
    now = visit.front.house.clock.now()
    due = None
    if parcel.state is ShipmentState.DISPATCHED and case.submitted_at is not None:
        due = expected(case.submitted_at, asked_here(visit, case).working_days, now=now)
    return SeenParcel(
        number=parcel.tracking_number,
        state=parcel.state,
        own_hands=parcel.mail_class is MailClass.RECIPIENT_ONLY,
        link=visit.front.post.link(parcel.tracking_number),
        expected=due,
        way=[{"title": visit.words._(WORDS[one.state]), "state": "done", "at": one.at, "note": one.place} for one in events],
        back=back,
    )


def _read(case: Case, uow: UnitOfWork) -> tuple[Shipment, list[ParcelEvent], bool] | None:
    parcel = uow.shipments.first(case_id=case.id, state=_LEFT, order="-planned_at")
    if parcel is None:
        return None
    events = uow.parcel_events.find(shipment_id=parcel.id, order="-at", limit=_SHOWN)
    return parcel, events, came_back(case, uow=uow) is not None


def show_again(visit: Visit) -> Response:
    """How the next device shall travel."""
    case = own_case(visit, proven(visit, Act.FOLLOW), visit.path("no"))
    if visit.look(lambda uow: came_back(case, uow=uow)) is None:
        return visit.go(f"/cases/{case.number}")
    postcode, street, detail = (*case.address.reveal().split("\n"), "", "", "")[:3]
    return _page(visit, case, {"how": "post", "postcode": postcode, "street": street, "detail": detail})


def send_again(visit: Visit) -> Response:
    """The choice is kept; a second press changes nothing."""
    seat = proven(visit, Act.FOLLOW)
    case = own_case(visit, seat, visit.path("no"))
    errors = _errors(visit)
    if errors:
        return _page(visit, case, visit.form, errors)
    branches = visit.look(lambda uow: {str(one.id): one.id for one in uow.branches.find()})
    by_post = visit.form.get("how") == Delivery.POST
    lines = [" ".join(visit.form.get(name, "").split()) for name in ("postcode", "street", "detail")]
    ask = ChooseAgain(
        case_id=case.id,
        by=visit.actor(),
        delivery=Delivery.POST if by_post else Delivery.BRANCH,
        branch_id=None if by_post else BranchId(branches[visit.form["branch"]]),
        address="\n".join(lines).rstrip() if by_post else "",
        member_id=seat.member.id,
    )
    with suppress(NothingCameBack):
        visit.do(lambda desk: choose_again(ask, desk=desk))
    return visit.go(f"/cases/{case.number}")


def _errors(visit: Visit) -> dict[str, str]:
    _, form = visit.words._, visit.form
    match form.get("how"):
        case Delivery.BRANCH:
            known = visit.look(lambda uow: {str(one.id) for one in uow.branches.find()})
            return {} if form.get("branch") in known else {"branch": _("Choose a branch")}
        case Delivery.POST:
            postcode, errors = form.get("postcode", "").strip(), {}
            if len(postcode) != _POSTCODE_DIGITS or not (postcode.isascii() and postcode.isdigit()):
                errors["postcode"] = _("Enter the 5-digit postcode")
            if not form.get("street", "").strip():
                errors["street"] = _("Enter the address")
            return errors
        case _:
            return {"how": _("Choose how you receive it")}


def _page(visit: Visit, case: Case, values: Mapping[str, object], errors: Mapping[str, str] | None = None) -> Response:
    branches = visit.look(lambda uow: [(str(one.id), one.name(visit.lang)) for one in uow.branches.find(order="code")])
    return visit.page("portal/cases/again.html", case=case, branches=branches, values=values, errors=errors)


def routes(front: Front) -> list[BaseRoute]:
    """The page of what came back."""
    return [page_route(front, "/cases/{no}/again", get=show_again, post=send_again, explain=explain)]
