"""What an application takes, as its policy says: which papers, what it costs, how long. The help pages, the page before the
start and the application itself all read it here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from otpward.clerk.policy import asked_of, policy_now
from otpward.core.model.case import Case, Delivery, Reason
from otpward.core.policy.document.model import Policy, Waiver
from otpward.core.policy.document.requirement import NOTHING_KNOWN, Facts, Paper, Requirement, requirement
from otpward.edges.http.front import Visit
from otpward.edges.http.words import Words, later

SHOWN: Final[Mapping[str, str]] = {
    "counter": later("shown at the counter"),
    "delivery": later("shown on delivery"),
    "upload": later("sent as a photo or PDF"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The same for all of these reasons, on one way of receiving."""

    reasons: tuple[Reason, ...]
    every: bool
    """Whether there is no other reason."""
    asked: Requirement
    waivers: Sequence[tuple[Waiver, tuple[Reason, ...]]]
    """What would make it free; with the reasons for which it does, where those are not all of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of receiving, and what it takes for each group of reasons."""

    delivery: Delivery
    terms: Sequence[Terms]


def policy_here(visit: Visit) -> Policy:
    """The policy in force."""
    inside, now = visit.institution.id, visit.front.house.clock.now()
    return visit.look(lambda uow: policy_now(inside, uow=uow, now=now))


def asked_here(visit: Visit, case: Case, delivery: Delivery | None = None) -> Requirement:
    """What this application takes, under the policy that it began under."""
    now = visit.front.house.clock.now()
    return visit.look(lambda uow: asked_of(case, uow=uow, now=now, delivery=delivery))


def ways(policy: Policy, kind: str, reasons: Iterable[Reason] = Reason, facts: Facts = NOTHING_KNOWN) -> list[Way]:
    """What this kind of applicant needs: for each way of receiving the reasons that are alike in one group. What is not offered
    is not there."""
    meant = tuple(reasons)
    found = []
    for delivery in Delivery:
        groups: dict[object, list[Requirement]] = {}
        for reason in meant:
            asked = requirement(policy, kind, reason, delivery, facts)
            if asked.offered:
                groups.setdefault(_alike(asked), []).append(asked)
        terms = [
            Terms(
                reasons=tuple(one.reason for one in group),
                every=len(group) == len(meant),
                asked=group[0],
                waivers=_waivers(group),
            )
            for group in groups.values()
        ]
        if terms:
            found.append(Way(delivery=delivery, terms=terms))
    return found


def _waivers(group: Sequence[Requirement]) -> list[tuple[Waiver, tuple[Reason, ...]]]:
    found: dict[str, tuple[Waiver, list[Reason]]] = {}
    for asked in group:
        for one in asked.waivers:
            found.setdefault(one.name, (one, []))[1].append(asked.reason)
    return [(one, () if len(reasons) == len(group) else tuple(reasons)) for one, reasons in found.values()]


def _alike(asked: Requirement) -> object:
    return (
        asked.fee_won,
        asked.working_days,
        tuple((one.document.name, one.ways) for one in asked.papers),
    )


def papers_in_words(papers: Iterable[Paper], words: Words) -> list[str]:
    """Each paper with how fresh it must be and how it is shown."""
    return [_paper(paper, words) for paper in papers]


def _paper(paper: Paper, words: Words) -> str:
    name = paper.document.title.text(words.lang)
    how = _either([words._(SHOWN[way]) for way in paper.ways], words)
    if not paper.document.months:
        return f"{name} ({how})"
    fresh = words.ngettext("issued within {n} month", "issued within {n} months", paper.document.months)
    return f"{name} ({fresh}; {how})"


def _either(said: Sequence[str], words: Words) -> str:
    return words._("{one} or {other}", one=said[0], other=said[1]) if len(said) == 2 else "".join(said)


def names_of(papers: Iterable[Paper], words: Words) -> str:
    """Their names in one line; in words, that none is needed."""
    names = list(dict.fromkeys(one.document.title.text(words.lang) for one in papers))
    return ", ".join(names) if names else words._("no papers")
