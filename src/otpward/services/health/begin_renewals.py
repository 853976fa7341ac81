"""The day has come, and nobody objected: the case of the new device opens, filled in, so that it is there before the old one
ends."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from otpward.clerk.asking import BY
from otpward.clerk.cases import move_case
from otpward.clerk.consents import consent_to
from otpward.clerk.drafting import draft_for, running_case
from otpward.clerk.fees import file_fee
from otpward.clerk.notices import tell
from otpward.core.audit import AuditEvent
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.case import CaseEvent, CaseState
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Case, Delivery, Documents, Reason
from otpward.core.model.consent import Purpose
from otpward.core.model.member import Member
from otpward.core.model.renewal import RenewalPlan
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.reminding import RENEW_DAYS_BEFORE
from otpward.core.policy.renewal import Renewal, may_renew
from otpward.core.policy.versions import day_of
from otpward.ports.desk import Desk, House
from otpward.services.health.plan_renewals import plan_of

AT_A_TIME: Final = 200


def begin_renewals(institution_id: InstitutionId, *, house: House) -> int:
    """Open the cases that may be opened, and drop the plans that came to nothing; how many cases that made."""
    today = day_of(house.clock.now())
    open_plans = house.look(institution_id, lambda uow: uow.renewals.find(closed=False, order="planned_on", limit=None))
    begun = 0
    for plan in open_plans:
        if plan.planned_on - timedelta(days=RENEW_DAYS_BEFORE) > today:
            break
        begun += house.do(institution_id, lambda desk, plan=plan: _begin(plan, desk=desk))  # type: ignore[misc]
    return begun


def _begin(seen: RenewalPlan, *, desk: Desk) -> bool:
    with desk.uow as uow:
        plan = uow.renewals.get(seen.id)
        if plan.closed:
            return False
        member, token = uow.members.get(plan.member_id), uow.tokens.get(plan.token_id)
        consented = consent_to(Purpose.RENEWAL, plan.member_id, uow=uow) is not None
        allowed = may_renew(plan_of(plan, consented=consented), day_of(desk.now))
        over = token.state is not TokenState.ACTIVE or member.left_at is not None or day_of(desk.now) >= plan.ends_on
        if over or running_case(member, uow=uow) is not None:
            _close(plan, None, desk=desk)
            uow.commit()
            return False
        if allowed is not Renewal.ALLOWED:
            return False
        case = _open(plan, member, desk=desk)
        _close(plan, case, desk=desk)
        uow.commit()
    return True


def _open(plan: RenewalPlan, member: Member, *, desk: Desk) -> Case:
    """The case; sent at once where we know where the device goes, since nobody has to apply. Otherwise it waits as a draft for
    the member to say."""
    case = draft_for(member, plan.token_id, Reason.EXPIRING, desk=desk, by=BY)
    before = desk.uow.cases.first(member_id=member.id, state=CaseState.DONE, delivery=Delivery.POST, order="-closed_at")
    if before is None or not before.address:
        return case
    filled = desk.uow.cases.save(replace(case, delivery=Delivery.POST, address=before.address, documents=Documents.ON_DELIVERY))
    sent = move_case(filled, CaseEvent.SUBMIT, desk=desk, by=BY, submitted_at=desk.now, deadline_at=None)
    file_fee(sent, desk=desk, by=BY)
    tell(member, NoticeKind.CASE_SUBMITTED, desk=desk, case_id=sent.id, number=sent.number)
    return sent


def _close(plan: RenewalPlan, case: Case | None, *, desk: Desk) -> None:
    closed = desk.uow.renewals.save(replace(plan, closed=True, case_id=None if case is None else case.id))
    event = AuditEvent.RENEWAL_DROPPED if case is None else AuditEvent.RENEWAL_BEGUN
    case_id = None if case is None else case.id
    desk.uow.audit.append(event, closed, by=BY, at=desk.now, institution_id=closed.institution_id, case_id=case_id)
