"""As which kind of applicant a draft goes on: chosen anew, with what would go said before it does."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.changes import Change, change_of_kind
from otpward.clerk.policy import policy_of
from otpward.core.errors import Invalid
from otpward.core.model.case import Case
from otpward.core.model.proof import Act
from otpward.core.policy.applicants import kinds_for
from otpward.core.policy.document.model import Kind
from otpward.core.policy.versions import day_of
from otpward.edges.http.documents_words import item_title
from otpward.edges.http.faults import explain
from otpward.edges.http.fee_words import fee_asked
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.apply_parts import ready
from otpward.edges.http.portal.own import proven
from otpward.edges.http.portal.terms import names_of
from otpward.services.apply.change_applicant import ChangeApplicant, MoreGoes, change_applicant
from otpward.services.sign_in.sessions import Seat

PATH: Final = "/apply/kind"


def fitting_kinds(visit: Visit, seat: Seat, case: Case) -> tuple[Kind, ...]:
    """The kinds as which this member may go on, under the policy that the draft began under."""
    now = visit.front.house.clock.now()
    policy = visit.look(lambda uow: policy_of(case, uow=uow, now=now))
    return kinds_for(policy, seat.member.birth_date.reveal(), day_of(now))


def show_kind(visit: Visit) -> Response:
    """Who applies, and who else could."""
    seat = proven(visit, Act.APPLY)
    case = ready(visit, seat)
    if case is None:
        return visit.go("/apply/tasks")
    return _choose(visit, seat, case)


def send_kind(visit: Visit) -> Response:
    """The kind is changed; where something would go with it, that is said first and asked for once."""
    seat = proven(visit, Act.APPLY)
    case = ready(visit, seat)
    if case is None:
        return visit.go("/apply/tasks")
    chosen = next((one for one in fitting_kinds(visit, seat, case) if one.name == visit.form.get("kind")), None)
    if chosen is None:
        return _choose(visit, seat, case, errors={"kind": visit.words._("Choose who applies")})
    ask = ChangeApplicant(
        case_id=case.id,
        member_id=seat.member.id,
        applicant=chosen.name,
        agreed=visit.form.get("agreed", ""),
        source=visit.source,
    )
    try:
        visit.do(lambda desk: change_applicant(ask, desk=desk))
    except MoreGoes:
        return _agree(visit, case, chosen)
    except Invalid:
        return _choose(visit, seat, case, errors={"kind": visit.words._("Choose who applies")})
    return visit.go("/apply/tasks")


def _choose(visit: Visit, seat: Seat, case: Case, *, errors: Mapping[str, str] | None = None) -> Response:
    kinds = [{"value": one.name, "label": one.title.text(visit.lang)} for one in fitting_kinds(visit, seat, case)]
    return visit.page("portal/apply/kind.html", errors=errors, values={"kind": case.applicant}, kinds=kinds)


def _agree(visit: Visit, case: Case, chosen: Kind) -> Response:
    """What goes, what it takes then, and what it costs."""
    now = visit.front.house.clock.now()
    change = visit.look(lambda uow: change_of_kind(case, chosen.name, uow=uow, now=now))
    return visit.page(
        "portal/apply/kind_change.html",
        kind=chosen,
        change=change,
        goes=_goes(visit, case, change),
        papers=names_of(change.takes.papers, visit.words),
        fees=(fee_asked(visit, change.took), fee_asked(visit, change.takes)),
    )


def _goes(visit: Visit, case: Case, change: Change) -> list[str]:
    _, now = visit.words._, visit.front.house.clock.now()
    policy = visit.look(lambda uow: policy_of(case, uow=uow, now=now))
    goes = [_("Who acts for the member: {name}", name=case.acting_name.reveal())] if change.acting_goes else []
    goes += [_("How you receive it; choose it again")] if change.delivery_goes else []
    return goes + [
        _("The picture that you sent: {title}", title=item_title(one, policy, visit.words)) for one in change.pictures
    ]


def routes(front: Front) -> list[BaseRoute]:
    """The kind of applicant of a draft."""
    return [page_route(front, PATH, get=show_kind, post=send_kind, explain=explain)]
