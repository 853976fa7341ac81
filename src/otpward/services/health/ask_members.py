"""The members of a running campaign are asked, a few in each transaction, each exactly once.

How far it has come is kept in the same transaction as the letters: killed anywhere, the next worker goes on where the last one
committed, and the database lets nobody be asked twice.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from otpward.clerk.asking import BY, Letter, remind_many
from otpward.clerk.quiet import morning_of
from otpward.core.ids import InstitutionId, MemberId
from otpward.core.lifecycle.campaign import CampaignState
from otpward.core.model.campaign import Campaign
from otpward.core.model.reminder import Occasion, Outcome
from otpward.core.policy.rates import REQUEST_LIFE
from otpward.core.policy.verification import standing
from otpward.core.policy.versions import day_of
from otpward.ports.desk import Desk, House
from otpward.ports.roll import InUse
from otpward.ports.unit_of_work import Among
from otpward.services.health.decide_campaign import lapse, over

AT_A_TIME: Final = 200
AT_A_ROUND: Final = 50
"""So many transactions a campaign may take before the next one has its turn; the rest waits a minute."""


def ask_members(institution_id: InstitutionId, *, house: House, at_most: int = AT_A_ROUND) -> int:
    """Go on with every running campaign, by day only; how many members were asked. What is at its end is ended."""
    running = house.look(institution_id, lambda uow: uow.campaigns.find(state=CampaignState.RUNNING, order="number"))
    asked = 0
    for campaign in running:
        if campaign.ends_on < day_of(house.clock.now()):
            house.do(institution_id, lambda desk, one=campaign: _end(one.id, desk=desk))  # type: ignore[misc]
            continue
        for _ in range(at_most):
            if _is_quiet(institution_id, house=house):
                break
            more = house.do(institution_id, lambda desk, one=campaign: ask_some(one.id, desk=desk))  # type: ignore[misc]
            if more is None:
                break
            asked += more
    return asked


def _is_quiet(institution_id: InstitutionId, *, house: House) -> bool:
    now = house.clock.now()
    return house.look(institution_id, lambda uow: morning_of(institution_id, uow=uow, now=now)) is not None


def lapse_campaigns(*, desk: Desk) -> int:
    """What nobody has decided on in time never begins."""
    with desk.uow as uow:
        old = [
            one
            for one in uow.campaigns.find(state=CampaignState.PROPOSED)
            if one.made_at + REQUEST_LIFE <= desk.now or one.ends_on <= day_of(desk.now)
        ]
        for one in old:
            lapse(one, BY, desk=desk)
        if old:
            uow.commit()
    return len(old)


def ask_some(campaign_id: UUID, *, desk: Desk) -> int | None:
    """Ask the next few members; how many that were, or None if all have had their turn."""
    with desk.uow as uow:
        campaign = uow.campaigns.get(campaign_id)
        if campaign.state is not CampaignState.RUNNING or campaign.asked_all_at is not None:
            return None
        rows = uow.roll.page(campaign.chosen, limit=AT_A_TIME, after=campaign.asked_to)  # type: ignore[arg-type]
        if not rows:
            uow.campaigns.save(replace(campaign, asked_all_at=desk.now))
            uow.commit()
            return None
        asked = len(remind_many(_letters(campaign, rows, desk=desk), desk=desk))
        uow.campaigns.save(replace(campaign, asked_to=rows[-1].token_id))
        uow.commit()
    return asked


def _spared(campaign: Campaign, rows: Sequence[InUse], *, desk: Desk) -> frozenset[MemberId]:
    """Who was asked by another campaign lately, and is left in peace."""
    members = Among(frozenset(row.member_id for row in rows))
    since = desk.now - timedelta(days=campaign.rest_days)
    before = desk.uow.reminders.find(member_id=members, occasion=Occasion.CAMPAIGN)
    lately = (one for one in before if one.made_at > since and one.outcome is not Outcome.UNREACHED)
    return frozenset(one.member_id for one in lately if one.campaign_id != campaign.id)


def _letters(campaign: Campaign, rows: Sequence[InUse], *, desk: Desk) -> list[Letter]:
    """One for each member here that is to be asked: not one who has left or was asked lately, nor about a device that takes no
    numbers now."""
    spared = _spared(campaign, rows, desk=desk)
    keys = frozenset(row.member_id for row in rows) - spared
    members = {one.id: one for one in desk.uow.members.find(id=Among(keys), left_at=None)} if keys else {}
    turn = f"campaign:{campaign.id.hex}"
    return [
        Letter(
            member=members[row.member_id],
            token_id=row.token_id,
            occasion=Occasion.CAMPAIGN,
            turn=turn,
            campaign_id=campaign.id,
        )
        for row in rows
        if row.member_id in members and standing(desk.uow.tokens.get(row.token_id), now=desk.now) is None
    ]


def _end(campaign_id: UUID, *, desk: Desk) -> None:
    with desk.uow as uow:
        campaign = uow.campaigns.get(campaign_id)
        if campaign.state is CampaignState.RUNNING:
            over(campaign, BY, desk=desk)
            uow.commit()
