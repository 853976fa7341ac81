"""What a member holds in the other hand: the phone with its newest code, the device with its number."""

import re
from datetime import timedelta

from tests.fakes.sample import Sample, oath_code, seed_of

MOBILE = "010-5550-1101"
WRONG = "000000"
"""No number of the sample device near the noon of the fixed clock."""


def phone_code(sample: Sample) -> str:
    """The newest code that was texted."""
    notice = sample.house.look(sample.institution.id, lambda uow: uow.notices.first(carries_code=True, order="-created_at"))
    assert notice is not None, "no code was sent"
    found = re.search(r"\b\d{6}\b", notice.text.reveal())
    assert found, "a text without a code"
    return found.group()


def device_number(sample: Sample, *, off_s: int = 0) -> str:
    """What the member's device shows; `off_s` is how far its clock is ahead."""
    return oath_code(seed_of(0), sample.house.clock.now() + timedelta(seconds=off_s))
