"""What one application takes: which papers, which fee, how long, and who approves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from otpward.core.errors import NotFound
from otpward.core.model.case import Delivery, Reason
from otpward.core.model.member import Role
from otpward.core.policy.document.model import Document, Policy, Scope, Waiver

WAYS_OF: Final[Mapping[Delivery, frozenset[str]]] = {
    Delivery.BRANCH: frozenset({"counter", "upload"}),
    Delivery.POST: frozenset({"delivery", "upload"}),
    Delivery.APP: frozenset({"upload"}),
}
"""Papers are seen by whoever hands the device over, or beforehand as a copy."""
_WAYS_IN_ORDER: Final = ("counter", "delivery", "upload")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of the member that a fee can depend on; None where it is not known."""

    age: int | None = None
    device_months: int | None = None


NOTHING_KNOWN: Final = Facts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper that is asked for, and the ways to show it on this way of receiving."""

    document: Document
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What it takes. `fee_won` is what is to be paid, `full_fee_won` what it is without a waiver; `waivers` are those that
    would make it free if what they ask is so."""

    kind: str
    reason: Reason
    delivery: Delivery
    offered: bool
    papers: tuple[Paper, ...]
    full_fee_won: int
    waived: Waiver | None
    waivers: tuple[Waiver, ...]
    fee_first: bool
    """Whether nothing is given out before the fee is paid or waived."""
    working_days: int
    two_people: bool
    approvers: frozenset[Role]
    hold_hours: int

    @property
    def fee_won(self) -> int:
        """What is to be paid."""
        return 0 if self.waived is not None else self.full_fee_won


def requirement(policy: Policy, kind: str, reason: Reason, delivery: Delivery, facts: Facts = NOTHING_KNOWN) -> Requirement:
    """What this kind of applicant needs for this reason on this way of receiving.

    Raises:
        NotFound: the policy knows no such kind.
    """
    if kind not in policy.kinds:
        raise NotFound("no such kind of applicant")
    terms = _terms(policy, kind, reason, delivery)
    fee = terms["fee_won"]
    chain = policy.kinds[kind].chain
    waivers = [one for one in policy.waivers if _meant(one.scope, chain) and one.scope.covers(reason, delivery)] if fee else []
    waived = next((one for one in waivers if _is_met(one, facts)), None)
    return Requirement(
        kind=kind,
        reason=reason,
        delivery=delivery,
        offered=terms["offered"] and policy.kinds[kind].offered,
        papers=tuple(_paper(policy.documents[name], delivery) for name in terms["documents"]),
        full_fee_won=fee,
        waived=waived,
        waivers=tuple(one for one in waivers if waived is None and not _is_ruled_out(one, facts)),
        fee_first=terms["fee_first"],
        working_days=terms["working_days"],
        two_people=terms["two_people"],
        approvers=frozenset(map(Role, terms["approvers"])),
        hold_hours=terms["hold_hours"],
    )


def _terms(policy: Policy, kind: str, reason: Reason, delivery: Delivery) -> Mapping[str, Any]:
    """Rules for all first, in their order; then those for each kind of the chain. A later one replaces what it says."""
    terms: dict[str, Any] = {}
    covering = [rule for rule in policy.rules if rule.scope.covers(reason, delivery)]
    for rule in covering:
        if not rule.scope.kinds:
            terms |= rule.terms
    for name in policy.kinds[kind].chain:
        for rule in covering:
            if name in rule.scope.kinds:
                terms |= rule.terms
    return terms


def _meant(scope: Scope, chain: tuple[str, ...]) -> bool:
    return not scope.kinds or not scope.kinds.isdisjoint(chain)


def _is_met(waiver: Waiver, facts: Facts) -> bool:
    old_enough = not waiver.age_from or (facts.age is not None and facts.age >= waiver.age_from)
    new_enough = not waiver.device_months or (facts.device_months is not None and facts.device_months < waiver.device_months)
    return old_enough and new_enough


def _is_ruled_out(waiver: Waiver, facts: Facts) -> bool:
    """Whether it is known that it does not apply."""
    young = bool(waiver.age_from) and facts.age is not None and facts.age < waiver.age_from
    worn = bool(waiver.device_months) and facts.device_months is not None and facts.device_months >= waiver.device_months
    return young or worn


def _paper(document: Document, delivery: Delivery) -> Paper:
    ways = tuple(way for way in _WAYS_IN_ORDER if way in document.shown and way in WAYS_OF[delivery])
    return Paper(document=document, ways=ways)
