"""The counter, up to the hand-over: the code, the person, the device. A scanner is a keyboard that presses Enter; every step is
an address, so going back is going back, and nothing is final before the fourth."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import Invalid
from otpward.core.model.member import Area
from otpward.core.policy.applicants import RELATIONS, Relation
from otpward.core.policy.papers import DATED, Paper, PapersUnfit
from otpward.core.policy.pick_ups import Who
from otpward.core.policy.roles import Permission
from otpward.edges.http.address import pick
from otpward.edges.http.applicant_words import ACTING, RELATED
from otpward.edges.http.console import counter_hand_over, counter_receipt, swap
from otpward.edges.http.console.counter_view import PATH, Drawer, Step, open_drawer
from otpward.edges.http.console.counter_words import say_fault, say_unfit
from otpward.edges.http.console.door import admit
from otpward.edges.http.console.labels import Labels
from otpward.edges.http.console.papers_form import HINTS, say_flaws, seen_in
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.services.deliver.compare_id import CompareId, compare_id
from otpward.services.deliver.find_pick_up import NoSuchPickUp, find_pick_up
from otpward.services.deliver.look_at_device import Looked, look_at_device

_NAMELESS: Final = {"name", "relation"}


def show_code(visit: Visit) -> Response:
    """Step 1: the pass is scanned, or its code typed."""
    admit(visit, Permission.HAND_OVER)
    return _code(visit)


def send_code(visit: Visit) -> Response:
    """On to the person; or why nothing can be collected under this code."""
    operator = admit(visit, Permission.HAND_OVER)
    typed = visit.form.get("code", "")
    if not typed.strip():
        return _code(visit, {"code": visit.words._("Scan the pass, or type the pick-up code")})
    try:
        found = visit.do(lambda desk: find_pick_up(typed, operator=operator, desk=desk))
    except NoSuchPickUp as refused:
        return _code(visit, {"code": say_fault(visit, refused)})
    return visit.go(f"{PATH}/{found.id}/person")


def show_person(visit: Visit) -> Response:
    """Step 2: whoever collects is compared with their papers, and these with what is on file."""
    drawer = open_drawer(visit, admit(visit, Permission.HAND_OVER))
    return _person(visit, drawer) if drawer.waits else counter_hand_over.elsewhere(visit, drawer)


def send_person(visit: Visit) -> Response:
    """On to the device, once it is recorded who was seen; or each thing that is missing, at its own field."""
    operator = admit(visit, Permission.HAND_OVER)
    drawer, seen = open_drawer(visit, operator), seen_in(visit.form)
    if not drawer.waits:
        return counter_hand_over.elsewhere(visit, drawer)
    ask = CompareId(
        case_id=drawer.case.id,
        operator=operator,
        who=_who(visit, drawer),
        seen=seen,
        name=visit.form.get("person", ""),
        relation=pick(Relation, visit.form.get("relation")),
    )
    try:
        visit.do(lambda desk: compare_id(ask, desk=desk))
    except PapersUnfit as error:
        return _person(visit, drawer, say_flaws(visit, seen, error.flaws))
    except Invalid as error:
        if error.field not in _NAMELESS:
            raise
        return _person(visit, drawer, _unnamed(visit, error))
    return visit.go(f"{drawer.here}/device")


def show_device(visit: Visit) -> Response:
    """Step 3: the device from the drawer is scanned."""
    drawer = open_drawer(visit, admit(visit, Permission.HAND_OVER))
    if not drawer.waits:
        return counter_hand_over.elsewhere(visit, drawer)
    return _device(visit, drawer) if drawer.known is not None else counter_hand_over.compare_first(visit, drawer)


def send_device(visit: Visit) -> Response:
    """On to the test with the device that was set aside, or with another of this branch if that shall take its place."""
    drawer = open_drawer(visit, admit(visit, Permission.HAND_OVER))
    if not drawer.waits:
        return counter_hand_over.elsewhere(visit, drawer)
    if drawer.known is None:
        return counter_hand_over.compare_first(visit, drawer)
    typed, now = visit.form.get("serial", "").strip(), visit.front.house.clock.now()
    if not typed:
        return _device(visit, drawer, {"serial": visit.words._("Scan or type the serial number")})
    looked = visit.look(lambda uow: look_at_device(typed, drawer.pick_up, drawer.case, uow=uow, now=now))
    if looked.token is None or not looked.fits:
        return _device(visit, drawer, {"serial": say_unfit(looked, visit.words)})
    instead = visit.form.get("instead", "")
    if not looked.set_aside and instead not in counter_hand_over.INSTEAD:
        return _device(visit, drawer, other=looked)
    chosen = {"serial": looked.token.serial} | ({} if looked.set_aside else {"instead": instead})
    return visit.go(f"{drawer.here}/test?{urlencode(chosen)}")


def _who(visit: Visit, drawer: Drawer) -> Who:
    """Who stands there: whom the application names, unless the operator says that the member came themselves."""
    expected = drawer.expected
    if expected.acting is None or (expected.member_instead and visit.query.get("who") == Who.MEMBER):
        return Who.MEMBER
    return Who.ACTING


def _unnamed(visit: Visit, error: Invalid) -> dict[str, str]:
    _ = visit.words._
    if error.field == "name":
        return {"person": _("Enter the name as it stands on the ID card")}
    return {"relation": _("Choose what fits")}


def _code(visit: Visit, errors: Mapping[str, str] | None = None) -> Response:
    return visit.page("console/counter/code.html", errors=errors, step=Step.CODE, camera=True)


def _person(visit: Visit, drawer: Drawer, errors: Mapping[str, str] | None = None) -> Response:
    _, expected, label = visit.words._, drawer.expected, Labels(visit.words)
    acting = expected.acting if _who(visit, drawer) is Who.ACTING else None
    kinds = expected.id_kinds if acting is not None or expected.acting is None else tuple(Paper)
    return visit.page(
        "console/counter/person.html",
        errors=errors,
        step=Step.PERSON,
        drawer=drawer,
        again="again" in visit.query and not errors,
        acting=acting,
        acts="" if acting is None else _(ACTING[acting]),
        name=drawer.member.name.reveal() if acting is None else expected.name.reveal(),
        relation="" if acting is None or expected.relation is None else _(RELATED[expected.relation]),
        relations=[(one.value, _(RELATED[one])) for one in RELATIONS[acting]] if acting is not None else [],
        birth_date=drawer.member.birth_date.reveal() if acting is None else "",
        papers=[{"value": one.value, "label": label(one), "hint": _(HINTS[DATED[one]])} for one in kinds],
        bring=[one.title.text(visit.lang) for one in expected.bring],
        action=f"{drawer.here}/person" + (f"?who={Who.MEMBER}" if visit.query.get("who") == Who.MEMBER else ""),
    )


def _device(visit: Visit, drawer: Drawer, errors: Mapping[str, str] | None = None, other: Looked | None = None) -> Response:
    return visit.page(
        "console/counter/device.html",
        errors=errors,
        step=Step.DEVICE,
        drawer=drawer,
        camera=True,
        other=None if other is None else other.token,
    )


def routes(front: Front) -> list[BaseRoute]:
    """The pages of this room."""
    area, one = Area.CONSOLE, PATH + "/{id}"
    return [
        page_route(front, PATH, area=area, get=show_code, post=send_code, explain=explain),
        page_route(front, f"{one}/person", area=area, get=show_person, post=send_person, explain=explain),
        page_route(front, f"{one}/device", area=area, get=show_device, post=send_device, explain=explain),
        *swap.routes(front),
        *counter_hand_over.routes(front),
        *counter_receipt.routes(front),
    ]
