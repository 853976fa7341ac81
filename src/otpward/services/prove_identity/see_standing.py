"""How far somebody has come in showing who they are for an act, and what is left of the ways."""

from dataclasses import dataclass
from datetime import datetime

from otpward.clerk.proofs import Standing, need_of, rules_of, standing, written_case
from otpward.clerk.tokens import live_tokens
from otpward.core.ids import InstitutionId, MemberId, ReportId, TokenId
from otpward.core.lifecycle.others import ProofState
from otpward.core.lifecycle.token import Hold
from otpward.core.model.member import Member
from otpward.core.model.proof import Act, Method
from otpward.core.policy.combinations import Combinations, Need
from otpward.core.policy.proofs import Bar, Binding, phone_bar
from otpward.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class SeeStanding:
    """In this browser, for this act; `member_id` if it is known who sits there, `report_id` if it is about a report."""

    institution_id: InstitutionId
    act: Act
    browser: bytes
    member_id: MemberId | None = None
    report_id: ReportId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The member, once something has told who it is; until then a stranger is told what anybody would be."""

    standing: Standing
    rules: Combinations
    member: Member | None = None
    phone_bar: Bar | None = None
    lacks: frozenset[Method] = frozenset()
    """What this member does not have, of what may be had."""


def see_standing(ask: SeeStanding, *, uow: UnitOfWork, now: datetime) -> Progress:
    """What was shown so far, and by whom. Only what passed here says who; what was typed says nothing."""
    member = uow.members.first(id=ask.member_id) if ask.member_id is not None else _shown_here(ask, uow, now)
    rules = rules_of(ask.institution_id, uow=uow, now=now)
    if member is None:
        return Progress(standing=Standing(need=Need(act=ask.act), shown=(), enough=False), rules=rules)
    case = written_case(member.id, uow=uow) if ask.act is Act.APPLY else None
    binding = Binding(member=member, browser=ask.browser, case_id=None if case is None else case.id, report_id=ask.report_id)
    need = need_of(ask.act, member, _about(ask.act, member, uow), uow=uow)
    return Progress(
        standing=standing(need, binding, uow=uow, now=now),
        rules=rules,
        member=member,
        phone_bar=phone_bar(member, now),
        lacks=_lacks(ask.act, member, uow),
    )


def _lacks(act: Act, member: Member, uow: UnitOfWork) -> frozenset[Method]:
    others = [one for one in live_tokens(uow, member.id) if not one.holds]
    has = {
        Method.PHONE_CODE: bool(member.phone),
        Method.PASSKEY: uow.passkeys.first(member_id=member.id, removed_at=None) is not None,
        Method.RECOVERY_CODE: uow.recovery_codes.first(live_for=member.id) is not None,
        Method.OTP: len(others) > (1 if act is Act.APPLY else 0),
    }
    return frozenset(method for method, there in has.items() if not there)


def _shown_here(ask: SeeStanding, uow: UnitOfWork, now: datetime) -> Member | None:
    """Who has passed something for this act in this browser, the last time."""
    passed = uow.proofs.find(browser=ask.browser, act=ask.act, state=ProofState.PASSED, order="-started_at")
    good = [one for one in passed if now < one.expires_at and one.report_id in {None, ask.report_id}]
    return uow.members.first(id=good[0].member_id) if good and good[0].member_id is not None else None


def _about(act: Act, member: Member, uow: UnitOfWork) -> list[TokenId]:
    """Which tokens the act is about: the one that the application names, those that are lost, those that are locked."""
    case = written_case(member.id, uow=uow) if act is Act.APPLY else None
    if case is not None:
        return [case.old_token_id] if case.old_token_id is not None else []
    hold = {Act.LIFT_LOSS: Hold.LOST, Act.UNLOCK: Hold.LOCKED}.get(act)
    return [one.id for one in live_tokens(uow, member.id) if hold is not None and hold in one.holds]
