"""The outbox: entries of DBOS queues, written in the transaction of the change that causes them (docs/adr/0002)."""

from typing import Final
from uuid import UUID

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions

from otpward.core.errors import Invalid
from otpward.core.ids import InstitutionId

QUEUE: Final = "notices"
SEND_NOTICE: Final = "send_notice"


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
        if self._institution_id is None:
            raise Invalid("notices are sent inside one institution")
        options = EnqueueOptions(queue_name=QUEUE, workflow_name=SEND_NOTICE, workflow_id=f"notice-{notice_id}")
        self._client.enqueue_in_transaction(self._connection, options, str(self._institution_id), str(notice_id))
