"""The counter, up to the hand-over: the code, the person, the device. A scanner is a keyboard that presses Enter; every step is
an address, so going back is going back, and nothing is final before the fourth."""

from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.lifecycle.others import PickUpState
from otpward.core.model.member import Area, Operator
from otpward.core.policy.roles import Permission
from otpward.edges.http.console import counter_hand_over
from otpward.edges.http.console.address import key_of
from otpward.edges.http.console.counter_view import Drawer, Step, day_of, read_drawer, say_why_not, why_not
from otpward.edges.http.console.door import admit
from otpward.edges.http.console.labels import PAPERS
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.services.deliver.find_pick_up import NoSuchPickUp, find_pick_up

PATH: Final = "/console/counter"


def show_code(visit: Visit) -> Response:
    """Step 1: the pass is scanned, or its code typed."""
    admit(visit, Permission.HAND_OVER)
    return visit.page("console/counter/code.html", values={}, step=Step.CODE)


def send_code(visit: Visit) -> Response:
    """On to the person; or why nothing can be collected under this code."""
    operator = admit(visit, Permission.HAND_OVER)
    typed, vault = visit.form.get("code", ""), visit.front.house.vault
    if not typed.strip():
        return _code_again(visit, visit.words._("Scan the pass, or type the pick-up code"))
    try:
        found = visit.look(lambda uow: find_pick_up(typed, operator=operator, uow=uow, vault=vault))
    except NoSuchPickUp:
        pick_up, elsewhere = visit.look(lambda uow: why_not(typed, operator=operator, uow=uow, vault=vault))
    else:
        if visit.front.house.clock.now() < found.until:
            return visit.go(f"{PATH}/{found.id}/person")
        pick_up, elsewhere = found, None
    day = visit.front.pages.show(visit.lang).date(day_of(pick_up)) if pick_up else ""
    return _code_again(visit, say_why_not(pick_up, elsewhere, visit.words, day))


def show_person(visit: Visit) -> Response:
    """Step 2: the person and the ID are compared with the name and birth date on file."""
    drawer = _drawer(visit, admit(visit, Permission.HAND_OVER))
    if drawer.pick_up.state is not PickUpState.READY:
        return _elsewhere(visit, drawer)
    return _person(visit, drawer)


def send_person(visit: Visit) -> Response:
    """On to the device, once a paper was seen and the person compared."""
    drawer = _drawer(visit, admit(visit, Permission.HAND_OVER))
    _ = visit.words._
    paper, errors = visit.form.get("paper", ""), {}
    if paper not in PAPERS:
        errors["paper"] = _("Choose the paper you have seen")
    if visit.form.get("same_person") != "yes":
        errors["same_person"] = _("Compare name, birth date and photo, and tick the box")
    if errors:
        return _person(visit, drawer, errors)
    return visit.go(f"{PATH}/{drawer.pick_up.id}/device?{urlencode({'paper': paper})}")


def show_device(visit: Visit) -> Response:
    """Step 3: the device from the drawer is scanned."""
    drawer = _drawer(visit, admit(visit, Permission.HAND_OVER))
    if drawer.pick_up.state is not PickUpState.READY:
        return _elsewhere(visit, drawer)
    if visit.query.get("paper") not in PAPERS:
        return visit.go(f"{PATH}/{drawer.pick_up.id}/person")
    return _device(visit, drawer)


def send_device(visit: Visit) -> Response:
    """On to the test, if it is the device that was set aside."""
    drawer = _drawer(visit, admit(visit, Permission.HAND_OVER))
    _ = visit.words._
    paper, typed = visit.query.get("paper", ""), visit.form.get("serial", "").strip()
    if paper not in PAPERS:
        return visit.go(f"{PATH}/{drawer.pick_up.id}/person")
    if not typed:
        return _device(visit, drawer, {"serial": _("Scan or type the serial number")})
    if typed.upper() != drawer.token.serial.upper():
        text = _(
            "This is another device. Take the one whose number ends in {tail} from the drawer", tail=drawer.token.serial[-4:]
        )
        return _device(visit, drawer, {"serial": text})
    return visit.go(f"{PATH}/{drawer.pick_up.id}/test?{urlencode({'paper': paper, 'serial': drawer.token.serial})}")


def _drawer(visit: Visit, operator: Operator) -> Drawer:
    key = key_of(visit.path("id"))
    return visit.look(lambda uow: read_drawer(key, operator=operator, uow=uow))


def _elsewhere(visit: Visit, drawer: Drawer) -> Response:
    """A step that is over leads to where the hand-over stands."""
    if drawer.waits_for_test:
        return visit.go(f"{PATH}/{drawer.pick_up.id}/test")
    return visit.go(f"{PATH}/{drawer.pick_up.id}/receipt" if drawer.handed_over else PATH)


def _code_again(visit: Visit, text: str) -> Response:
    return visit.page("console/counter/code.html", errors={"code": text}, step=Step.CODE)


def _person(visit: Visit, drawer: Drawer, errors: dict[str, str] | None = None) -> Response:
    papers = [{"value": value, "label": visit.words._(text)} for value, text in PAPERS.items()]
    return visit.page("console/counter/person.html", errors=errors, step=Step.PERSON, drawer=drawer, papers=papers)


def _device(visit: Visit, drawer: Drawer, errors: dict[str, str] | None = None) -> Response:
    return visit.page(
        "console/counter/device.html", errors=errors, step=Step.DEVICE, drawer=drawer, paper=visit.query.get("paper", "")
    )


def routes(front: Front) -> list[BaseRoute]:
    """The pages of this room."""
    area, one = Area.CONSOLE, PATH + "/{id}"
    return [
        page_route(front, PATH, area=area, get=show_code, post=send_code, explain=explain),
        page_route(front, f"{one}/person", area=area, get=show_person, post=send_person, explain=explain),
        page_route(front, f"{one}/device", area=area, get=show_device, post=send_device, explain=explain),
        *counter_hand_over.routes(front),
    ]
