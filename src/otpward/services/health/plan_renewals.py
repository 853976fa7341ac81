"""A device that will end is replaced before it does: its holder is told at least a month before, and can say no."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from otpward.clerk.asking import BY, Letter, remind
from otpward.clerk.consents import consent_to
from otpward.clerk.drafting import running_case
from otpward.clerk.policy import policy_now
from otpward.core.audit import AuditEvent
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.token import LOSS_HOLDS, Hold
from otpward.core.model.campaign import Chosen
from otpward.core.model.consent import Purpose
from otpward.core.model.reminder import Occasion
from otpward.core.model.renewal import RenewalPlan
from otpward.core.policy.reminding import RENEW_DAYS_BEFORE, stage_of
from otpward.core.policy.renewal import Planned, Renewal, may_renew, months_before, objection_until
from otpward.core.policy.versions import day_of
from otpward.ports.desk import Desk, House
from otpward.ports.roll import InUse
from otpward.services.health.remind_due import said, turn_of_end, walk_roll

_STOPPING: Final = LOSS_HOLDS | {Hold.SUSPENDED, Hold.BLOCKED}
"""What is stopped for one of these is replaced otherwise, or not at all."""


def plan_renewals(institution_id: InstitutionId, *, house: House) -> int:
    """Plan the replacement of every device that ends within the first stage of the policy; how many were planned."""
    now = house.clock.now()
    policy = house.look(institution_id, lambda uow: policy_now(institution_id, uow=uow, now=now))
    stages, today = policy.reminders.expiry_days, day_of(now)
    chosen = Chosen(expires_from=today, expires_until=today + timedelta(days=max(stages, default=0)))
    return walk_roll(institution_id, chosen, lambda desk, row: _plan(row, stages, desk=desk), house=house)


def planned_on(ends_on: date, today: date) -> date:
    """The day on which the new device sets out: two weeks before the end, or the first that can still be told a month ahead."""
    return max(ends_on - timedelta(days=RENEW_DAYS_BEFORE), months_before(today, -1) + timedelta(days=1))


def plan_of(plan: RenewalPlan, *, consented: bool) -> Planned:
    """The plan as the law looks at it."""
    return Planned(
        on=plan.planned_on, used_on=plan.used_on, told_on=plan.told_on, objected_on=plan.objected_on, consented=consented
    )


def _plan(row: InUse, stages: Sequence[int], *, desk: Desk) -> bool:
    uow, today, ends_on = desk.uow, day_of(desk.now), row.expires_on
    if ends_on is None or uow.renewals.first(token_id=row.token_id, ends_on=ends_on) is not None:
        return False
    token, member = uow.tokens.get(row.token_id), uow.members.get(row.member_id)
    on = planned_on(ends_on, today)
    if on > ends_on or member.left_at is not None or token.holds & _STOPPING or running_case(member, uow=uow) is not None:
        return False
    plan = RenewalPlan(
        id=desk.new_id(),
        institution_id=member.institution_id,
        member_id=member.id,
        token_id=token.id,
        ends_on=ends_on,
        planned_on=on,
        used_on=None if token.used_at is None else day_of(token.used_at),
    )
    consented = consent_to(Purpose.RENEWAL, member.id, uow=uow) is not None
    if may_renew(plan_of(plan, consented=consented), today) is Renewal.TELL_FIRST:
        stage = stage_of(ends_on, stages, today)
        turn = turn_of_end(token.id, ends_on, stage if stage is not None else max(stages))
        until = said(objection_until(today), member.language)
        letter = Letter(member=member, token_id=token.id, occasion=Occasion.RENEWAL, turn=turn, date=until)
        told = remind(letter, desk=desk)
        if told is None or told.outcome is not None:
            return False  # told of the end already without a way to object, or not to be reached
        plan = replace(plan, told_on=today)
    uow.renewals.add(plan)
    uow.audit.append(AuditEvent.RENEWAL_PLANNED, plan, by=BY, at=desk.now, institution_id=plan.institution_id)
    return True
