"""How the new OTP travels: first the way, then the branch or the address; each with its day and fee."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.ids import BranchId
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.institution import Branch
from otpward.core.model.proof import Act
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.apply_parts import ready, save
from otpward.edges.http.portal.own import proven
from otpward.edges.http.portal.progress import expected
from otpward.edges.http.portal.terms import asked_here
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.sign_in.sessions import Seat

_LOOKED_AT: Final = 50
"""So many devices of a shelf are looked at to say whether it holds one."""


def show_delivery(visit: Visit) -> Response:
    """How it travels; behind `?how=`, to which branch or address."""
    case = ready(visit, proven(visit, Act.APPLY))
    if case is None:
        return visit.go("/apply/tasks")
    match visit.query.get("how"):
        case Delivery.BRANCH:
            return _branch_page(visit, values={"branch": case.branch_id or ""})
        case Delivery.POST:
            postcode, street, detail = (*case.address.reveal().split("\n"), "", "", "")[:3]
            return visit.page("portal/apply/address.html", values={"postcode": postcode, "street": street, "detail": detail})
        case _:
            return _delivery_page(visit, case, values={"how": case.delivery or ""})


def send_delivery(visit: Visit) -> Response:
    """The way it travels is kept, and with it how papers are shown."""
    seat = proven(visit, Act.APPLY)
    case = ready(visit, seat)
    if case is None:
        return visit.go("/apply/tasks")
    how = visit.query.get("how") or visit.form.get("how")
    if how in set(Delivery) and not asked_here(visit, case, Delivery(how)).offered:
        return _delivery_page(visit, case, errors={"how": visit.words._("Choose how you receive it")})
    match visit.query.get("how"), visit.form.get("how"):
        case Delivery.BRANCH, _:
            return _send_branch(visit, seat, case)
        case Delivery.POST, _:
            return _send_address(visit, seat, case)
        case _, Delivery.APP:
            save(visit, seat, case, delivery=Delivery.APP)
            return visit.go("/apply/tasks")
        case _, (Delivery.BRANCH | Delivery.POST) as how:
            return visit.go(f"/apply/delivery?how={how}")
        case _:
            return _delivery_page(visit, case, errors={"how": visit.words._("Choose how you receive it")})


def _send_branch(visit: Visit, seat: Seat, case: Case) -> Response:
    branches = visit.look(lambda uow: uow.branches.find(order="code"))
    branch = next((one for one in branches if str(one.id) == visit.form.get("branch")), None)
    if branch is None:
        return _branch_page(visit, errors={"branch": visit.words._("Choose a branch")})
    save(visit, seat, case, delivery=Delivery.BRANCH, branch_id=branch.id)
    return visit.go("/apply/tasks")


def _send_address(visit: Visit, seat: Seat, case: Case) -> Response:
    _ = visit.words._
    lines = [" ".join(visit.form.get(name, "").split()) for name in ("postcode", "street", "detail")]
    errors = {}
    if len(lines[0]) != len("00000") or not (lines[0].isascii() and lines[0].isdigit()):
        errors["postcode"] = _("Enter the 5-digit postcode")
    if not lines[1]:
        errors["street"] = _("Enter the address")
    if errors:
        return visit.page("portal/apply/address.html", errors=errors)
    save(visit, seat, case, delivery=Delivery.POST, address="\n".join(lines).rstrip())
    return visit.go("/apply/tasks")


def _delivery_page(
    visit: Visit, case: Case, *, values: Mapping[str, object] | None = None, errors: Mapping[str, str] | None = None
) -> Response:
    now = visit.front.house.clock.now()
    asked = {way.value: asked_here(visit, case, way) for way in Delivery}
    days = {way: expected(now, one.working_days, now=now) for way, one in asked.items()}
    again = visit.query.get("again") == "reason" and case.delivery is None
    return visit.page("portal/apply/delivery.html", values=values, errors=errors, asked=asked, days=days, again=again)


def _branch_page(
    visit: Visit, *, values: Mapping[str, object] | None = None, errors: Mapping[str, str] | None = None
) -> Response:
    branches = visit.look(lambda uow: [_shown(one, visit.lang, uow) for one in uow.branches.find(order="code")])
    return visit.page("portal/apply/branch.html", values=values, errors=errors, branches=branches)


def _shown(branch: Branch, lang: str, uow: UnitOfWork) -> dict[str, object]:
    return {
        "id": branch.id,
        "name": branch.name(lang),
        "address": branch.address(lang),
        "hours": branch.hours,
        "in_stock": _has_stock(branch.id, uow),
    }


def _has_stock(branch_id: BranchId, uow: UnitOfWork) -> bool:
    free = uow.devices.find(branch_id=branch_id, case_id=None, order="-stocked_at", limit=_LOOKED_AT)
    return any(uow.tokens.first(id=one.id, state=TokenState.IN_STOCK) is not None for one in free)


def routes(front: Front) -> list[BaseRoute]:
    """The pages of how it travels."""
    return [page_route(front, "/apply/delivery", get=show_delivery, post=send_delivery, explain=explain)]
