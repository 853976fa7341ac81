"""The devices in use, in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from otpward.core.ids import TokenId
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.campaign import Chosen
from otpward.core.model.reminder import Outcome
from otpward.core.oath.model import TokenKind
from otpward.core.policy.forecast import Cause
from otpward.core.policy.reminding import day_begins
from otpward.ports.roll import Ending, InUse


class MemoryRoll:
    def __init__(self, uow: Any) -> None:
        self._uow = uow

    def page(self, chosen: Chosen, *, limit: int, after: TokenId | None = None) -> Sequence[InUse]:
        return [row for row in self._rows(chosen) if after is None or row.token_id.bytes > after.bytes][:limit]

    def count(self, chosen: Chosen) -> int:
        return len({row.member_id for row in self._rows(chosen)})

    def answers(self, campaign_id: UUID, outcome: Outcome | None, *, limit: int, after: UUID | None = None) -> Sequence[UUID]:
        found = self._uow.reminders.find(campaign_id=campaign_id, outcome=outcome)
        return [one.id for one in found if after is None or one.id.bytes > after.bytes][:limit]

    def standing(self, campaign_id: UUID) -> Mapping[Outcome | None, int]:
        return Counter(one.outcome for one in self._uow.reminders.find(campaign_id=campaign_id))

    def endings(self, first: date, last: date, branch_id: Any = None) -> Sequence[Ending]:
        found: Counter[tuple[date, Any, Cause]] = Counter()
        for device in self._uow.devices.find(state=TokenState.ACTIVE):
            health = self._uow.health.first(id=device.id)
            days = {
                Cause.EXPIRY: device.expires_on,
                Cause.BATTERY: device.battery_until,
                Cause.DRIFT: None if health is None else health.drift_on,
            }
            for cause, day in days.items():
                if day is not None and first <= day <= last and branch_id in {None, device.branch_id}:
                    found[day.replace(day=1), device.branch_id, cause] += 1
        return [Ending(month=key[0], branch_id=key[1], cause=key[2], count=count) for key, count in found.items()]

    def drifted(self, *, limit: int, after: TokenId | None = None) -> Sequence[tuple[TokenId, int, datetime]]:
        tokens = self._uow.tokens.find(state=TokenState.ACTIVE, kind=TokenKind.TOTP)
        off = [one for one in tokens if abs(one.drift_steps) >= 2 and one.used_at is not None]
        return [(one.id, one.drift_steps, one.used_at) for one in off if after is None or one.id.bytes > after.bytes][:limit]

    def _rows(self, chosen: Chosen) -> list[InUse]:
        rows = []
        for device in self._uow.devices.find(state=TokenState.ACTIVE):
            health, token = self._uow.health.first(id=device.id), self._uow.tokens.get(device.id)
            live = self._uow.registrations.first(token_id=device.id, state=RegistrationState.LIVE)
            if live is None:
                continue
            row = InUse(
                token_id=device.id,
                member_id=live.member_id,
                branch_id=device.branch_id,
                model=device.model,
                expires_on=device.expires_on,
                battery_until=device.battery_until,
                drift_on=None if health is None else health.drift_on,
            )
            fails = [day for day in (row.battery_until, row.drift_on) if day is not None]
            wanted = (
                chosen.branch_id in {None, device.branch_id},
                chosen.form in {None, device.form},
                chosen.model in {None, device.model},
                chosen.expires_from is None or (row.expires_on is not None and row.expires_on >= chosen.expires_from),
                chosen.expires_until is None or (row.expires_on is not None and row.expires_on <= chosen.expires_until),
                chosen.fails_until is None or (bool(fails) and min(fails) <= chosen.fails_until),
                chosen.unused_since is None or token.used_at is None or token.used_at < day_begins(chosen.unused_since),
            )
            if all(wanted):
                rows.append(row)
        return sorted(rows, key=lambda one: one.token_id.bytes)
