"""The results of a campaign leave the house in a file: who took them is written down."""

from uuid import UUID

from otpward.core.audit import AuditEvent
from otpward.core.model.member import Operator
from otpward.ports.desk import Desk


def export_campaign(campaign_id: UUID, operator: Operator, *, desk: Desk) -> None:
    """Write the line, before the first row goes."""
    with desk.uow as uow:
        campaign = uow.campaigns.get(campaign_id)
        uow.audit.append(
            AuditEvent.CAMPAIGN_SAVED_AS,
            campaign,
            by=operator.actor,
            at=desk.now,
            institution_id=campaign.institution_id,
            detail={"number": campaign.number},
        )
        uow.commit()
