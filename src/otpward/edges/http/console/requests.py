"""What waits for a second person, whatever it is about: who asks, what changes, why, until when, and whether this operator
may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from otpward.clerk.policy import policy_of, version_now
from otpward.core.lifecycle.campaign import CampaignState
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.policy import PolicyState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.member import Member, Operator
from otpward.core.model.policy_version import PolicyVersion
from otpward.core.model.token import TokenHold
from otpward.core.policy.document.model import Policy
from otpward.core.policy.document.requirement import requirement
from otpward.core.policy.rates import LIFT_WISH_LIFE, REQUEST_LIFE
from otpward.core.policy.roles import Permission
from otpward.edges.http.badges import CASES
from otpward.edges.http.console.door import allowed
from otpward.edges.http.console.labels import DELIVERIES, HOLDS, REASONS
from otpward.edges.http.console.rows import named
from otpward.edges.http.show import masked_name
from otpward.edges.http.words import Words, later
from otpward.ports.queue import Wanted
from otpward.ports.unit_of_work import Before, UnitOfWork
from otpward.services.health.decide_campaign import may_decide

SHOWN: Final = 25
"""On a page."""
MOST: Final = 500
"""Of a kind. What waits for a second person lapses in days, so more stand behind one another for no good reason."""


class Kind(StrEnum):
    """What it is about."""

    CASE = "case"
    LIFT = "lift"
    POLICY = "policy"
    RETIRE = "retire"
    EXPORT = "export"
    CAMPAIGN = "campaign"


TITLES: Final = {
    Kind.CASE: later("Approve an application"),
    Kind.LIFT: later("Lift a stop"),
    Kind.POLICY: later("Put a policy into force"),
    Kind.RETIRE: later("Retire an OTP"),
    Kind.EXPORT: later("Let seeds leave"),
    Kind.CAMPAIGN: later("Start a campaign"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One of them. `name` is what the operator knows it by, `href` where all of it stands, `related` the number of the
    application that it belongs to."""

    kind: Kind
    key: UUID
    seen: int
    name: str
    href: str
    asked_by: str
    asked_at: datetime | None
    until: datetime | None
    before: str
    after: str
    why: str
    related: str = ""
    own: bool
    may: bool


def see_requests(operator: Operator, words: Words, *, uow: UnitOfWork, now: datetime, cases: int = MOST) -> list[Request]:
    """What this operator could be asked. Of applications, the kind that can be many, so many: those that lapse first."""
    found: list[Request] = []
    if allowed(operator, Permission.APPROVE):
        found += _cases(operator, words, uow, now, cases) + _lifts(operator, words, uow, now)
        found += _campaigns(operator, words, uow)
    if allowed(operator, Permission.SET_POLICY):
        found += _policies(operator, words, uow, now)
    return found


def count_cases(operator: Operator, *, uow: UnitOfWork) -> int:
    """How many applications could be asked, up to the most that are shown."""
    seen = allowed(operator, Permission.APPROVE)
    return uow.queue.count(Wanted(states={CaseState.AWAITING_APPROVAL: None}), most=MOST) if seen else 0


def _cases(operator: Operator, words: Words, uow: UnitOfWork, now: datetime, most: int) -> list[Request]:
    cases = uow.cases.find(state=CaseState.AWAITING_APPROVAL, order="approval_until", limit=most)
    people = named(uow.members, (key for case in cases for key in (case.checked_by, case.member_id)))
    policies: dict[UUID | None, Policy] = {}
    for case in cases:  # few policies stand behind many cases
        if case.policy_id not in policies:
            policies[case.policy_id] = policy_of(case, uow=uow, now=now)
    return [_case(case, people, operator, words, policies[case.policy_id]) for case in cases]


def _case(case: Case, people: dict[UUID, Member], operator: Operator, words: Words, policy: Policy) -> Request:
    # who approves does not depend on what is known of the member
    asked = requirement(policy, case.applicant, case.reason, case.delivery or Delivery.BRANCH)
    facts = [words._(REASONS[case.reason]), words._(DELIVERIES[case.delivery]) if case.delivery else ""]
    return Request(
        kind=Kind.CASE,
        key=case.id,
        seen=case.version,
        name=f"{masked_name(people[case.member_id].name.reveal())} · {' · '.join(filter(None, facts))}",
        href=f"/console/cases/{case.number}",
        asked_by=name_of(people, case.checked_by),
        asked_at=None,
        until=case.approval_until,
        before=words._(CASES[CaseState.AWAITING_APPROVAL][0]),
        after=words._(CASES[CaseState.PREPARING][0]),
        why=case.approval_reason.reveal(),
        related=case.number,
        own=operator.member_id in {case.member_id, case.checked_by if asked.two_people else None},
        may=operator.role in asked.approvers,
    )


