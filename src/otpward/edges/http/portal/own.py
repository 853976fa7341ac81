"""Whose application it is: every page about one asks here first, and somebody else's number is no number at all."""

from otpward.core.errors import NotFound
from otpward.core.model.case import Case
from otpward.core.model.member import Level
from otpward.core.model.proof import Act
from otpward.edges.http.front import SignInFirst, Visit
from otpward.services.sign_in.sessions import Seat


def proven(visit: Visit, act: Act) -> Seat:
    """Who sits here, proven or signed in; otherwise the visitor is sent to show who they are, for this act."""
    try:
        return visit.need(Level.PROVEN, Level.FULL)
    except SignInFirst:
        raise SignInFirst(f"/prove?for={act}") from None


def looking(visit: Visit) -> Seat:
    """Who sits here, if only to look: a sign-on elsewhere is enough for that."""
    try:
        return visit.need(Level.SEEN, Level.PROVEN, Level.FULL)
    except SignInFirst:
        raise SignInFirst(f"/prove?for={Act.FOLLOW}") from None


def own_case(visit: Visit, seat: Seat, number: str) -> Case:
    """The case of this number, if it is this member's; raises `NotFound`, and does not tell whose it is."""
    case = visit.look(lambda uow: uow.cases.first(number=number, member_id=seat.member.id))
    if case is None:
        raise NotFound("no such case")
    return case
