"""The outbox: entries of DBOS queues, written in the transaction of the change that causes them (docs/adr/0002)."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions

from otpward.core.errors import Invalid
from otpward.core.ids import InstitutionId

QUEUE: Final = "notices"
BATCHES: Final = "notice_batches"
"""Reminders have a queue of their own: a campaign holds up no code that somebody waits for."""
SEND_NOTICE: Final = "send_notice"
ORDER_NUMBERS: Final = "order_numbers"
SEND_BATCH: Final = "send_batch"


def migrate_queues(url: str) -> None:
    """Bring the tables of the durable queues up to date; they lie in the same database."""
    DBOS.migrate(url)


def open_client(url: str) -> DBOSClient:
    """Someone who can put entries into the queues. JSON, never pickle: a row must not be able to run code."""
    return DBOSClient(system_database_url=url, serializer=DBOSPortableJSONSerializer(), application_name="otpward")


class DbosOutbox:
    """Enqueues on the connection of the running transaction: what rolls back was never sent."""

    def __init__(self, client: DBOSClient, connection: sa.Connection, institution_id: InstitutionId | None) -> None:
        self._client = client
        self._connection = connection
        self._institution_id = institution_id

    def send_notice(self, notice_id: UUID) -> None:
        """Send this notice once the transaction has committed."""
        options = EnqueueOptions(queue_name=QUEUE, workflow_name=SEND_NOTICE, workflow_id=f"notice-{notice_id}")
        self._client.enqueue_in_transaction(self._connection, options, self._inside(), str(notice_id))

    def send_batch(self, batch_id: UUID, *, not_before: datetime | None = None) -> None:
        """Send the notices of this batch once the transaction has committed, and not before this moment."""
        options = EnqueueOptions(queue_name=BATCHES, workflow_name=SEND_BATCH, workflow_id=f"batch-{batch_id}")
        if not_before is not None:
            options["delay_seconds"] = max(0.0, (not_before - datetime.now(UTC)).total_seconds())
        self._client.enqueue_in_transaction(self._connection, options, self._inside(), str(batch_id))

    def _inside(self) -> str:
        if self._institution_id is None:
            raise Invalid("notices are sent inside one institution")
        return str(self._institution_id)

    def order_numbers(self, batch_id: UUID, round_no: int) -> None:
        """Ask the carrier for the numbers of this batch once the transaction has committed."""
        key = f"numbers-{batch_id}-{round_no}"
        options = EnqueueOptions(queue_name=QUEUE, workflow_name=ORDER_NUMBERS, workflow_id=key)
        self._client.enqueue_in_transaction(self._connection, options, self._inside(), str(batch_id), round_no)
