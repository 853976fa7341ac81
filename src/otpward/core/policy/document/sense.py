"""What is wrong with a policy only in sum: names that nobody describes, kinds that are like one another, papers that cannot be
shown."""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

from otpward.core.model.case import Delivery, Reason
from otpward.core.model.member import Role
from otpward.core.policy.document.faults import Fault, Flaw
from otpward.core.policy.document.model import Policy
from otpward.core.policy.document.requirement import requirement
from otpward.core.policy.document.values import shown
from otpward.core.policy.roles import ALLOWED, Permission


def faults_in_references(whole: Mapping[str, Any]) -> Iterable[Fault]:
    """Names that are not described in the text, circles among kinds, roles that cannot approve."""
    kinds, documents = whole["kinds"], whole["documents"]
    for name, kind in kinds.items():
        if kind["like"] and kind["like"] not in kinds:
            yield _not_there(f"kinds.{name}.like", kind["like"])
        elif (circle := _circle(name, kinds))[-1] == name and len(circle) > 1:
            yield Fault(flaw=Flaw.CYCLE, path=f"kinds.{name}.like", more={"value": " → ".join(circle)})
    for part in ("rules", "waivers"):
        for name, one in whole[part].items():
            yield from (_not_there(f"{part}.{name}.kinds", kind) for kind in one["kinds"] if kind not in kinds)
    for name, rule in whole["rules"].items():
        wanted = rule["documents"] or ()
        yield from (_not_there(f"rules.{name}.documents", one) for one in wanted if one not in documents)
        yield from _approvers(name, rule["approvers"])
    yield from _general_rule(whole["rules"])
    if not whole["reminders"]["ways"]:  # the notice of a renewal, which can be objected to, goes as one
        yield Fault(flaw=Flaw.EMPTY, path="reminders.ways")
    yield from (Fault(flaw=Flaw.EMPTY, path=f"documents.{name}.shown") for name, one in documents.items() if not one["shown"])


def _approvers(name: str, roles: list[str] | None) -> Iterable[Fault]:
    path = f"rules.{name}.approvers"
    if roles == []:
        yield Fault(flaw=Flaw.EMPTY, path=path)
    for role in roles or ():
        if Permission.APPROVE not in ALLOWED[Role(role)]:
            yield Fault(flaw=Flaw.CANNOT_APPROVE, path=path, more={"value": role})


def _general_rule(rules: Mapping[str, Any]) -> Iterable[Fault]:
    """The rule that every other one builds on goes for all; what it does not say is today's default, so it says everything."""
    for part in ("kinds", "reasons", "deliveries"):
        if rules["all"][part]:
            yield Fault(flaw=Flaw.WRONG_TYPE, path=f"rules.all.{part}", more={"expected": "[]"})


def chain_of(name: str, kinds: Mapping[str, Any]) -> tuple[str, ...]:
    """The kinds whose rules go for this one: the furthest first, itself last."""
    return tuple(reversed(_circle(name, kinds)))


def _circle(name: str, kinds: Mapping[str, Any]) -> list[str]:
    """From one kind to the one that it is like, until there is none or it comes back to where it began."""
    seen = [name]
    while (like := kinds.get(seen[-1], {}).get("like")) and like not in seen[1:]:
        seen.append(like)
        if like == name:
            break
    return seen


def faults_in_sum(policy: Policy) -> Iterable[Fault]:
    """Papers that nobody can show on some way of receiving; nothing that can be applied for."""
    told: set[tuple[str, Delivery]] = set()
    offered = False
    for kind, reason, delivery in product(policy.offered_kinds, Reason, Delivery):
        asked = requirement(policy, kind.name, reason, delivery)
        offered = offered or asked.offered
        for paper in asked.papers if asked.offered else ():
            if not paper.ways and (paper.document.name, delivery) not in told:
                told.add((paper.document.name, delivery))
                more = {"value": paper.document.name, "delivery": delivery.value}
                yield Fault(flaw=Flaw.CANNOT_SHOW, path=f"documents.{paper.document.name}.shown", more=more)
    if not offered:
        yield Fault(flaw=Flaw.NOTHING_OFFERED, path="kinds" if not policy.offered_kinds else "rules")


def _not_there(path: str, name: str) -> Fault:
    return Fault(flaw=Flaw.NOT_THERE, path=path, more={"value": shown(name)})
