"""What the address of the queue asks for: which applications, in which order, from where on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from otpward.core.ids import BranchId, MemberId
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Delivery, Reason
from otpward.core.model.member import Operator, fold_login
from otpward.edges.http.address import pick
from otpward.ports.queue import Place, Wanted
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.oversee.see_work import overdue_before

PATH: Final = "/console/cases"
PAGE_ROWS: Final = 25
TO_DO: Final = "to_do"
"""The filter for everything that waits for staff rather than for the member."""
STAFF_TURN: Final = (
    CaseState.SUBMITTED,
    CaseState.CHECKING,
    CaseState.AWAITING_APPROVAL,
    CaseState.APPROVED,
    CaseState.PREPARING,
)
AGES: Final = (2, 3, 7, 14)
"""Days."""
MINE, NOBODYS = "me", "nobody"
FILTERS: Final = ("q", "state", "reason", "delivery", "branch", "assigned", "age", "overdue")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OLDEST_FIRST: Final = frozenset({TO_DO, *STAFF_TURN, CaseState.REPORTED, CaseState.DRAFT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The filters, read: `before` and `after` are the places that a page lies beside."""

    wanted: Wanted
    newest: bool
    after: Place | None = None
    before: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of the queue, and whether anything lies on either side of it."""

    cases: Sequence[Case]
    earlier: bool
    later: bool

    @property
    def whole(self) -> bool:
        """Whether these are all there are."""
        return not self.earlier and not self.later


def read_query(query: Mapping[str, str], operator: Operator, *, uow: UnitOfWork, now: datetime) -> Asked:
    """What was asked for; what nobody could have chosen on the page is as if it were not there."""
    state = query.get("state", "")
    wanted = Wanted(
        states=_states(query, now),
        reason=pick(Reason, query.get("reason")),
        delivery=pick(Delivery, query.get("delivery")),
        branch_id=_branch(query.get("branch", "")),
        assigned_to=operator.member_id if query.get("assigned") == MINE else _member(query.get("assigned", "")),
        nobodys=query.get("assigned") == NOBODYS,
    )
    text = query.get("q", "").strip()[:100]
    if text:
        wanted = _about(text, wanted, uow)
    oldest = state in _OLDEST_FIRST or query.get("overdue") == "yes"
    return Asked(wanted=wanted, newest=not oldest, after=_place(query.get("after", "")), before=_place(query.get("before", "")))


def find_page(asked: Asked, *, uow: UnitOfWork, limit: int = PAGE_ROWS) -> Found:
    """One page, read from the place on; never by counting rows from the beginning."""
    if asked.before is not None:
        cases = uow.queue.page(asked.wanted, limit=limit + 1, newest=not asked.newest, after=asked.before)
        return Found(cases=cases[:limit][::-1], earlier=len(cases) > limit, later=True)
    cases = uow.queue.page(asked.wanted, limit=limit + 1, newest=asked.newest, after=asked.after)
    return Found(cases=cases[:limit], earlier=asked.after is not None, later=len(cases) > limit)


def behind(asked: Asked, case: Case) -> Asked:
    """The same, from behind this case on."""
    return replace(asked, after=place_of(case), before=None)


def place_of(case: Case) -> Place:
    """Where a case stands."""
    return Place(since=case.since, id=case.id)


def kept(query: Mapping[str, str]) -> dict[str, str]:
    """The filters alone, as they are kept in a view."""
    return {name: query[name] for name in FILTERS if query.get(name)}


def address(query: Mapping[str, str], **more: str) -> str:
    """The queue with these filters."""
    return f"{PATH}?{urlencode({**kept(query), **more})}"


def spelled(place: Place) -> str:
    """A place, as it stands in an address."""
    return f"{(place.since - _EPOCH) // timedelta(microseconds=1)}-{place.id.hex}"


def _place(text: str) -> Place | None:
    moment, _, key = text.partition("-")
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 16 and len(key) == 32):
        return None
    try:
        return Place(since=_EPOCH + timedelta(microseconds=int(moment)), id=UUID(hex=key))
    except ValueError:
        return None


def _states(query: Mapping[str, str], now: datetime) -> dict[CaseState, datetime | None]:
    state = query.get("state", "")
    one = pick(CaseState, state)
    states = STAFF_TURN if state == TO_DO else (one,) if one is not None else tuple(CaseState)
    age = next((days for days in AGES if str(days) == query.get("age")), None)
    old = None if age is None else now - timedelta(days=age)
    if query.get("overdue") != "yes":
        return dict.fromkeys(states, old)
    late = {state: overdue_before(state, now) for state in states}
    return {state: before if old is None else min(before, old) for state, before in late.items() if before is not None}


def _about(text: str, wanted: Wanted, uow: UnitOfWork) -> Wanted:
    member = uow.members.first(login=fold_login(text))
    return replace(wanted, number=text.upper()) if member is None else replace(wanted, member_id=member.id)


def _branch(text: str) -> BranchId | None:
    key = _key(text)
    return None if key is None else BranchId(key)


def _member(text: str) -> MemberId | None:
    key = _key(text)
    return None if key is None else MemberId(key)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
