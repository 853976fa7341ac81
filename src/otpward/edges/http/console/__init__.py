"""The operator console: one page for a case, one for a token, a queue for each kind of work."""

from starlette.routing import BaseRoute

from otpward.edges.http.console import (
    approvals,
    audit,
    batch,
    campaigns,
    cases,
    contacts,
    counter,
    documents,
    documents_mend,
    fees,
    forecast,
    losses,
    members,
    messages,
    passes,
    photo,
    policies,
    prove,
    settings,
    shipments,
    sign_in,
    sign_on,
    stock,
    stock_count,
    stock_import,
    stock_quarantine,
    stock_transfer,
    today,
    tokens,
    walk_in,
)
from otpward.edges.http.front import Front

_ROOMS = (
    sign_in,
    sign_on,
    today,
    passes,
    photo,
    cases,
    losses,
    members,
    contacts,
    prove,
    walk_in,
    tokens,
    counter,
    documents_mend,
    documents,
    fees,
    shipments,
    batch,
    stock,
    stock_count,
    stock_import,
    stock_quarantine,
    stock_transfer,
    forecast,
    campaigns,
    policies,
    messages,
    audit,
    approvals,
    settings,
)


def routes(front: Front) -> list[BaseRoute]:
    """Every page of the console."""
    return [route for room in _ROOMS for route in room.routes(front)]
