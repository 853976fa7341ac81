"""What the pages of the policy show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from starlette.responses import Response

from otpward.core.errors import NotFound
from otpward.core.lifecycle.policy import PolicyState
from otpward.core.model.case import Delivery, Reason
from otpward.core.model.member import Operator
from otpward.core.model.policy_version import PolicyVersion
from otpward.core.policy.document.build import read_policy
from otpward.core.policy.document.difference import Difference, differences
from otpward.core.policy.document.faults import BadPolicy
from otpward.core.policy.document.model import Policy
from otpward.core.policy.document.requirement import Requirement, requirement
from otpward.core.policy.roles import Permission
from otpward.core.policy.versions import Standing, day_of
from otpward.edges.http.address import pick
from otpward.edges.http.console.door import allowed
from otpward.edges.http.console.labels import DELIVERIES, REASONS, ROLES
from otpward.edges.http.front import Visit
from otpward.edges.http.words import Words, later
from otpward.ports.unit_of_work import Among, UnitOfWork
from otpward.services.oversee.policies.see_policies import Seen, see_policies, see_policy

PATH: Final = "/console/policies"
POLICIES: Final = (Permission.SET_POLICY, Permission.SEE_AUDIT)
STANDINGS: Final[Mapping[Standing, tuple[str, str]]] = {
    Standing.DRAFT: (later("Draft"), "plain"),
    Standing.PROPOSED: (later("Awaiting approval"), "warning"),
    Standing.COMING: (later("Approved, not in force yet"), "info"),
    Standing.IN_FORCE: (later("In force now"), "success"),
    Standing.OVER: (later("Replaced"), "plain"),
    Standing.WITHDRAWN: (later("Withdrawn"), "plain"),
}
SHOWN: Final[Mapping[str, str]] = {
    "counter": later("at the counter"),
    "delivery": later("on delivery"),
    "upload": later("photo or PDF"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One version with the names of those whose hands it went through."""

    seen: Seen
    names: Mapping[str, str]

    @property
    def version(self) -> PolicyVersion | None:
        """The version; None for what the institution was opened with."""
        return None if self.seen.listed is None else self.seen.listed.version

    @property
    def standing(self) -> Standing | None:
        """Where it stands."""
        return None if self.seen.listed is None else self.seen.listed.standing

    def by(self, hand: str) -> str:
        """The name of whoever this was."""
        return self.names.get(hand, hand)


def list_page(visit: Visit) -> Response:
    """Every version."""
    inside, now = visit.institution.id, visit.front.house.clock.now()
    rows = visit.look(lambda uow: see_policies(inside, uow=uow, now=now))
    names = visit.look(lambda uow: _names([one.version for one in rows], visit.words, uow))
    return visit.page(
        "console/policies/list.html",
        values={},
        rows=rows,
        names=names,
        standings=STANDINGS,
        in_force=any(one.standing is Standing.IN_FORCE for one in rows),
        may_write=allowed(visit.operator(), Permission.SET_POLICY),
    )


def look_at(visit: Visit, number: int | None = None) -> View:
    """The version that the address names, beside the one in force or `?before=`; raises `NotFound`."""
    inside, now = visit.institution.id, visit.front.house.clock.now()
    wanted = _number(visit.path("name")) if number is None else number
    before = visit.query.get("before", "")
    beside = _number(before) if before else None
    seen = visit.look(lambda uow: see_policy(inside, wanted, uow=uow, now=now, before=beside))
    versions = [seen.listed.version] if seen.listed is not None else []
    return View(seen=seen, names=visit.look(lambda uow: _names(versions, visit.words, uow)))


def policy_page(
    visit: Visit,
    operator: Operator,
    view: View,
    *,
    checked: str | None = None,
    done: str | None = None,
    faults: Sequence[str] = (),
    errors: Mapping[str, str] | None = None,
    status: int | None = None,
) -> Response:
    """The page of one version. `checked` is a text that was typed and is looked at without being kept."""
    version, now = view.version, visit.front.house.clock.now()
    policy, changed, faults = _as_typed(view.seen, checked, visit.lang, faults)
    mine = version is not None and str(operator.member_id) in {*version.written_by, version.proposed_by}
    may_write = allowed(operator, Permission.SET_POLICY)
    if faults and not errors:
        errors = {"text": faults[0]}
    return visit.page(
        "console/policies/policy.html",
        errors=errors,
        status=status,
        values={
            "text": view.seen.text if checked is None else checked,
            "note": version.note if version is not None and not visit.form else visit.form.get("note", ""),
            "effective_on": visit.form.get("effective_on") or day_of(now).isoformat(),
            **{key: visit.query.get(key, "") for key in ("kind", "reason", "delivery")},
        },
        view=view,
        version=version,
        standing=STANDINGS[view.standing] if view.standing is not None else None,
        state=view.standing.value if view.standing is not None else "",
        editable=may_write and version is not None and version.state is PolicyState.DRAFT,
        may_write=may_write,
        mine=mine,
        written_by=", ".join(sorted(view.by(hand) for hand in version.written_by)) if version is not None else "",
        today=day_of(now).isoformat(),
        done=done,
        checked=checked is not None and not faults,
        faults=faults,
        changed=changed,
        before=view.seen.before,
        **_trial(visit, policy),
    )


