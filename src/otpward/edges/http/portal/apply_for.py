"""Who acts for the member: a guardian, a delegate or a proxy, by name and as what."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.policy import policy_of
from otpward.core.errors import Invalid
from otpward.core.model.case import Case
from otpward.core.model.proof import Act
from otpward.core.policy.applicants import RELATIONS, Acting, Relation, acting_for
from otpward.core.policy.document.model import Kind
from otpward.edges.http.address import pick
from otpward.edges.http.applicant_words import RELATED
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.apply_parts import ready, save
from otpward.edges.http.portal.own import proven
from otpward.edges.http.words import later

PATH: Final = "/apply/applicant"
_ASKED: Final[Mapping[Acting, str]] = {
    Acting.GUARDIAN: later("Who is the guardian?"),
    Acting.DELEGATE: later("Who acts for the company?"),
    Acting.PROXY: later("Who applies for you?"),
}
_NAMED: Final[Mapping[Acting, str]] = {
    Acting.GUARDIAN: later("Name of the guardian"),
    Acting.DELEGATE: later("Name of the delegate"),
    Acting.PROXY: later("Name of the proxy"),
}
_AS_WHAT: Final[Mapping[Acting, str]] = {
    Acting.GUARDIAN: later("Relation to the member"),
    Acting.DELEGATE: later("Position in the company"),
    Acting.PROXY: later("Relation to you"),
}


def kind_of(visit: Visit, case: Case) -> Kind:
    """The kind of applicant, as the policy that the case began under has it."""
    now = visit.front.house.clock.now()
    return visit.look(lambda uow: policy_of(case, uow=uow, now=now)).kinds[case.applicant]


def show_applicant(visit: Visit) -> Response:
    """Who acts, and as what."""
    case = ready(visit, proven(visit, Act.APPLY))
    acting = acting_for(kind_of(visit, case)) if case is not None else None
    if case is None or acting is None:
        return visit.go("/apply/tasks")
    return _page(visit, acting, values={"acting_name": case.acting_name.reveal(), "acting_as": case.acting_as.reveal()})


def send_applicant(visit: Visit) -> Response:
    """Both are kept."""
    seat = proven(visit, Act.APPLY)
    case = ready(visit, seat)
    acting = acting_for(kind_of(visit, case)) if case is not None else None
    if case is None or acting is None:
        return visit.go("/apply/tasks")
    relation = pick(Relation, visit.form.get("acting_as"))
    errors = {}
    if not visit.form.get("acting_name", "").strip():
        errors["acting_name"] = visit.words._("Enter the name as it stands on the ID card")
    if relation not in RELATIONS[acting]:
        errors["acting_as"] = visit.words._("Choose what fits")
    if errors:
        return _page(visit, acting, errors=errors)
    try:
        save(visit, seat, case, acting_name=visit.form["acting_name"], acting_as=relation)
    except Invalid:
        return visit.go(PATH)
    return visit.go("/apply/tasks")


def _page(
    visit: Visit, acting: Acting, *, values: Mapping[str, object] | None = None, errors: Mapping[str, str] | None = None
) -> Response:
    _ = visit.words._
    return visit.page(
        "portal/apply/applicant.html",
        values=values,
        errors=errors,
        asked=_(_ASKED[acting]),
        named=_(_NAMED[acting]),
        as_what=_(_AS_WHAT[acting]),
        relations=[{"value": one.value, "label": _(RELATED[one])} for one in RELATIONS[acting]],
    )


def routes(front: Front) -> list[BaseRoute]:
    """Who acts for the member."""
    return [page_route(front, PATH, get=show_applicant, post=send_applicant, explain=explain)]
