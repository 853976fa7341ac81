"""The audit is rolled up by what it names, a little at a time, so that a member's own record is found at once."""

from datetime import timedelta
from typing import Final

from otpward.core.ids import InstitutionId
from otpward.ports.desk import Desk, House

_LAG: Final = timedelta(minutes=2)
"""A line carries the time at which its act began; one that is being written still is not passed over."""
_LINES: Final = 1_000
"""At once: SQLite has one writer, and who verifies a code waits no longer than this takes."""
_ROUNDS: Final = 2_000


def roll_story(institution_id: InstitutionId, *, house: House) -> int:
    """How many lines were rolled up; the rest waits for the next round."""
    done = 0
    for _ in range(_ROUNDS):
        count = house.do(institution_id, lambda desk: _one(desk=desk))
        done += count
        if count == 0:
            break
    return done


def _one(*, desk: Desk) -> int:
    with desk.uow as uow:
        count = uow.story.roll_up(desk.now - _LAG, most=_LINES)
        uow.commit()
    return count