def new_page(
    visit: Visit,
    *,
    checked: str | None = None,
    faults: Sequence[str] = (),
    errors: Mapping[str, str] | None = None,
) -> Response:
    """A new draft, before it is kept for the first time."""
    inside, now = visit.institution.id, visit.front.house.clock.now()
    source = visit.query.get("from", "")
    view = look_at(visit, _number(source) if source else visit.look(lambda uow: _in_force(inside, uow, now)))
    _, changed, faults = _as_typed(view.seen, checked, visit.lang, faults)
    if faults and not errors:
        errors = {"text": faults[0]}
    return visit.page(
        "console/policies/new.html",
        errors=errors,
        values={"text": view.seen.text if checked is None else checked, "note": visit.form.get("note", "")},
        view=view,
        checked=checked is not None and not faults,
        faults=faults,
        changed=changed,
        before=view.seen.before,
    )


def _in_force(inside: Any, uow: UnitOfWork, now: Any) -> int:
    found = [one for one in see_policies(inside, uow=uow, now=now) if one.standing is Standing.IN_FORCE]
    return found[0].version.number if found else 0


def _as_typed(
    seen: Seen, checked: str | None, lang: str, faults: Sequence[str]
) -> tuple[Policy, Sequence[Difference], Sequence[str]]:
    """The policy that the page speaks of, what it changes, and what is wrong with what was typed."""
    if checked is None or faults:
        return seen.policy, seen.differences, faults
    try:
        typed = read_policy(checked.replace("\r\n", "\n"))
    except BadPolicy as error:
        return seen.policy, seen.differences, [fault.sentence(lang) for fault in error.faults]
    return typed, differences(seen.old, typed), ()


def _trial(visit: Visit, policy: Policy) -> dict[str, Any]:
    """What it would ask of a sample member."""
    words, query = visit.words, visit.query
    kind, reason, delivery = query.get("kind", ""), pick(Reason, query.get("reason")), pick(Delivery, query.get("delivery"))
    asked: Requirement | None = None
    if kind in policy.kinds and reason is not None and delivery is not None:
        asked = requirement(policy, kind, reason, delivery)
    return {
        "kinds": [(one.name, one.title.text(visit.lang)) for one in policy.kinds.values()],
        "reasons": [(one.value, words._(text)) for one, text in REASONS.items()],
        "deliveries": [(one.value, words._(text)) for one, text in DELIVERIES.items()],
        "asked": asked,
        "papers": [_paper(one, words) for one in asked.papers] if asked is not None else [],
        "approvers": [words._(ROLES[role]) for role in ROLES if asked is not None and role in asked.approvers],
    }


def _paper(paper: Any, words: Words) -> str:
    fresh = words.ngettext("issued within {n} month", "issued within {n} months", paper.document.months)
    ways = ", ".join(words._(SHOWN[way]) for way in paper.ways)
    return " · ".join([paper.document.title.text(words.lang), *([fresh] if paper.document.months else []), ways])


def _names(versions: Sequence[PolicyVersion], words: Words, uow: UnitOfWork) -> Mapping[str, str]:
    hands = {hand for one in versions for hand in (*one.written_by, one.proposed_by, str(one.decided_by or ""))}
    keys = frozenset(key for hand in hands if (key := _uuid(hand)) is not None)
    people = uow.members.find(id=Among(keys)) if keys else []
    systems = uow.api_keys.find(id=Among(keys)) if keys else []
    return {
        "operator": words._("Command line"),
        **{str(one.id): one.name.reveal() for one in people},
        **{str(one.id): words._("API key") for one in systems},
    }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise NotFound("no such version")
    return int(text)
