"""What is kept for years and then erased: applications with all that hangs on them, fees, who looked at what."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID


class Archive(Protocol):
    """The records of an institution whose time may be over. Each call erases at most `limit` rows of its kind (and what belongs
    to them) and returns how many, so that no transaction is long."""

    def policies_of_ended(self) -> Collection[UUID | None]:
        """The versions that ended applications began under; None: before there was one."""
        ...

    def drop_cases(self, *, policy_id: UUID | None, ended_before: datetime, limit: int) -> int:
        """Applications under this version: timeline, notes, papers, proofs, reports, deliveries and messages go with them."""
        ...

    def drop_stray(self, *, before: datetime, limit: int) -> int:
        """What belongs to no application: reports, proofs, changes of contact, messages, consents that were taken back."""
        ...

    def drop_fees(self, *, before: datetime, limit: int) -> int:
        """Fees that were settled, or fell due, before this; never those of an application that is open."""
        ...

    def drop_access(self, *, before: datetime, limit: int) -> int:
        """Lines of the audit, and sessions."""
        ...
