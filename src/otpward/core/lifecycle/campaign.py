"""How a campaign goes: put forward by one operator, started by another, at its end by time or by hand."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from otpward.core.lifecycle.table import follow


class CampaignState(StrEnum):
    """Where it stands."""

    PROPOSED = "proposed"
    RUNNING = "running"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


class CampaignEvent(StrEnum):
    """What can happen to it."""

    START = "start"
    SEND_BACK = "send_back"
    LAPSE = "lapse"
    END = "end"


CAMPAIGN: Final[Mapping[CampaignState, Mapping[CampaignEvent, CampaignState]]] = {
    CampaignState.PROPOSED: {
        CampaignEvent.START: CampaignState.RUNNING,
        CampaignEvent.SEND_BACK: CampaignState.WITHDRAWN,
        CampaignEvent.LAPSE: CampaignState.WITHDRAWN,
    },
    CampaignState.RUNNING: {CampaignEvent.END: CampaignState.ENDED},
    CampaignState.ENDED: {},
    CampaignState.WITHDRAWN: {},
}


def advance_campaign(state: CampaignState, event: CampaignEvent) -> CampaignState:
    """The state after `event`; raises `IllegalTransition`."""
    return follow(CAMPAIGN, state, event)
