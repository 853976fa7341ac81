"""A dozen photographs of the measured set: what must be covered is; `python -m tools.masking_set` takes all two hundred."""

import pytest

from otpward.adapters.documents.see import Eye
from tools.masking_set.__main__ import judge


@pytest.fixture(scope="module")
def eye() -> Eye:
    return Eye(threads=2)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(12))
def test_every_digit_that_must_be_is_covered(eye: Eye, number: int) -> None:
    _, count, sure, faults = judge(number, eye, None)
    assert count.covered == count.secret, faults
    assert count.mistaken <= count.other / 4, faults
    assert sure, faults
