"""A second person starts a campaign, or sends it back; a running one can be ended."""

from dataclasses import dataclass, replace

from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Conflict, Denied, NotFound
from otpward.core.lifecycle.campaign import CampaignEvent, advance_campaign
from otpward.core.model.campaign import Campaign
from otpward.core.model.member import Operator, Role
from otpward.core.policy.roles import Permission, require
from otpward.core.policy.versions import day_of
from otpward.ports.desk import Desk


class OwnCampaign(Denied):
    """Who put it forward does not start it."""

    code = "own_campaign"


class StaleCampaign(Conflict):
    """It changed since it was shown, or its last day has come meanwhile."""

    code = "stale_campaign"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideCampaign:
    """Who decides on which."""

    operator: Operator
    number: int
    seen_version: int | None = None


def may_decide(campaign: Campaign, operator: Operator) -> bool:
    """Whoever sits at a branch decides on nothing that asks other branches' members."""
    return operator.role is not Role.BRANCH or operator.branch_id is None or campaign.branch_id == operator.branch_id


def start_campaign(ask: DecideCampaign, *, desk: Desk) -> Campaign:
    """The campaign, running: its members are asked from now on.

    Raises:
        OwnCampaign: put forward by the same operator.
        Denied: not this role, or whoever sits at a branch would start what is not that branch's alone.
        StaleCampaign, IllegalTransition, NotFound.
    """
    require(ask.operator.role, Permission.APPROVE)
    with desk.uow as uow:
        found = _own(ask, desk=desk)
        if found.made_by == ask.operator.member_id:
            raise OwnCampaign("a second person must start it")
        state = advance_campaign(found.state, CampaignEvent.START)
        if found.ends_on <= day_of(desk.now):
            raise StaleCampaign("its last day has come")
        started = replace(found, state=state, started_by=ask.operator.member_id, started_at=desk.now)
        saved = _keep(started, AuditEvent.CAMPAIGN_STARTED, ask.operator.actor, desk=desk)
        uow.commit()
    return saved


def send_back_campaign(ask: DecideCampaign, *, desk: Desk) -> Campaign:
    """It never begins; who put it forward may also take it back. Raises as above, but for `OwnCampaign`."""
    permission = Permission.CAMPAIGN
    require(ask.operator.role, permission)
    with desk.uow as uow:
        found = _own(ask, desk=desk)
        withdrawn = replace(found, state=advance_campaign(found.state, CampaignEvent.SEND_BACK), ended_at=desk.now)
        saved = _keep(withdrawn, AuditEvent.CAMPAIGN_SENT_BACK, ask.operator.actor, desk=desk)
        uow.commit()
    return saved


def end_campaign(ask: DecideCampaign, *, desk: Desk) -> Campaign:
    """Nobody else is asked; links that are out go on working. Raises as above."""
    require(ask.operator.role, Permission.CAMPAIGN)
    with desk.uow as uow:
        saved = over(_own(ask, desk=desk), ask.operator.actor, desk=desk)
        uow.commit()
    return saved


def over(campaign: Campaign, by: Actor, *, desk: Desk) -> Campaign:
    """It is at its end, by hand or by time."""
    ended = replace(campaign, state=advance_campaign(campaign.state, CampaignEvent.END), ended_at=desk.now)
    return _keep(ended, AuditEvent.CAMPAIGN_ENDED, by, desk=desk)


def lapse(campaign: Campaign, by: Actor, *, desk: Desk) -> Campaign:
    """Nobody decided in time."""
    ended = replace(campaign, state=advance_campaign(campaign.state, CampaignEvent.LAPSE), ended_at=desk.now)
    return _keep(ended, AuditEvent.CAMPAIGN_LAPSED, by, desk=desk)


def _found(ask: DecideCampaign, *, desk: Desk) -> Campaign:
    found = desk.uow.campaigns.first(number=ask.number)
    if found is None:
        raise NotFound("no such campaign")
    if ask.seen_version is not None and found.version != ask.seen_version:
        raise StaleCampaign("it changed since it was shown")
    return found


def _own(ask: DecideCampaign, *, desk: Desk) -> Campaign:
    """The same, for who may decide on it: at a branch, only that branch's."""
    found = _found(ask, desk=desk)
    if not may_decide(found, ask.operator):
        raise Denied("only their own branch")
    return found


def _keep(campaign: Campaign, event: AuditEvent, by: Actor, *, desk: Desk) -> Campaign:
    saved = desk.uow.campaigns.save(campaign)
    detail = {"number": saved.number}
    desk.uow.audit.append(event, saved, by=by, at=desk.now, institution_id=saved.institution_id, detail=detail)
    return saved
