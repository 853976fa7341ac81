"""A campaign: a question to every member whose device meets a few conditions."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from otpward.core.ids import BranchId, InstitutionId, MemberId
from otpward.core.lifecycle.campaign import CampaignState
from otpward.core.model.token import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which devices in use: what is None is not asked about. Days are inclusive at both ends."""

    branch_id: BranchId | None = None
    form: Form | None = None
    model: str | None = None
    expires_from: date | None = None
    expires_until: date | None = None
    fails_until: date | None = None
    """Battery or clock is forecast to give out by this day."""
    unused_since: date | None = None
    """Not used since this day, or never."""

    @property
    def is_everything(self) -> bool:
        """Whether nothing is asked, so that every device in use is meant."""
        return self == Chosen()


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Written by one operator, started by another. Members are asked one after another, in the order of their devices' keys:
    `asked_to` is how far that has come. Who was asked by any campaign in the last `rest_days` is left out."""

    id: UUID
    institution_id: InstitutionId
    number: int
    name: str
    state: CampaignState
    branch_id: BranchId | None = None
    form: Form | None = None
    model: str = ""
    expires_from: date | None = None
    expires_until: date | None = None
    fails_until: date | None = None
    unused_since: date | None = None
    ends_on: date
    rest_days: int
    made_by: MemberId
    made_at: datetime
    started_by: MemberId | None = None
    started_at: datetime | None = None
    asked_to: UUID | None = None
    asked_all_at: datetime | None = None
    ended_at: datetime | None = None
    version: int = 0

    @property
    def chosen(self) -> Chosen:
        """Whose members are asked."""
        return Chosen(
            branch_id=self.branch_id,
            form=self.form,
            model=self.model or None,
            expires_from=self.expires_from,
            expires_until=self.expires_until,
            fails_until=self.fails_until,
            unused_since=self.unused_since,
        )