def _lifts(operator: Operator, words: Words, uow: UnitOfWork, now: datetime) -> list[Request]:
    lines = uow.holds.find(lift_asked_at=Before(now + timedelta(seconds=1)), lifted_at=None, order="lift_asked_at", limit=MOST)
    people = named(uow.members, (line.lift_asked_by for line in lines))
    standing = [line for line in lines if line.lift_asked_at is not None and now <= line.lift_asked_at + LIFT_WISH_LIFE]
    return [_lift(line, people, operator, words, uow) for line in standing]


def _lift(line: TokenHold, people: dict[UUID, Member], operator: Operator, words: Words, uow: UnitOfWork) -> Request:
    token = uow.tokens.get(line.token_id)
    holders = {one.member_id for one in uow.registrations.find(token_id=token.id, ended_at=None)}
    report = uow.losses.first(id=line.report_id) if line.report_id else None
    case = uow.cases.first(id=report.case_id) if report is not None and report.case_id else None
    return Request(
        kind=Kind.LIFT,
        key=line.id,
        seen=line.version,
        name=token.serial,
        href=f"/console/tokens/{token.serial}",
        asked_by=name_of(people, line.lift_asked_by),
        asked_at=line.lift_asked_at,
        until=line.lift_asked_at + LIFT_WISH_LIFE if line.lift_asked_at else None,
        before=words._(HOLDS[line.hold]),
        after=words._("In use"),
        why=words._("The holder was there with the device, and their papers were seen"),
        related=case.number if case else "",
        own=operator.member_id in {line.lift_asked_by, *holders},
        may=True,
    )


def _policies(operator: Operator, words: Words, uow: UnitOfWork, now: datetime) -> list[Request]:
    put = uow.policies.find(state=PolicyState.PROPOSED, order="number", limit=MOST)
    if not put:
        return []
    now_in_force = version_now(put[0].institution_id, uow=uow, now=now)
    people: dict[str, str] = {str(key): one.name.reveal() for key, one in named(uow.members, _hands(put)).items()}
    before = words._("Version {n}", n=now_in_force.number) if now_in_force else words._("The first rules")
    return [
        Request(
            kind=Kind.POLICY,
            key=one.id,
            seen=one.version,
            name=words._("Version {n}", n=one.number),
            href=f"/console/policies/{one.number}",
            asked_by=people.get(one.proposed_by, one.proposed_by),
            asked_at=one.proposed_at,
            until=one.proposed_at + REQUEST_LIFE if one.proposed_at else None,
            before=before,
            after=words._("Version {n}", n=one.number),
            why=one.note,
            own=str(operator.member_id) in {*one.written_by, one.proposed_by},
            may=True,
        )
        for one in put
    ]


def _campaigns(operator: Operator, words: Words, uow: UnitOfWork) -> list[Request]:
    put = uow.campaigns.find(state=CampaignState.PROPOSED, order="number", limit=MOST)
    people = named(uow.members, (one.made_by for one in put))
    return [
        Request(
            kind=Kind.CAMPAIGN,
            key=one.id,
            seen=one.version,
            name=one.name,
            href=f"/console/campaigns/{one.number}",
            asked_by=name_of(people, one.made_by),
            asked_at=one.made_at,
            until=one.made_at + REQUEST_LIFE,
            before=words._("Nobody is asked"),
            after=words._("Its members are asked"),
            why="",
            own=one.made_by == operator.member_id,
            may=may_decide(one, operator),
        )
        for one in put
    ]


def _hands(versions: Sequence[PolicyVersion]) -> list[UUID]:
    return [UUID(one.proposed_by) for one in versions if len(one.proposed_by) == 36]


def name_of(people: dict[UUID, Member], key: UUID | None) -> str:
    """Whose name it is, or a dash."""
    return people[key].name.reveal() if key in people else "–"
