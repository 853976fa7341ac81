"""A device that nobody collects goes back to the shelf by itself, on each engine; and its member is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.delivery import PickUp
from tests.edges.workers.conftest import Installation, within
from tests.fakes.sample import PHONE
from tests.services.walk import Walk

pytestmark = pytest.mark.slow


def test_what_is_not_collected_in_time_goes_back_by_itself(installation: Installation, work: Callable[..., None]) -> None:
    walk = Walk(installation.sample)
    case, pick_up = walk.ready("SN-02")
    now = installation.opened.house.clock.now()

    def wait_until(until: timedelta) -> None:
        ready: PickUp = walk.look(lambda uow: uow.pick_ups.get(pick_up.id))
        walk.edit(lambda uow: uow.pick_ups.save(replace(ready, ready_at=now - timedelta(days=20), until=now + until)))

    wait_until(timedelta(days=1))
    work(deadline_schedule="* * * * * *")
    assert within(20, lambda: any("마지막 날입니다" in text for text in installation.texts(PHONE))), "reminded first"
    wait_until(timedelta(days=-1))
    assert within(20, lambda: walk.case(case.id).state is CaseState.EXPIRED)
    assert walk.token("SN-02").state is TokenState.IN_STOCK
    assert within(20, lambda: any("수령 기한이 지나" in text for text in installation.texts(PHONE)))
