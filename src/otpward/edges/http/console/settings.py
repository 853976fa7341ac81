"""What an operator sets for themselves."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.model.member import Area, SingleKeys
from otpward.core.policy.roles import Permission
from otpward.edges.http.console.door import admit
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.services.oversee.set_keys import set_keys

PATH = "/console/settings"


def show_settings(visit: Visit) -> Response:
    """As it is set."""
    operator = admit(visit, *Permission)
    done = visit.words._("Saved") if visit.query.get("done") == "saved" else None
    values = {"keys": operator.keys is SingleKeys.ON}
    return visit.page("console/settings/settings.html", values=values, done=done)


def send_settings(visit: Visit) -> Response:
    """It is so from now on."""
    operator = admit(visit, *Permission)
    keys = SingleKeys.ON if visit.form.get("keys") == "yes" else SingleKeys.OFF
    visit.do(lambda desk: set_keys(operator, keys, desk=desk))
    return visit.go(f"{PATH}?done=saved")


def routes(front: Front) -> list[BaseRoute]:
    """The page of this room."""
    return [page_route(front, PATH, area=Area.CONSOLE, get=show_settings, post=send_settings, explain=explain)]
