"""What runs in the background: notices leave, parcels are followed, deadlines are met. All of it survives a kill."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetEnqueueOptions, SetWorkflowID

from otpward.core.errors import OtpwardError, Unavailable
from otpward.core.ids import InstitutionId
from otpward.ports.carrier import Carrier
from otpward.ports.desk import House
from otpward.ports.notifier import Channel, Notifier
from otpward.services.apply.erase_documents import erase_documents
from otpward.services.apply.expire_drafts import expire_drafts
from otpward.services.apply.expire_unanswered import expire_unanswered
from otpward.services.deliver.expire_pick_ups import expire_pick_ups
from otpward.services.deliver.follow_parcels import follow_parcels
from otpward.services.oversee.forget import forget
from otpward.services.oversee.lapse_requests import lapse_requests
from otpward.services.oversee.send_notice import send_notice

_VERSION: Final = "1"
"""Raised only when entries written by older code cannot be finished by newer; otherwise an upgrade picks up what was queued."""
SENDERS: Final = 4

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """What the workers need. The schedules are cron lines with seconds.

    A gateway that does not answer is asked again after one second, two, four …; twelve attempts span half an hour.
    """

    house: House
    institutions: Callable[[], list[InstitutionId]]
    notifiers: Mapping[Channel, Notifier]
    carrier: Carrier | None
    database_url: str
    executor: str
    queue: str
    follow_schedule: str
    deadline_schedule: str
    forget_schedule: str
    attempts: int = 12
    first_wait_s: float = 1.0


def start_jobs(jobs: Jobs) -> Callable[[], None]:
    """Start the workers of this process; the returned function ends them and lets running entries finish."""
    config: DBOSConfig = {
        "name": "otpward",
        "system_database_url": jobs.database_url,
        "log_level": "ERROR",
        "application_version": _VERSION,
        "executor_id": jobs.executor,
        "serializer": DBOSPortableJSONSerializer(),
        "scheduler_polling_interval_sec": 5.0,
    }
    DBOS(config=config)

    @DBOS.step()
    def send_once(institution_id: str, notice_id: str, last: bool) -> bool:
        inside, notice = InstitutionId(UUID(institution_id)), UUID(notice_id)
        try:
            send_notice(inside, notice, house=jobs.house, notifiers=jobs.notifiers, last=last)
        except Unavailable as error:
            _log.warning("notice_waits", notice=notice_id, reason=str(error))
            return False
        return True

    @DBOS.workflow(name="send_notice")
    def send_notice_job(institution_id: str, notice_id: str, attempt: int = 1) -> None:
        if send_once(institution_id, notice_id, attempt >= jobs.attempts) or attempt >= jobs.attempts:
            return
        # The wait is spent in the queue and not in a sender: a gateway that is down for one must not hold up the others.
        wait = SetEnqueueOptions(delay_seconds=jobs.first_wait_s * 2 ** (attempt - 1))
        with SetWorkflowID(f"notice-{notice_id}-{attempt + 1}"), wait:
            DBOS.enqueue_workflow(jobs.queue, send_notice_job, institution_id, notice_id, attempt + 1)

    def each(act: Callable[[InstitutionId], object]) -> None:
        for one in jobs.institutions():
            try:
                act(one)
            except OtpwardError as error:  # one institution's trouble is not the others'
                _log.error("round_cut_short", institution=str(one), error=type(error).__name__, exc_info=error)

    @DBOS.step()
    def follow_all() -> None:
        carrier = jobs.carrier
        if carrier is not None:
            each(lambda one: follow_parcels(one, house=jobs.house, carrier=carrier))

    @DBOS.workflow(name="follow_parcels")
    def follow_job(_scheduled: datetime, _context: Any) -> None:
        follow_all()

    @DBOS.step()
    def meet_all() -> None:
        each(lambda one: jobs.house.do(one, lambda desk: expire_pick_ups(desk=desk)))
        each(lambda one: jobs.house.do(one, lambda desk: expire_drafts(desk=desk)))
        each(lambda one: jobs.house.do(one, lambda desk: expire_unanswered(desk=desk)))
        each(lambda one: jobs.house.do(one, lambda desk: lapse_requests(desk=desk)))
        each(lambda one: jobs.house.do(one, lambda desk: erase_documents(desk=desk)))

    @DBOS.step()
    def forget_all() -> None:
        each(lambda one: jobs.house.do(one, lambda desk: forget(desk=desk)))

    @DBOS.workflow(name="forget")
    def forget_job(_scheduled: datetime, _context: Any) -> None:
        forget_all()

    @DBOS.workflow(name="meet_deadlines")
    def deadline_job(_scheduled: datetime, _context: Any) -> None:
        meet_all()

    DBOS.launch()
    DBOS.register_queue(jobs.queue, worker_concurrency=SENDERS, polling_interval_sec=0.5)
    DBOS.apply_schedules(
        [
            {"schedule_name": "follow_parcels", "workflow_fn": follow_job, "schedule": jobs.follow_schedule},
            {"schedule_name": "meet_deadlines", "workflow_fn": deadline_job, "schedule": jobs.deadline_schedule},
            {"schedule_name": "forget", "workflow_fn": forget_job, "schedule": jobs.forget_schedule},
        ]
    )
    return lambda: DBOS.destroy(workflow_completion_timeout_sec=5)
