"""The operator console: one page for a case, one for a token, a queue for each kind of work."""

from starlette.routing import BaseRoute

from otpward.edges.http.console import (
    audit,
    cases,
    counter,
    losses,
    members,
    shipments,
    sign_in,
    stock,
    today,
    tokens,
    walk_in,
)
from otpward.edges.http.front import Front

_ROOMS = (sign_in, today, cases, losses, members, walk_in, tokens, counter, shipments, stock, audit)


def routes(front: Front) -> list[BaseRoute]:
    """Every page of the console."""
    return [route for room in _ROOMS for route in room.routes(front)]
