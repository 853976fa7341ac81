"""The reason for an application, and what all its pages share: each part is kept as soon as it is sent."""

from collections.abc import Mapping, Sequence

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.applying import reasons_for
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Reason
from otpward.core.model.proof import Act
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.own import proven
from otpward.edges.http.portal.progress import REASONS
from otpward.services.apply.save_application import SaveApplication, save_application
from otpward.services.sign_in.sessions import Seat


def draft_of(visit: Visit, seat: Seat) -> Case | None:
    """The member's application while it can still be written."""
    return visit.look(lambda uow: uow.cases.first(member_id=seat.member.id, state=CaseState.DRAFT, order="-opened_at"))


def reason_is_given(case: Case) -> bool:
    """Whether the reason is known: from a report, since there is no old OTP, or from the member, whose first save gave it."""
    return case.report_id is not None or case.old_token_id is None or case.version > 0


def show_reason(visit: Visit) -> Response:
    """Why a new one is needed."""
    seat = proven(visit, Act.APPLY)
    case = draft_of(visit, seat)
    if case is None:
        return visit.go("/apply")
    offered = visit.look(lambda uow: reasons_for(case, uow=uow))
    chosen = case.reason if reason_is_given(case) else ""
    return _reason_page(visit, case, offered, values={"reason": chosen, "old_serial": case.old_serial})


def send_reason(visit: Visit) -> Response:
    """The reason is kept."""
    seat = proven(visit, Act.APPLY)
    case = draft_of(visit, seat)
    if case is None:
        return visit.go("/apply")
    offered = visit.look(lambda uow: reasons_for(case, uow=uow))
    reason = next((one for one in offered if one == visit.form.get("reason")), None)
    if reason is None:
        return _reason_page(visit, case, offered, errors={"reason": visit.words._("Choose a reason")})
    save(visit, seat, case, reason=reason, old_serial=visit.form.get("old_serial", ""))
    now = draft_of(visit, seat)
    way_went = case.delivery is not None and now is not None and now.delivery is None
    return visit.go("/apply/delivery?again=reason" if way_went else "/apply/tasks")


def save(visit: Visit, seat: Seat, case: Case, **parts: object) -> None:
    """Keep these parts in the draft."""
    ask = SaveApplication(case_id=case.id, member_id=seat.member.id, source=visit.source, **parts)  # type: ignore[arg-type]  # names of its fields
    visit.do(lambda desk: save_application(ask, desk=desk))


def ready(visit: Visit, seat: Seat) -> Case | None:
    """The draft, if the reason was given, without which nothing else can be."""
    case = draft_of(visit, seat)
    return case if case is not None and reason_is_given(case) else None


def _reason_page(
    visit: Visit,
    case: Case,
    offered: Sequence[Reason],
    *,
    values: Mapping[str, object] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    options = [{"value": one, "label": visit.words._(REASONS[one])} for one in offered]
    stoppable = Reason.LOST not in offered and case.old_token_id is not None
    return visit.page("portal/apply/reason.html", values=values, errors=errors, options=options, stoppable=stoppable, case=case)


def routes(front: Front) -> list[BaseRoute]:
    """The page of the reason."""
    return [page_route(front, "/apply/reason", get=show_reason, post=send_reason, explain=explain)]
