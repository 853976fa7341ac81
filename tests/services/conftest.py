"""The services over a house in memory, with a clock that stands still."""

import pytest

from otpward.ports.desk import House
from tests.fakes.house import memory_house
from tests.fakes.sample import Sample, make_sample
from tests.services.walk import Walk


@pytest.fixture
def house() -> House:
    return memory_house()


@pytest.fixture
def sample(house: House) -> Sample:
    return make_sample(house)


@pytest.fixture
def walk(sample: Sample) -> Walk:
    return Walk(sample)


@pytest.fixture
def two_people() -> Walk:
    """The same in an institution where an approval needs a second person."""
    return Walk(make_sample(memory_house(), two_people=True))
