"""What happened around one person, found without reading what happened around everybody."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from otpward.core.audit import AuditEvent, AuditLine


class Story(Protocol):
    """The audit, by whom and what it names. What is older than a mark is found by an index that is filled in the background, so
    that no transaction pays for it; the rest by reading the end of the audit."""

    def about(
        self,
        things: Mapping[UUID, datetime | None],
        events: Collection[AuditEvent] | None = None,
        *,
        limit: int,
        before: datetime | None = None,
    ) -> list[AuditLine]:
        """The newest lines, of these events or of any, that name one of these things: as subject, as case, or as the member
        who acted. Of a thing with a time, only lines up to then; of all, those before `before`."""
        ...

    def roll_up(self, until: datetime, *, most: int) -> int:
        """Move the mark on, over up to `most` lines and to `until` at the latest; how many lines that were."""
        ...
