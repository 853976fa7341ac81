"""What a member's own page says of their devices: what is due, without having written to anybody."""

from dataclasses import dataclass
from datetime import date, datetime

from otpward.clerk.policy import policy_now
from otpward.clerk.tokens import live_registrations
from otpward.core.ids import MemberId, TokenId
from otpward.core.model.reminder import Occasion
from otpward.core.policy.forecast import Rest, rest_of
from otpward.core.policy.reminding import FAIL_DAYS, check_is_due, stage_of
from otpward.core.policy.renewal import months_before
from otpward.core.policy.verification import standing
from otpward.core.policy.versions import day_of
from otpward.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class DueNow:
    """One device, why it is worth a minute, and the day it is about."""

    token_id: TokenId
    occasion: Occasion
    on: date | None = None


def reminders_due(member_id: MemberId, *, uow: UnitOfWork, now: datetime) -> list[DueNow]:
    """At most one for each device that takes numbers now: its end, else a forecast, else long rest, else the yearly look."""
    member = uow.members.get(member_id)
    rules = policy_now(member.institution_id, uow=uow, now=now).reminders
    today, found = day_of(now), list[DueNow]()
    for live in live_registrations(uow, member_id):
        token, device = uow.tokens.get(live.token_id), uow.devices.get(live.token_id)
        if standing(token, now=now) is not None:
            continue
        health, since = uow.health.first(id=token.id), live.live_at or live.begun_at
        drift_on = None if health is None else health.drift_on
        fails = min((day for day in (drift_on, device.battery_until) if day is not None), default=None)
        if device.expires_on is not None and stage_of(device.expires_on, rules.expiry_days, today) is not None:
            found.append(DueNow(token_id=token.id, occasion=Occasion.EXPIRY, on=device.expires_on))
        elif fails is not None and (fails - today).days <= FAIL_DAYS:
            found.append(DueNow(token_id=token.id, occasion=Occasion.DRIFT, on=fails))
        elif rest_of(used_at=token.used_at, live_at=since, dormant_months=rules.dormant_months, now=now) is Rest.SOON:
            rests_on = months_before(day_of(token.used_at or since), -rules.dormant_months)
            found.append(DueNow(token_id=token.id, occasion=Occasion.DORMANT, on=rests_on))
        elif check_is_due(used_at=token.used_at, live_at=since, check_months=rules.check_months, now=now):
            found.append(DueNow(token_id=token.id, occasion=Occasion.CHECK))
    return found
