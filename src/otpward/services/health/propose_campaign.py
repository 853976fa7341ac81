"""A campaign is put forward: whom to ask, and until when. A second person starts it."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Conflict, Denied, Invalid, Moved, Taken
from otpward.core.ids import InstitutionId, MemberId
from otpward.core.lifecycle.campaign import CampaignState
from otpward.core.model.campaign import Campaign, Chosen
from otpward.core.model.member import Operator, Role
from otpward.core.policy.reminding import CAMPAIGN_DAYS_MOST, REST_DAYS, REST_DAYS_MOST
from otpward.core.policy.roles import Permission, require
from otpward.core.policy.versions import day_of
from otpward.ports.desk import Desk

NAME_LETTERS = 100
NOBODY = UUID(int=0)
"""Whoever sits at the machine has no key."""


class Nobody(Conflict):
    """No device in use meets the conditions."""

    code = "nobody"


class Everybody(Invalid):
    """No condition is given, so that every member would be asked, and nobody has said that this is meant."""

    code = "everybody"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeCampaign:
    """What was filled in, by an operator or by a system. `everybody`: they said that all members are meant."""

    institution_id: InstitutionId
    author: Operator | Actor
    name: str
    chosen: Chosen
    ends_on: date
    rest_days: int = REST_DAYS
    everybody: bool = False


def propose_campaign(ask: ProposeCampaign, *, desk: Desk) -> Campaign:
    """The campaign, waiting for a second person.

    Raises:
        Invalid: no name (field `name`), an end in the past or too far off (`ends_on`), a last day before the first
            (`expires_until`), a number of days that cannot be (`rest_days`), no such branch (`branch`).
        Everybody: nothing is chosen (field `everybody`).
        Nobody: no device meets the conditions.
        Denied: not this role, or another branch than their own.
    """
    by = _hand(ask)
    name = " ".join(ask.name.split())[:NAME_LETTERS]
    _check(ask, name, day_of(desk.now))
    chosen = ask.chosen
    with desk.uow as uow:
        if chosen.branch_id is not None and uow.branches.first(id=chosen.branch_id) is None:
            raise Invalid("no such branch", field="branch")
        if not uow.roll.count(chosen):
            raise Nobody("no device meets the conditions")
        newest = uow.campaigns.first(order="-number")
        campaign = Campaign(
            id=desk.new_id(),
            institution_id=ask.institution_id,
            number=1 if newest is None else newest.number + 1,
            name=name,
            state=CampaignState.PROPOSED,
            branch_id=chosen.branch_id,
            form=chosen.form,
            model=chosen.model or "",
            expires_from=chosen.expires_from,
            expires_until=chosen.expires_until,
            fails_until=chosen.fails_until,
            unused_since=chosen.unused_since,
            ends_on=ask.ends_on,
            rest_days=ask.rest_days,
            made_by=MemberId(by.id or NOBODY),
            made_at=desk.now,
        )
        try:
            uow.campaigns.add(campaign)
        except Taken:
            raise Moved("another one was put forward at the same moment") from None
        detail = {"number": campaign.number}
        uow.audit.append(
            AuditEvent.CAMPAIGN_PROPOSED,
            campaign,
            by=by,
            at=desk.now,
            institution_id=ask.institution_id,
            detail=detail,
        )
        uow.commit()
    return campaign


def _hand(ask: ProposeCampaign) -> Actor:
    """Who puts it forward. An operator is asked for role and branch; any other was let in by the door, with key or shell."""
    if isinstance(ask.author, Actor):
        return ask.author
    require(ask.author.role, Permission.CAMPAIGN)
    own = ask.author.branch_id if ask.author.role is Role.BRANCH else None
    if own is not None and ask.chosen.branch_id != own:
        raise Denied("only their own branch")
    return ask.author.actor


def _check(ask: ProposeCampaign, name: str, today: date) -> None:
    chosen = ask.chosen
    if not name:
        raise Invalid("it has no name", field="name")
    if not today < ask.ends_on <= today + timedelta(days=CAMPAIGN_DAYS_MOST):
        raise Invalid("its last day is over, or too far off", field="ends_on")
    if None not in {chosen.expires_from, chosen.expires_until} and chosen.expires_until < chosen.expires_from:  # type: ignore[operator]
        raise Invalid("the last day is before the first", field="expires_until")
    if not 0 <= ask.rest_days <= REST_DAYS_MOST:
        raise Invalid("not a number of days", field="rest_days")
    if chosen.is_everything and not ask.everybody:
        raise Everybody("every member would be asked", field="everybody")
