"""What lies where, and what waits to be done."""

from datetime import timedelta

import pytest

from otpward.core.model.case import Delivery
from otpward.core.policy.stock import LOW_BELOW
from otpward.services.oversee.count_stock import count_stock
from otpward.services.oversee.see_shelf import see_shelf
from otpward.services.oversee.see_work import QUEUES, WITHIN, Queue, Work, see_work
from tests.services.walk import Walk


def work(walk: Walk, queue: Queue) -> Work:
    return walk.look(lambda uow: see_work(queue, branch_id=walk.sample.branch.id, uow=uow, now=walk.now))


def test_the_shelf_is_counted_by_state(walk: Walk) -> None:
    walk.ready("SN-02")
    (stock,) = walk.look(lambda uow: count_stock(uow=uow))
    assert (stock.in_stock, stock.reserved, stock.in_transit, stock.quarantined) == (5, 1, 0, 0)
    assert stock.low is (stock.in_stock < LOW_BELOW)


def test_what_lies_on_the_shelf_may_be_given_out(walk: Walk) -> None:
    walk.ready("SN-02")
    shelf = walk.look(lambda uow: see_shelf(walk.sample.branch.id, uow=uow, now=walk.now, limit=3))
    assert len(shelf) == 3
    assert "SN-02" not in {token.serial for token in shelf}


@pytest.mark.parametrize("queue", list(Queue))
def test_an_empty_queue_is_empty(walk: Walk, queue: Queue) -> None:
    assert work(walk, queue) == Work(queue=queue, count=0, oldest=None, overdue=0)
    assert QUEUES[queue]


@pytest.mark.parametrize(
    ("queue", "arrange"),
    [
        (Queue.REPORTED, lambda walk: walk.report()),
        (Queue.SUBMITTED, lambda walk: walk.submitted()),
        (Queue.CHECKING, lambda walk: walk.checking()),
        (Queue.APPROVED, lambda walk: walk.approved()),
        (Queue.TO_SET_OUT, lambda walk: walk.reserve(walk.approved(), "SN-02")),
        (Queue.TO_SEND, lambda walk: walk.reserve(walk.approved(Delivery.POST), "SN-02")),
        (Queue.READY_TO_COLLECT, lambda walk: walk.ready()),
        (Queue.ON_ITS_WAY, lambda walk: walk.posted()),
    ],
)
def test_work_is_in_its_queue_and_overdue_in_time(walk: Walk, queue: Queue, arrange: object) -> None:
    arrange(walk)  # type: ignore[operator]
    since = walk.now
    assert work(walk, queue) == Work(queue=queue, count=1, oldest=since, overdue=0)
    walk.clock.move(seconds=1)
    walk.clock.at += WITHIN.get(queue, timedelta(days=14))
    assert work(walk, queue).overdue == 1
