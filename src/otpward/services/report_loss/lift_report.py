"""Found again: the report is lifted, by stronger proof than reporting took."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from otpward.clerk.cases import move_case
from otpward.clerk.notices import tell
from otpward.clerk.proofs import need_of, spend_proofs, standing
from otpward.clerk.tokens import free_token, judge_among, live_tokens
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Denied
from otpward.core.ids import MemberId, ReportId, TokenId
from otpward.core.lifecycle.case import OPEN
from otpward.core.lifecycle.token import Hold
from otpward.core.model.loss import LossReport
from otpward.core.model.proof import Act
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.proofs import Binding, ProofNeeded, member_may_lift
from otpward.core.policy.verification import Verdict
from otpward.ports.desk import Desk
from otpward.services.report_loss.lift_hold import EARLY


class OnlyAtABranch(Denied):
    """Stolen, misused, the phone lost as well, or a new token under way: a member cannot lift this alone."""

    code = "only_at_a_branch"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftReport:
    """A proven member types a code of the found device."""

    report_id: ReportId
    member_id: MemberId
    browser: bytes
    code: str
    source: str


def lift_report(ask: LiftReport, *, desk: Desk) -> Verdict:
    """Free the lost token that shows its next code. A wrong code is counted and spends nothing; another lost device stays
    stopped.

    Several reports about the same case stand and fall together: what one of them calls stolen, another cannot lift.

    Raises:
        OnlyAtABranch: the report is not of a kind that a member may lift.
        ProofNeeded: not enough was proven for this act.
    """
    by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        report = uow.losses.get(ask.report_id)
        case = uow.cases.get(report.case_id) if report.case_id else None
        reports = [report] if case is None else uow.losses.find(case_id=case.id, lifted_at=None)
        liftable = report.lifted_at is None and all(member_may_lift(one) for one in reports)
        if report.member_id != ask.member_id or not liftable:
            raise OnlyAtABranch(f"report {report.number} cannot be lifted by the member")
        if case is not None and case.state in OPEN - set(EARLY):
            raise OnlyAtABranch(f"case {case.number} has gone too far")
        member, tokens = uow.members.get(ask.member_id), live_tokens(uow, ask.member_id)
        lost = [one for one in tokens if Hold.LOST in one.holds]
        need = need_of(Act.LIFT_LOSS, member, [one.id for one in lost], uow=uow)
        binding = Binding(member=member, browser=ask.browser, report_id=report.id)
        if not standing(need, binding, uow=uow, now=desk.now).enough:
            raise ProofNeeded("not proven enough to lift")
        verdict, found = Verdict.NOT_ACTIVE, None
        for examined in judge_among(tokens, ask.code, desk=desk, by=by, despite=frozenset({Hold.LOST})):
            verdict, found = examined.verdict, examined.token.id
        if verdict is Verdict.ACCEPTED and found is not None:
            spend_proofs(need, binding, desk=desk, by=by)
            still_lost = _free(found, reports, ask.member_id, desk=desk, by=by)
            if not still_lost:
                for one in reports:
                    _lift(one, desk=desk, by=by)
            if case is not None and case.state in EARLY and (not still_lost or case.old_token_id == found):
                move_case(case, EARLY[case.state], desk=desk, by=by)
            tell(member, NoticeKind.LOSS_LIFTED, desk=desk, case_id=None if case is None else case.id)
        uow.commit()
    return verdict


def _free(found: TokenId, reports: Sequence[LossReport], member_id: MemberId, *, desk: Desk, by: Actor) -> bool:
    """Free the device that showed its code, and the new tokens that the reports stopped, which do not work before a test OTP
    anyway. Whether another device in use is still lost: it has shown nothing."""
    uow = desk.uow
    in_use = {token.id for token in live_tokens(uow, member_id)}
    stopped = {line.token_id for report in reports for line in uow.holds.find(report_id=report.id, lifted_at=None)}
    for token_id in {found} | (stopped - in_use):
        token = uow.tokens.get(token_id)
        if Hold.LOST in token.holds:
            free_token(token, Hold.LOST, desk=desk, by=by)
    return any(Hold.LOST in token.holds for token in live_tokens(uow, member_id))


def _lift(report: LossReport, *, desk: Desk, by: Actor) -> None:
    lifted = desk.uow.losses.save(replace(report, lifted_at=desk.now))
    desk.uow.audit.append(
        AuditEvent.LOSS_LIFTED, lifted, by=by, at=desk.now, institution_id=lifted.institution_id, case_id=lifted.case_id
    )
