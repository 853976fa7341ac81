"""The operator console: one page for a case, one for a token, a queue for each kind of work."""

from starlette.routing import BaseRoute

from otpward.edges.http.console import (
    approvals,
    audit,
    cases,
    contacts,
    counter,
    documents,
    fees,
    losses,
    members,
    policies,
    prove,
    settings,
    shipments,
    sign_in,
    sign_on,
    stock,
    today,
    tokens,
    walk_in,
)
from otpward.edges.http.front import Front

_ROOMS = (
    sign_in,
    sign_on,
    today,
    cases,
    losses,
    members,
    contacts,
    prove,
    walk_in,
    tokens,
    counter,
    documents,
    fees,
    shipments,
    stock,
    policies,
    audit,
    approvals,
    settings,
)


def routes(front: Front) -> list[BaseRoute]:
    """Every page of the console."""
    return [route for room in _ROOMS for route in room.routes(front)]
