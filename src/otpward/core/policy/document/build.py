"""The policy is made of a text that the layout agrees with, and of which the whole makes sense too."""

import json
from collections.abc import Iterable, Mapping
from datetime import time, timezone
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from otpward.core.model.case import Delivery, Reason
from otpward.core.model.shipping import MailClass
from otpward.core.policy.document.check import faults_of, filled, missing
from otpward.core.policy.document.faults import BadPolicy, Fault
from otpward.core.policy.document.model import (
    AppTerms,
    Contact,
    Deadlines,
    Document,
    Kind,
    Mailing,
    PassTerms,
    Policy,
    Reminders,
    Retention,
    Rule,
    Said,
    Scope,
    StockTerms,
    Waiver,
)
from otpward.core.policy.document.proofs import combinations_of, weak_proofs
from otpward.core.policy.document.sense import chain_of, faults_in_references, faults_in_sum
from otpward.core.policy.document.text import read_octets, read_text
from otpward.core.policy.document.values import offset_of
from otpward.core.policy.papers import Paper
from otpward.core.policy.quiet import Way

FAULTS_MAX: Final = 100
"""Nobody reads more, and a text of nothing but faults is not answered with a book."""
_TERMS: Final = ("offered", "documents", "fee_won", "fee_first", "working_days", "two_people", "approvers", "hold_hours")


@lru_cache(maxsize=128)
def read_policy(text: str) -> Policy:
    """The policy of this text; kept, since many ask and few change it.

    Raises:
        BadPolicy: with everything that is wrong.
    """
    return policy_of(read_text(text))


@lru_cache(maxsize=128)
def read_whole(text: str) -> Policy:
    """The policy that `whole_of` wrote down: it says everything itself, whatever today's default is."""
    return _built(filled(json.loads(text), closed=True))


def whole_of(policy: Policy) -> str:
    """A policy with everything that its text left out, as it is kept once it is approved."""
    return json.dumps(policy.tree, ensure_ascii=False, separators=(",", ":"))


def check_octets(octets: bytes) -> str:
    """The text in these octets, if it is a policy; raises `BadPolicy`."""
    policy_of(read_octets(octets))
    return octets.decode("utf-8-sig")


def policy_of(given: Mapping[str, Any]) -> Policy:
    """The policy of these tables; raises `BadPolicy`. What stands by itself is checked first, then what depends on it."""
    _refuse(faults_of(given))
    whole = filled(given)
    _refuse([*missing(whole), *faults_in_references(whole), *weak_proofs(whole["proofs"])])
    policy = _built(whole)
    _refuse(faults_in_sum(policy))
    return policy


def _refuse(found: Iterable[Fault]) -> None:
    faults = list(islice(found, FAULTS_MAX))
    if faults:
        raise BadPolicy(faults)


def _built(whole: Mapping[str, Any]) -> Policy:
    hours = whole["contact"]["hours"]
    return Policy(
        member_word=Said(**whole["words"]["member"]),
        branch_word=Said(**whole["words"]["branch"]),
        contact=Contact(**{**whole["contact"], "hours": Said(**hours)}),
        kinds={
            name: Kind(name=name, title=Said(**one["name"]), offered=one["offered"], chain=chain_of(name, whole["kinds"]))
            for name, one in whole["kinds"].items()
        },
        documents={
            name: Document(
                name=name,
                title=Said(**one["name"]),
                whom=one["whom"],
                months=one["months"],
                shown=tuple(one["shown"]),
                identity=tuple(map(Paper, one["identity"])),
            )
            for name, one in whole["documents"].items()
        },
        rules=tuple(_rule(name, one) for name, one in whole["rules"].items()),
        waivers=tuple(_waiver(name, one) for name, one in whole["waivers"].items() if one["used"]),
        proofs=combinations_of(whole["proofs"]),
        deadlines=Deadlines(**whole["deadlines"]),
        post=Mailing(mail_class=MailClass(whole["post"]["mail_class"]), missing_days=whole["post"]["missing_days"]),
        stock=StockTerms(**whole["stock"]),
        refusals={name: Said(**one) for name, one in whole["refusals"].items()},
        requests={name: Said(**one) for name, one in whole["requests"].items()},
        retention=Retention(**whole["retention"]),
        reminders=_reminders(whole["reminders"]),
        phone_app=AppTerms(**whole["phone_app"]),
        temporary_pass=PassTerms(**whole["temporary_pass"]),
        tree=whole,
    )


def _reminders(told: Mapping[str, Any]) -> Reminders:
    return Reminders(
        expiry_days=tuple(told["expiry_days"]),
        check_months=told["check_months"],
        dormant_months=told["dormant_months"],
        quiet_from=time.fromisoformat(told["quiet_from"]),
        quiet_until=time.fromisoformat(told["quiet_until"]),
        quiet_zone=timezone(offset_of(told["quiet_zone"])),
        ways=tuple(map(Way, told["ways"])),
    )


def _scope(one: Mapping[str, Any]) -> Scope:
    return Scope(
        kinds=frozenset(one["kinds"]),
        reasons=frozenset(map(Reason, one["reasons"])),
        deliveries=frozenset(map(Delivery, one["deliveries"])),
    )


def _rule(name: str, one: Mapping[str, Any]) -> Rule:
    return Rule(name=name, scope=_scope(one), terms={term: one[term] for term in _TERMS if one[term] is not None})


def _waiver(name: str, one: Mapping[str, Any]) -> Waiver:
    return Waiver(
        name=name,
        title=Said(**one["name"]),
        scope=_scope(one),
        device_months=one["device_months"],
        age_from=one["age_from"],
    )
