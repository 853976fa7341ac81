"""Proving identity in person: the member is found by scan, their papers are compared, and what was seen is recorded."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.in_person import admit_to_counter
from otpward.core.ids import MemberId, ProofId
from otpward.core.model.member import Area, Member, Operator, fold_login
from otpward.core.model.proof import AT_THE_COUNTER
from otpward.core.policy.papers import DATED, NOTE_LETTERS, Paper, PapersUnfit, flaws_of
from otpward.core.policy.roles import Permission
from otpward.edges.http.address import key_of
from otpward.edges.http.console import proven
from otpward.edges.http.console.door import admit
from otpward.edges.http.console.labels import Labels
from otpward.edges.http.console.papers_form import HINTS, say_flaws, seen_in, today
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.services.deliver.find_pick_up import NoSuchPickUp, find_pick_up
from otpward.services.prove_identity.prove_in_person import ProveInPerson, prove_in_person

FIND: Final = "/console/counter/prove"
PATH: Final = "/console/members/{id}/prove"


def show_find(visit: Visit) -> Response:
    """A member number or a pick-up pass is scanned: on to that member, or why there is none."""
    operator = admit(visit, Permission.HAND_OVER)
    typed = visit.query.get("q", "").strip()[:100]
    if not typed:
        return _find_page(visit)
    member_id = _find(visit, typed, operator)
    if member_id is not None:
        return visit.go(address(member_id, act=visit.query.get("act", ""), scanned="yes"))
    return _find_page(visit, missing=typed)


def show_member(visit: Visit) -> Response:
    """What to compare, on one page."""
    operator = admit(visit, Permission.HAND_OVER)
    return _page(visit, operator, {"act": visit.query.get("act", "")}, {})


def send_member(visit: Visit) -> Response:
    """It is recorded, and the next page says what it is good for; or each thing that is missing, at its own field."""
    operator = admit(visit, Permission.HAND_OVER)
    form, act = visit.form, next((one for one in AT_THE_COUNTER if one == visit.form.get("act")), None)
    seen = seen_in(form)
    if act is None:
        member = _member(visit, operator)
        flaws = flaws_of(seen, today(visit), birth_date_on_file=bool(member.birth_date))
        return _page(visit, operator, form, {"act": visit.words._("Choose what it is for")} | say_flaws(visit, seen, flaws))
    ask = ProveInPerson(
        key=ProofId(key_of(form.get("key", ""))),
        institution_id=visit.institution.id,
        member_id=MemberId(key_of(visit.path("id"))),
        operator=operator,
        act=act,
        seen=seen,
    )
    try:
        proof = visit.do(lambda desk: prove_in_person(ask, desk=desk))
    except PapersUnfit as error:
        return _page(visit, operator, form, say_flaws(visit, seen, error.flaws))
    return visit.go(proven.address(proof.id))


def address(member_id: MemberId, **more: str) -> str:
    """Where this member's papers are compared."""
    told = {name: text for name, text in more.items() if text}
    return PATH.replace("{id}", str(member_id)) + (f"?{urlencode(told)}" if told else "")


def _find(visit: Visit, typed: str, operator: Operator) -> MemberId | None:
    member = visit.look(lambda uow: uow.members.first(login=fold_login(typed)))
    if member is not None:
        return member.id
    try:
        return visit.do(lambda desk: find_pick_up(typed, operator=operator, desk=desk)).member_id
    except NoSuchPickUp:
        return None


def _find_page(visit: Visit, missing: str = "") -> Response:
    """The field, empty and with the focus, so that the next scan goes into it."""
    return visit.page("console/prove/find.html", values={}, act=visit.query.get("act", ""), scanned=False, missing=missing)


def _member(visit: Visit, operator: Operator) -> Member:
    member_id = MemberId(key_of(visit.path("id")))
    admit_to_counter(operator, member_id)
    return visit.look(lambda uow: uow.members.get(member_id))


def _page(visit: Visit, operator: Operator, values: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    member, _ = _member(visit, operator), visit.words._
    label = Labels(visit.words)
    return visit.page(
        "console/prove/member.html",
        errors=errors,
        values=values,
        member=member,
        act=values.get("act", ""),
        action=address(member.id),
        acts=[{"value": act.value, "label": label(act)} for act in AT_THE_COUNTER],
        papers=[{"value": paper.value, "label": label(paper), "hint": _(HINTS[DATED[paper]])} for paper in Paper],
        scanned="scanned" in visit.query,
        note_letters=NOTE_LETTERS,
        key=values.get("key") or visit.front.house.desk(visit.institution.id).new_id(),
    )


def routes(front: Front) -> list[BaseRoute]:
    """The pages of this room."""
    area = Area.CONSOLE
    return [
        page_route(front, FIND, area=area, get=show_find, explain=explain),
        page_route(front, PATH, area=area, get=show_member, post=send_member, explain=explain),
        *proven.routes(front),
    ]
