"""What runs in the background: notices leave, parcels are followed, deadlines are met. All of it survives a kill."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetEnqueueOptions, SetWorkflowID

from otpward.core.errors import OtpwardError, Unavailable
from otpward.core.ids import InstitutionId
from otpward.core.policy.tracking import PACE
from otpward.edges.workers.looking_after import look_after
from otpward.ports.carrier import Carrier, OrderTaker
from otpward.ports.desk import House
from otpward.ports.notifier import Channel, Notifier
from otpward.services.apply.erase_documents import erase_documents
from otpward.services.apply.expire_drafts import expire_drafts
from otpward.services.apply.expire_unanswered import expire_unanswered
from otpward.services.deliver.expire_pick_ups import expire_pick_ups
from otpward.services.deliver.follow_parcels import follow_parcels
from otpward.services.deliver.order_numbers import order_numbers
from otpward.services.deliver.remind_pick_ups import remind_pick_ups
from otpward.services.health.ask_members import ask_members, lapse_campaigns
from otpward.services.notices.follow_notices import follow_notices
from otpward.services.notices.send_batch import send_batch
from otpward.services.oversee.erase_records import erase_records
from otpward.services.oversee.forget import forget
from otpward.services.oversee.lapse_requests import lapse_requests
from otpward.services.oversee.policies.keep_meanings import keep_meanings
from otpward.services.oversee.roll_story import roll_story
from otpward.services.oversee.send_notice import send_notice

_VERSION: Final = "1"
"""Raised only when entries written by older code cannot be finished by newer; otherwise an upgrade picks up what was queued."""
SENDERS: Final = 16
"""The queue is looked at five times a second and gives each time what the senders can take: 80 notices a second."""
BATCH_SENDERS: Final = 2
_ROUNDS: Final = 500
"""Of old records so many times two hundred of a kind go in an hour; the rest waits for the next."""

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
    batch_queue: str = "notice_batches"
    follow_schedule: str
    deadline_schedule: str
    forget_schedule: str
    notice_schedule: str = "15,45 * * * * *"
    story_schedule: str = "5,35 * * * * *"
    health_schedule: str = "0 10 1 * * *"
    """At ten past ten in the morning, in Korea: what only reminds is not written at night."""
    attempts: int = 12
    first_wait_s: float = 1.0
    pace: timedelta = PACE
    longest_wait_s: float = 1800.0
    order_attempts: int = 200
    """A carrier that is down for days is asked every half hour, for four days."""


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

    @DBOS.step()
    def send_batch_once(institution_id: str, batch_id: str, last: bool) -> float:
        """Seconds until there is more to do for this batch; 0: nothing is left, below 0: nobody answered."""
        inside, batch = InstitutionId(UUID(institution_id)), UUID(batch_id)
        try:
            left = send_batch(inside, batch, house=jobs.house, notifiers=jobs.notifiers, last=last)
        except Unavailable as error:
            _log.warning("batch_waits", batch=batch_id, reason=str(error))
            return -1.0
        return 0.0 if left is None else max(0.5, left.total_seconds())

    @DBOS.workflow(name="send_batch")
    def send_batch_job(institution_id: str, batch_id: str, attempt: int = 1) -> None:
        left = send_batch_once(institution_id, batch_id, attempt >= jobs.attempts)
        if left == 0.0 or (left < 0 and attempt >= jobs.attempts):
            return
        wait_s = left if left > 0 else jobs.first_wait_s * 2 ** (attempt - 1)
        with SetWorkflowID(f"batch-{batch_id}-{attempt + 1}"), SetEnqueueOptions(delay_seconds=wait_s):
            DBOS.enqueue_workflow(jobs.batch_queue, send_batch_job, institution_id, batch_id, attempt + 1)

    @DBOS.step()
    def order_once(institution_id: str, batch_id: str) -> bool:
        """Whether the carrier has answered about every parcel of this batch."""
        carrier = jobs.carrier
        if carrier is None or not isinstance(carrier, OrderTaker):
            return True
        try:
            order_numbers(InstitutionId(UUID(institution_id)), UUID(batch_id), house=jobs.house, carrier=carrier)
        except Unavailable as error:
            _log.warning("numbers_wait", batch=batch_id, reason=str(error))
            return False
        return True

    @DBOS.workflow(name="order_numbers")
    def order_numbers_job(institution_id: str, batch_id: str, round_no: int, attempt: int = 1) -> None:
        if order_once(institution_id, batch_id) or attempt >= jobs.order_attempts:
            return
        wait_s = min(jobs.first_wait_s * 2 ** min(attempt - 1, 20), jobs.longest_wait_s)
        with SetWorkflowID(f"numbers-{batch_id}-{round_no}-{attempt + 1}"), SetEnqueueOptions(delay_seconds=wait_s):
            DBOS.enqueue_workflow(jobs.queue, order_numbers_job, institution_id, batch_id, round_no, attempt + 1)

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
            each(lambda one: follow_parcels(one, house=jobs.house, carrier=carrier, pace=jobs.pace))

    @DBOS.workflow(name="follow_parcels")
    def follow_job(_scheduled: datetime, _context: Any) -> None:
        follow_all()

    @DBOS.step()
    def meet_all() -> None:
        each(lambda one: jobs.house.do(one, lambda desk: remind_pick_ups(desk=desk)))
        each(lambda one: jobs.house.do(one, lambda desk: expire_pick_ups(desk=desk)))
        each(lambda one: jobs.house.do(one, lambda desk: expire_drafts(desk=desk)))
        each(lambda one: jobs.house.do(one, lambda desk: expire_unanswered(desk=desk)))
        each(lambda one: jobs.house.do(one, lambda desk: lapse_requests(desk=desk)))
        each(lambda one: jobs.house.do(one, lambda desk: erase_documents(desk=desk)))

    @DBOS.step()
    def ask_all() -> None:
        each(lambda one: jobs.house.do(one, lambda desk: lapse_campaigns(desk=desk)))
        each(lambda one: ask_members(one, house=jobs.house))

    @DBOS.step()
    def look_after_all() -> None:
        each(lambda one: _log.info("looked_after", **look_after(one, house=jobs.house)))

    @DBOS.workflow(name="look_after")
    def health_job(_scheduled: datetime, _context: Any) -> None:
        look_after_all()

    @DBOS.workflow(name="ask_members")
    def campaign_job(_scheduled: datetime, _context: Any) -> None:
        ask_all()

    def erase_all(one: InstitutionId) -> None:
        for _ in range(_ROUNDS):
            if not jobs.house.do(one, lambda desk: erase_records(one, desk=desk)):
                return

    @DBOS.step()
    def follow_all_notices() -> None:
        each(lambda one: follow_notices(one, house=jobs.house, notifiers=jobs.notifiers))

    @DBOS.workflow(name="follow_notices")
    def notices_job(_scheduled: datetime, _context: Any) -> None:
        follow_all_notices()

    @DBOS.step()
    def forget_all() -> None:
        each(lambda one: jobs.house.do(one, lambda desk: forget(desk=desk)))
        each(lambda one: jobs.house.do(one, lambda desk: keep_meanings(one, desk=desk)))
        each(erase_all)

    @DBOS.step()
    def roll_all() -> None:
        each(lambda one: roll_story(one, house=jobs.house))

    @DBOS.workflow(name="roll_story")
    def story_job(_scheduled: datetime, _context: Any) -> None:
        roll_all()

    @DBOS.workflow(name="forget")
    def forget_job(_scheduled: datetime, _context: Any) -> None:
        forget_all()

    @DBOS.workflow(name="meet_deadlines")
    def deadline_job(_scheduled: datetime, _context: Any) -> None:
        meet_all()

    DBOS.launch()
    DBOS.register_queue(jobs.queue, worker_concurrency=SENDERS, polling_interval_sec=0.2)
    DBOS.register_queue(jobs.batch_queue, worker_concurrency=BATCH_SENDERS, polling_interval_sec=0.5)
    DBOS.apply_schedules(
        [
            {"schedule_name": "follow_parcels", "workflow_fn": follow_job, "schedule": jobs.follow_schedule},
            {"schedule_name": "meet_deadlines", "workflow_fn": deadline_job, "schedule": jobs.deadline_schedule},
            {"schedule_name": "follow_notices", "workflow_fn": notices_job, "schedule": jobs.notice_schedule},
            {"schedule_name": "roll_story", "workflow_fn": story_job, "schedule": jobs.story_schedule},
            {"schedule_name": "forget", "workflow_fn": forget_job, "schedule": jobs.forget_schedule},
            {"schedule_name": "look_after", "workflow_fn": health_job, "schedule": jobs.health_schedule},
            {"schedule_name": "ask_members", "workflow_fn": campaign_job, "schedule": jobs.deadline_schedule},
        ]
    )
    return lambda: DBOS.destroy(workflow_completion_timeout_sec=5)
