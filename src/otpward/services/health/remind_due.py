"""Once a day everybody whose device is about to end, to fail or to rest is written to, once for each occasion."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from otpward.clerk.asking import Letter, remind, remind_again
from otpward.clerk.drafting import running_case
from otpward.clerk.policy import policy_now
from otpward.core.ids import InstitutionId, TokenId
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.model.campaign import Chosen
from otpward.core.model.reminder import Occasion, Reminder
from otpward.core.policy.document.model import Reminders
from otpward.core.policy.forecast import Rest, rest_of
from otpward.core.policy.notices import short_date
from otpward.core.policy.reminding import FAIL_DAYS, check_is_due, day_begins, stage_of
from otpward.core.policy.renewal import months_before
from otpward.core.policy.verification import standing
from otpward.core.policy.versions import day_of
from otpward.ports.desk import Desk, House
from otpward.ports.roll import InUse
from otpward.ports.unit_of_work import Before

AT_A_TIME: Final = 100
Act = Callable[[Desk, InUse], bool]


@dataclass(frozen=True, slots=True)
class Due:
    """Why a device is worth a letter today; `turn` makes it the only one of its kind, `on` is the day that it tells of."""

    occasion: Occasion
    turn: str
    on: date | None = None


def remind_due(institution_id: InstitutionId, *, house: House) -> int:
    """Write to all of them; how many letters that made. Cut off anywhere, the next round goes on: who has been written to for
    this occasion is not written to again."""
    now = house.clock.now()
    rules = house.look(institution_id, lambda uow: policy_now(institution_id, uow=uow, now=now)).reminders
    today = day_of(now)
    soon = today + timedelta(days=max((*rules.expiry_days, FAIL_DAYS)))
    idle = months_before(today, min(rules.check_months, max(1, rules.dormant_months - 2)))
    walks = (
        Chosen(expires_from=today, expires_until=soon),
        Chosen(fails_until=soon),
        Chosen(unused_since=idle + timedelta(days=1)),
    )

    def one(desk: Desk, row: InUse) -> bool:
        return _remind(row, rules, desk=desk)

    return sum(walk_roll(institution_id, chosen, one, house=house) for chosen in walks) + _again(institution_id, house)


def walk_roll(institution_id: InstitutionId, chosen: Chosen, act: Act, *, house: House) -> int:
    """Do this with every device in use that is meant, a few in each transaction; how many times something was done."""
    after: TokenId | None = None
    done = 0
    while True:
        here = after
        rows = house.look(institution_id, lambda uow, here=here: uow.roll.page(chosen, limit=AT_A_TIME, after=here))  # type: ignore[misc]
        if not rows:
            return done
        done += house.do(institution_id, lambda desk, rows=rows: _some(rows, act, desk=desk))  # type: ignore[misc]
        after = rows[-1].token_id


def due_of(row: InUse, rules: Reminders, *, desk: Desk) -> Due | None:
    """The one thing that is worth saying of this device today; what ends it comes before what may."""
    uow, today = desk.uow, day_of(desk.now)
    token = uow.tokens.get(row.token_id)
    if standing(token, now=desk.now) is not None:
        return None  # stopped, locked, at rest or over: its holder hears of that otherwise
    if row.expires_on is not None:
        stage = stage_of(row.expires_on, rules.expiry_days, today)
        if stage is not None:
            return Due(Occasion.EXPIRY, turn_of_end(row.token_id, row.expires_on, stage), row.expires_on)
    fails = min((day for day in (row.drift_on, row.battery_until) if day is not None), default=None)
    if fails is not None and fails <= today + timedelta(days=FAIL_DAYS):
        return Due(Occasion.DRIFT if fails == row.drift_on else Occasion.CHECK, f"fail:{today.year}:{row.token_id.hex}")
    live = uow.registrations.first(token_id=row.token_id, state=RegistrationState.LIVE)
    if live is None:
        return None
    since = live.live_at or live.begun_at
    last = token.used_at or since
    if rest_of(used_at=token.used_at, live_at=since, dormant_months=rules.dormant_months, now=desk.now) is Rest.SOON:
        rests_on = months_before(day_of(last), -rules.dormant_months)
        return Due(Occasion.DORMANT, f"rest:{day_of(last)}:{row.token_id.hex}", rests_on)
    if check_is_due(used_at=token.used_at, live_at=since, check_months=rules.check_months, now=desk.now):
        return Due(Occasion.CHECK, f"check:{today.year}:{row.token_id.hex}")
    return None


def _remind(row: InUse, rules: Reminders, *, desk: Desk) -> bool:
    due = due_of(row, rules, desk=desk)
    if due is None:
        return False
    member = desk.uow.members.get(row.member_id)
    if member.left_at is not None or running_case(member, uow=desk.uow) is not None:
        return False
    on = said(due.on, member.language)
    letter = Letter(member=member, token_id=row.token_id, occasion=due.occasion, turn=due.turn, date=on)
    return remind(letter, desk=desk) is not None


def turn_of_end(token_id: TokenId, ends_on: date, stage: int) -> str:
    """What makes the letter of this stage the only one, whichever round writes it."""
    return f"end:{stage}:{ends_on}:{token_id.hex}"


def said(day: date | None, language: str) -> str:
    """The day as a letter says it; nothing where it tells of none."""
    return "" if day is None else short_date(day_begins(day), language)


def _again(institution_id: InstitutionId, house: House) -> int:
    """Those who wanted to be asked next week, which it is now."""
    now = house.clock.now()
    waiting = house.look(institution_id, lambda uow: uow.reminders.find(snoozed_until=Before(now), limit=1000))
    done = 0
    for one in waiting:
        done += house.do(institution_id, lambda desk, one=one: _once_more(one, desk=desk))  # type: ignore[misc]
    return done


def _once_more(reminder: Reminder, *, desk: Desk) -> bool:
    with desk.uow as uow:
        now = uow.reminders.get(reminder.id)
        if now.snoozed_until is None or now.snoozed_until > desk.now or now.outcome is not None:
            return False
        member = uow.members.get(now.member_id)
        device = uow.devices.get(now.token_id)
        remind_again(now, member, desk=desk, date=said(device.expires_on, member.language))
        uow.commit()
    return True


def _some(rows: Sequence[InUse], act: Act, *, desk: Desk) -> int:
    with desk.uow as uow:
        done = sum(act(desk, row) for row in rows)
        if done:
            uow.commit()
    return done
