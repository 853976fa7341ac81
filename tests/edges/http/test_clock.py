"""The server's clock is set back and on, a second comes twice, a device's clock runs slow: what is spent stays spent."""

from datetime import datetime, timedelta

import httpx
import pytest

from otpward.core.lifecycle.token import Hold
from otpward.core.model.token import Token
from tests.edges.http.conftest import Browser
from tests.fakes.sample import Sample, oath_code, seed_of
from tests.fakes.surroundings import NOON, FixedClock

HOUR = timedelta(hours=1)
STEP = timedelta(minutes=1)
REFUSED = {"replayed", "wrong_code", "resync_needed"}


class Device:
    """The member's device, whose clock is right unless it is said to be off."""

    def __init__(self, browser: Browser, sample: Sample) -> None:
        self.browser, self.sample = browser, sample

    def shows(self, at: datetime) -> str:
        return oath_code(seed_of(0), at)

    def enters(self, at: datetime) -> str:
        """What is said of the code that the device shows at this time."""
        answer: httpx.Response = self.browser.post(
            "/v1/verifications",
            json={"serial": self.sample.in_use, "code": self.shows(at)},
            headers={"Authorization": f"Bearer {self.sample.api_key}"},
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["reason"])

    @property
    def row(self) -> Token:
        token = self.sample.house.look(self.sample.institution.id, lambda uow: uow.tokens.first(serial=self.sample.in_use))
        assert token is not None
        return token


@pytest.fixture
def device(browser: Browser, sample: Sample) -> Device:
    return Device(browser, sample)


@pytest.mark.parametrize("back", [timedelta(seconds=1), STEP, HOUR, 366 * 24 * HOUR], ids=["second", "minute", "hour", "year"])
def test_a_code_of_noon_is_refused_when_it_is_noon_again(device: Device, clock: FixedClock, back: timedelta) -> None:
    assert device.enters(NOON) == "accepted"
    clock.at = NOON - back
    assert device.enters(NOON) in REFUSED
    assert device.enters(NOON - back) in REFUSED, "and so is every code from before it"
    clock.at = NOON
    assert device.enters(NOON) == "replayed"
    clock.at = NOON + STEP
    assert device.enters(NOON + STEP) == "accepted"


@pytest.mark.parametrize("on", [STEP, HOUR, 366 * 24 * HOUR], ids=["minute", "hour", "year"])
def test_a_clock_that_went_on_and_came_back_makes_no_old_code_good(device: Device, clock: FixedClock, on: timedelta) -> None:
    """A code that was taken too early spends all before it: the device is of no use until its time has come. Better than
    one that is accepted twice."""
    clock.at = NOON + on
    assert device.enters(NOON + on) == "accepted"
    clock.at = NOON
    assert device.enters(NOON) == "replayed"
    assert device.enters(NOON + on) in REFUSED
    mark = device.row.high_water
    clock.at = NOON + on
    assert device.enters(NOON + on) == "replayed"
    clock.at = NOON + on + STEP
    assert device.enters(NOON + on + STEP) == "accepted"
    assert device.row.high_water == mark + 1


def test_a_clock_that_is_wrong_for_a_while_only_delays_who_did_not_use_it(device: Device, clock: FixedClock) -> None:
    for at in (NOON + HOUR, NOON - HOUR, NOON):
        clock.at = at
    assert device.enters(NOON) == "accepted"


def test_a_second_that_comes_twice_gives_no_second_chance(device: Device, clock: FixedClock) -> None:
    """A leap second, as most systems show it: 23:59:59 is there again, or time is stretched over hours."""
    end = datetime.fromisoformat("2026-12-31T23:59:59.900+00:00")
    after = end + timedelta(seconds=0.2)
    clock.at = end
    assert device.enters(end) == "accepted"
    clock.at = after
    assert device.enters(after) == "accepted"
    clock.at = end
    assert [device.enters(end), device.enters(after)] == ["replayed", "replayed"]
    clock.at = after
    assert [device.enters(end), device.enters(after)] == ["replayed", "replayed"]
    clock.move(minutes=1)
    assert device.enters(clock.at) == "accepted"


def test_a_lock_lasts_as_long_as_the_servers_clock_says(device: Device, clock: FixedClock) -> None:
    for _ in range(10):
        device.enters(NOON - 30 * 24 * HOUR)
    assert Hold.LOCKED in device.row.holds
    for at, said in ((NOON - HOUR, "locked"), (NOON + 0.9 * HOUR / 2, "locked"), (NOON + HOUR / 2, "accepted")):
        clock.at = at
        assert device.enters(at) == said


@pytest.mark.parametrize("runs", [-1, 1], ids=["slow", "fast"])
def test_a_device_that_drifts_is_followed_for_years(device: Device, clock: FixedClock, runs: int) -> None:
    """Two minutes a year, twice what a plain crystal is off; used once a fortnight. What is learned is what it is off."""
    for _ in range(4 * 26):
        clock.move(days=14)
        off = runs * (clock.at - NOON) / (365.25 * 24 * 60 / 2 * STEP) * STEP
        assert device.enters(clock.at + off) == "accepted"
    assert abs(device.row.drift_steps - runs * 8) <= 1
    assert device.row.failures_total == 0


def test_a_device_that_drifts_beyond_ten_steps_is_not_followed_unasked(device: Device, clock: FixedClock) -> None:
    said = []
    for steps in range(14):
        clock.move(days=90)
        said.append(device.enters(clock.at - steps * STEP))
    assert said == ["accepted"] * 12 + ["resync_needed"] * 2
    assert device.row.drift_steps == -10


@pytest.mark.parametrize("steps", [-40, -12, 12, 40])
def test_a_device_that_jumps_has_to_show_two_codes(device: Device, clock: FixedClock, steps: int) -> None:
    clock.move(days=1)
    assert device.enters(clock.at) == "accepted"
    clock.move(days=1)
    assert device.enters(clock.at + steps * STEP) == "resync_needed"
    assert Hold.DRIFTED in device.row.holds
    assert device.enters(clock.at) == "resync_needed", "not even a right code: the device is not known to be right"


def test_a_device_that_jumps_out_of_sight_is_wrong(device: Device, clock: FixedClock) -> None:
    clock.move(days=1)
    assert device.enters(clock.at + 50 * STEP) == "wrong_code"
    assert device.row.holds == frozenset()
