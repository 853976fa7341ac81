"""A photograph of a code at the console: for whoever scans there."""

from typing import Final

from starlette.routing import BaseRoute

from otpward.core.model.member import Area, Level
from otpward.core.policy.roles import Permission
from otpward.edges.http.console.door import admit
from otpward.edges.http.front import Front, Visit
from otpward.edges.http.photos import photo_routes
from otpward.services.sign_in.sessions import Seat

SCANS: Final = (Permission.HAND_OVER, Permission.SHIP, Permission.KEEP_STOCK)


def _scans(visit: Visit) -> Seat:
    admit(visit, *SCANS)
    return visit.need(Level.FULL)


def routes(front: Front) -> list[BaseRoute]:
    """The one route."""
    return photo_routes(front, Area.CONSOLE, _scans)
