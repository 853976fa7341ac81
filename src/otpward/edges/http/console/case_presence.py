"""Who else has an application before them."""

from starlette.responses import PlainTextResponse, Response

from otpward.core.errors import NotFound
from otpward.core.model.case import Case
from otpward.core.model.member import Operator
from otpward.core.policy.roles import Permission
from otpward.edges.http.console.door import admit
from otpward.edges.http.console.rows import named
from otpward.edges.http.front import Visit
from otpward.services.apply.look_at_case import look_at_case, who_looks


def show_presence(visit: Visit) -> Response:
    """The sentence alone, which a page that stays open asks for again."""
    operator = admit(visit, Permission.SEE_CASES)
    number = visit.path("no").upper()[:24]
    case = visit.look(lambda uow: uow.cases.first(number=number))
    if case is None:
        raise NotFound("no such case")
    return PlainTextResponse(presence(visit, case, operator), headers={"Cache-Control": "no-store"})


def presence(visit: Visit, case: Case, operator: Operator) -> str:
    """Who else looks, in a sentence or in none; and this operator looks now."""
    now = visit.front.house.clock.now()
    looks, due = visit.look(lambda uow: who_looks(case.id, operator, uow=uow, now=now))
    if due:
        visit.do(lambda desk: look_at_case(visit.institution.id, case.id, operator, desk=desk))
    people = visit.look(lambda uow: named(uow.members, (look.operator_id for look in looks))) if looks else {}
    names = [people[look.operator_id].name.reveal() for look in looks if look.operator_id in people]
    return visit.words._("{name} is viewing", name=", ".join(names)) if names else ""
