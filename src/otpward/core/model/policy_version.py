"""One version of an institution's policy: a text, who wrote it, who approved it, and from when it is in force."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from otpward.core.ids import InstitutionId, MemberId
from otpward.core.lifecycle.policy import PolicyState


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVersion:
    """The text is as it was written; what it leaves out is the default's (`core.policy.document`): today's while it is a draft,
    and from its approval on that of the day, which `whole` keeps.

    `number` counts up within the institution. `written_by` names everybody whose hand is in the text, so that none of them
    approves it. `effective_at` is wished for when it is put forward and settled when it is approved.
    """

    id: UUID
    institution_id: InstitutionId
    number: int
    state: PolicyState
    text: str
    whole: str = ""
    note: str = ""
    written_by: frozenset[str]
    made_at: datetime
    proposed_by: str = ""
    proposed_at: datetime | None = None
    effective_at: datetime | None = None
    decided_by: MemberId | None = None
    decided_at: datetime | None = None
    version: int = 0
