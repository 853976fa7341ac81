"""A worker as a process of its own: `python -m tests.edges.workers.worker DATA SECONDS`, its clock so many seconds ahead."""

import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from otpward import wiring
from otpward.core.ids import InstitutionId
from otpward.edges.workers.jobs import Jobs, start_jobs
from otpward.notifiers import open_notifiers
from otpward.settings import read_settings
from otpward.store.outbox import QUEUE

_NEVER = "0 0 0 1 1 *"


class Ahead:
    """The time that it will be."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def now(self) -> datetime:
        """Now, and so many seconds more."""
        return datetime.now(UTC) + timedelta(seconds=self._seconds)


def main(data: Path, seconds: float) -> None:
    """Work until killed."""
    settings = read_settings(data)
    opened = wiring.open_wiring(settings)
    start_jobs(
        Jobs(
            house=replace(opened.house, clock=Ahead(seconds)),
            institutions=lambda: [InstitutionId(one.id) for one in opened.institutions()],
            notifiers=open_notifiers(settings),
            carrier=None,
            database_url=settings.database,
            executor="local",
            queue=QUEUE,
            follow_schedule=_NEVER,
            deadline_schedule=_NEVER,
            forget_schedule=_NEVER,
        )
    )
    threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
