"""What makes a proof void, what binds it, and what it takes to spend one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import combinations
from typing import ClassVar

from otpward.core.errors import Denied
from otpward.core.ids import CaseId, ReportId
from otpward.core.lifecycle.others import ProofEvent, ProofState, advance_proof
from otpward.core.model.loss import LossKind, LossReport
from otpward.core.model.member import Member
from otpward.core.model.proof import Act, Method, Proof
from otpward.core.policy.combinations import COMBINATIONS, Combinations, Need, Shown
from otpward.core.policy.contacts import phone_is_young


class ProofNeeded(Denied):
    """The asker must show who they are first, for this very act; or show more."""

    code: ClassVar[str] = "proof_needed"


class Bar(StrEnum):
    """Why a way of proving cannot be used now."""

    NOT_OFFERED = "not_offered"
    NOT_ENOUGH = "not_enough"
    PHONE_LOST = "phone_lost"
    PHONE_NEW = "phone_new"
    """The number was changed, or its SIM was, so lately that whoever holds it may have taken it over."""
    NOT_HAD = "not_had"
    """The member has none of it."""
    SHOWN = "shown"
    """It was shown already; something else is needed beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What a proof must have been made for. The browser is the one that it was begun in."""

    member: Member
    browser: bytes
    case_id: CaseId | None = None
    report_id: ReportId | None = None


def phone_bar(member: Member, now: datetime) -> Bar | None:
    """Why the member's phone proves nothing now; None if it does."""
    if member.phone_lost_at is not None:
        return Bar.PHONE_LOST
    return Bar.PHONE_NEW if phone_is_young(member, now) else None


def rests_on_phone(proof: Proof) -> bool:
    """Whether the proof is worth no more than the member's phone: it is void when that is reported lost."""
    return proof.method is Method.PHONE_CODE or (proof.method in {Method.AGENCY, Method.APP} and bool(proof.phone_tail))


def is_void(proof: Proof, member: Member, now: datetime) -> bool:
    """Whether it rests on a phone that proves nothing now."""
    return rests_on_phone(proof) and phone_bar(member, now) is not None


def shown_by(proof: Proof) -> Shown:
    """What a passed proof counts as."""
    return Shown(method=proof.method, level=proof.level, by_phone=rests_on_phone(proof))


def usable(proofs: Sequence[Proof], need: Need, binding: Binding, *, now: datetime) -> list[Proof]:
    """Those that passed, in time, for this act, this person, this browser, this case or report, and are not void."""
    return [
        one
        for one in proofs
        if one.state is ProofState.PASSED
        and one.act is need.act
        and one.member_id == binding.member.id
        and one.browser == binding.browser
        and bool(one.browser)
        and one.case_id == binding.case_id
        and (need.act is not Act.LIFT_LOSS or one.report_id == binding.report_id)
        and now < one.expires_at
        and not is_void(one, binding.member, now)
    ]


def spend(
    proofs: Sequence[Proof], need: Need, binding: Binding, *, now: datetime, rules: Combinations = COMBINATIONS
) -> list[Proof]:
    """The fewest of these proofs that are enough, spent.

    Raises:
        ProofNeeded: there are none, or they are for something else, or too weak together.
    """
    good = usable(proofs, need, binding, now=now)
    for size in range(1, len(good) + 1):
        for some in combinations(good, size):
            if rules.is_enough(need, [shown_by(one) for one in some]):
                return [replace(one, state=advance_proof(one.state, ProofEvent.SPEND)) for one in some]
    raise ProofNeeded(f"not proven enough for {need.act}")


def phone_may_prove(report: LossReport | None) -> bool:
    """A phone that was reported lost, or may be in a thief's hands, proves nothing."""
    return report is None or not report.phone_lost


def member_may_lift(report: LossReport) -> bool:
    """Only what was merely mislaid may be taken back without a branch; a lost phone cannot prove it either."""
    return report.kind is LossKind.LOST and not report.phone_lost
