"""Devices by their state, their branch and their member, a page at a time, those stocked last first."""

from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import Response

from otpward.core.lifecycle.token import TokenState
from otpward.core.model.member import Operator, fold_login
from otpward.edges.http.badges import STATES
from otpward.edges.http.console.door import MEMBERS, allowed
from otpward.edges.http.front import Visit
from otpward.ports.shelf import Found, ShelfQuery, Spot

PATH: Final = "/console/tokens"
_ROWS: Final = 50
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def search_page(visit: Visit, operator: Operator, asked: str) -> Response:
    """The search, and what it finds. By member only for who may look members up."""
    query = visit.query
    sees_member = allowed(operator, *MEMBERS)
    login = fold_login(query.get("member", ""))[:64] if sees_member else ""
    branches = visit.look(lambda uow: uow.branches.find(order="code"))
    branch = next((one for one in branches if one.code == query.get("branch", "")), None)
    state = TokenState(query["state"]) if query.get("state") in set(TokenState) else None
    member = visit.look(lambda uow: uow.members.first(login=login)) if login else None
    wanted = ShelfQuery(
        state=state, branch_id=None if branch is None else branch.id, member_id=None if member is None else member.id
    )
    searched = bool(state or branch or login)
    found: list[Found] = []
    if searched and (member is not None or not login):
        found = list(visit.look(lambda uow: uow.shelf.page(wanted, limit=_ROWS + 1, after=_spot(query.get("after", "")))))
    return visit.page(
        "console/tokens/search.html",
        values=query,
        asked=asked,
        searched=searched,
        found=found[:_ROWS],
        further=_further(visit, found[_ROWS - 1]) if len(found) > _ROWS else None,
        paged=bool(query.get("after")),
        branches=branches,
        names={one.id: one.name(visit.lang) for one in branches},
        states=[(str(one), visit.words._(word)) for one, (word, _role) in STATES.items()],
        sees_member=sees_member,
    )


def _further(visit: Visit, last: Found) -> str:
    at = (last.device.stocked_at - _EPOCH) // _MICROSECOND
    kept = {name: visit.query.get(name, "") for name in ("state", "branch", "member")}
    return f"?{urlencode({**{name: value for name, value in kept.items() if value}, 'after': f'{at}.{last.device.id}'})}"


def _spot(text: str) -> Spot | None:
    """Where a page ended; anything else in the address is the beginning."""
    at, _, key = text[:80].partition(".")
    try:
        return Spot(_EPOCH + int(at) * _MICROSECOND, UUID(key))
    except (ValueError, OverflowError):
        return None
