"""What was not used for a year may be anywhere: it rests until its holder shows who they are, and one number."""

from datetime import timedelta

from otpward.clerk.asking import BY
from otpward.clerk.notices import tell
from otpward.clerk.policy import policy_now
from otpward.clerk.tokens import hold_token
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.token import Hold
from otpward.core.model.campaign import Chosen
from otpward.core.policy.forecast import Rest, rest_of
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.renewal import months_before
from otpward.core.policy.versions import day_of
from otpward.ports.desk import Desk, House
from otpward.ports.roll import InUse
from otpward.services.health.remind_due import walk_roll


def rest_unused(institution_id: InstitutionId, *, house: House) -> int:
    """Put the hold `dormant` on every device that has not been used for as long as the policy says; how many that were."""
    now = house.clock.now()
    policy = house.look(institution_id, lambda uow: policy_now(institution_id, uow=uow, now=now))
    months = policy.reminders.dormant_months
    chosen = Chosen(unused_since=months_before(day_of(now), months) + timedelta(days=1))
    return walk_roll(institution_id, chosen, lambda desk, row: _rest(row, months, desk=desk), house=house)


def _rest(row: InUse, months: int, *, desk: Desk) -> bool:
    uow = desk.uow
    token = uow.tokens.get(row.token_id)
    live = uow.registrations.first(token_id=token.id, state=RegistrationState.LIVE)
    if live is None or Hold.DORMANT in token.holds:
        return False
    since = live.live_at or live.begun_at
    if rest_of(used_at=token.used_at, live_at=since, dormant_months=months, now=desk.now) is not Rest.NOW:
        return False
    hold_token(token, Hold.DORMANT, desk=desk, by=BY, reason=f"unused for {months} months")
    tell(uow.members.get(live.member_id), NoticeKind.TOKEN_RESTS, desk=desk)
    return True
