"""What one number tells of a clock, and how far a browser's word goes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.model.case import Reason
from otpward.core.model.device_check import Complaint
from otpward.core.oath.totp import time_step
from otpward.core.policy.checks import PHONE_FARTHEST_S, TYPING_S, clock_off_s, phone_off_s, reason_for

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def position(now: datetime, off_s: float, period_s: int) -> int:
    """The step that a device shows whose clock is so far ahead."""
    return time_step(now + timedelta(seconds=off_s), period_s)


@given(second=st.integers(0, 3599), off_s=st.integers(-3600, 3600), period_s=st.sampled_from([30, 60]))
def test_one_number_tells_the_clock_to_half_a_step(second: int, off_s: int, period_s: int) -> None:
    now = NOON + timedelta(seconds=second)
    told = clock_off_s(position(now, off_s, period_s), period_s, now)
    if told:
        assert abs(told - off_s) <= period_s / 2 + 1
    else:
        assert -(2 * period_s + TYPING_S) <= off_s < period_s  # it may be in step, or have been typed late


@given(second=st.integers(0, 3599), typed_after_s=st.integers(0, TYPING_S), period_s=st.sampled_from([30, 60]))
def test_a_device_in_step_is_never_called_off_for_slow_typing(second: int, typed_after_s: int, period_s: int) -> None:
    shown = NOON + timedelta(seconds=second)
    assert clock_off_s(time_step(shown, period_s), period_s, shown + timedelta(seconds=typed_after_s)) == 0


@pytest.mark.parametrize("off_s", [40, -200, 600])
def test_the_second_of_two_in_a_row_tells_it_better(off_s: int) -> None:
    appears = NOON - timedelta(seconds=off_s)  # the device turns to a new step here
    typed = appears + timedelta(seconds=7)
    assert abs(clock_off_s(position(typed, off_s, 60), 60, typed, in_a_row=True) - off_s) <= 10


@pytest.mark.parametrize(
    ("told_ms", "off_s"),
    [
        (int(NOON.timestamp() * 1000), 0),
        (int(NOON.timestamp() * 1000) + 7_200_000, 7200),
        (int((NOON.timestamp() - 90) * 1000), -90),
        (int((NOON.timestamp() + PHONE_FARTHEST_S + 60) * 1000), None),
    ],
    ids=["right", "two hours fast", "slow", "absurd"],
)
def test_a_browser_says_how_far_it_is_off(told_ms: int, off_s: int | None) -> None:
    assert phone_off_s(str(told_ms), NOON) == off_s


@pytest.mark.parametrize("complaint", Complaint)
def test_every_complaint_has_its_reason(complaint: Complaint) -> None:
    phone = complaint in {Complaint.PHONE_CHANGED, Complaint.APP_DELETED}
    assert reason_for(complaint) is (Reason.PHONE_CHANGED if phone else Reason.FAULTY)
