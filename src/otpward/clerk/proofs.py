"""Proofs, told apart by what they were made for: one passes, several together are enough or not, and are spent."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from otpward.clerk.policy import policy_now
from otpward.core.audit import Actor, AuditEvent
from otpward.core.ids import CaseId, InstitutionId, MemberId, TokenId
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ProofEvent, ProofState, advance_proof
from otpward.core.model.case import Case
from otpward.core.model.member import Member
from otpward.core.model.proof import Act, Assurance, Proof
from otpward.core.policy.combinations import Combinations, Need, Shown
from otpward.core.policy.proofs import Binding, shown_by, spend, usable
from otpward.core.policy.rates import BOUND_PROOF_LIFE, PROOF_LIFE
from otpward.core.secret import NOTHING, Personal
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among, UnitOfWork

_WRITABLE: Final = Among(frozenset({CaseState.REPORTED, CaseState.DRAFT}))
_LOOKING: Final = frozenset({Act.FOLLOW})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far somebody has come in showing who they are: what counts so far, and whether it is enough."""

    need: Need
    shown: tuple[Shown, ...]
    enough: bool


def rules_of(institution_id: InstitutionId, *, uow: UnitOfWork, now: datetime) -> Combinations:
    """Which combinations this institution asks for: those of the policy in force, for what was begun earlier too."""
    return policy_now(institution_id, uow=uow, now=now).proofs


def need_of(act: Act, member: Member, tokens: Iterable[TokenId] = (), *, uow: UnitOfWork) -> Need:
    """What this act asks of this member about these tokens. To look takes no more than the rules say; to act, what enrolment
    took."""
    devices = [uow.devices.first(id=one) for one in tokens]
    forms = frozenset(one.form for one in devices if one is not None)
    return Need(act=act, forms=forms, level=Assurance.LOW if act in _LOOKING else member.proofing)


def standing(need: Need, binding: Binding, *, uow: UnitOfWork, now: datetime) -> Standing:
    """What this browser has shown for this act so far."""
    shown = tuple(shown_by(one) for one in usable(_passed(need.act, binding, uow), need, binding, now=now))
    rules = rules_of(binding.member.institution_id, uow=uow, now=now)
    return Standing(need=need, shown=shown, enough=rules.is_enough(need, shown))


def spend_proofs(need: Need, binding: Binding, *, desk: Desk, by: Actor) -> list[Proof]:
    """What this browser has shown for this act, spent; the surest first.

    Raises:
        ProofNeeded: it is not enough.
    """
    found = _passed(need.act, binding, desk.uow)
    rules = rules_of(binding.member.institution_id, uow=desk.uow, now=desk.now)
    spent = [desk.uow.proofs.save(one) for one in spend(found, need, binding, now=desk.now, rules=rules)]
    for one in spent:
        desk.uow.audit.append(
            AuditEvent.PROOF_SPENT, one, by=by, at=desk.now, institution_id=one.institution_id, case_id=one.case_id
        )
    return sorted(spent, key=lambda one: -one.level.rank)


def pass_proof(proof: Proof, *, level: Assurance, desk: Desk, phone_tail: Personal | None = None) -> Proof:
    """The proof, passed (not yet saved): good for ten minutes, and where an application is being written, for that one, as long
    as the session that it opens. What was kept to complete it is gone."""
    case_id = proof.case_id
    if proof.act is Act.APPLY and case_id is None and proof.member_id is not None:
        case = written_case(proof.member_id, uow=desk.uow)
        case_id = None if case is None else case.id
    return replace(
        proof,
        state=advance_proof(proof.state, ProofEvent.PASS),
        kept=NOTHING,
        level=level,
        phone_tail=proof.phone_tail if phone_tail is None else phone_tail,
        case_id=case_id,
        passed_at=desk.now,
        expires_at=desk.now + (PROOF_LIFE if case_id is None else BOUND_PROOF_LIFE),
    )


def written_case(member_id: MemberId, *, uow: UnitOfWork) -> Case | None:
    """The application that this member is writing, if there is one."""
    return uow.cases.first(member_id=member_id, state=_WRITABLE, order="-opened_at")


def bind_proofs(case_id: CaseId, member: Member, browser: bytes, *, desk: Desk) -> None:
    """What was shown here for applying, before there was an application, is for this one from now on."""
    binding = Binding(member=member, browser=browser)
    need = need_of(Act.APPLY, member, uow=desk.uow)
    for one in usable(_passed(Act.APPLY, binding, desk.uow), need, binding, now=desk.now):
        desk.uow.proofs.save(replace(one, case_id=case_id, expires_at=desk.now + BOUND_PROOF_LIFE))


def _passed(act: Act, binding: Binding, uow: UnitOfWork) -> list[Proof]:
    return uow.proofs.find(
        browser=binding.browser, member_id=binding.member.id, act=act, state=ProofState.PASSED, order="-started_at"
    )
