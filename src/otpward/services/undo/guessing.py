"""Who opens links that stand for nothing, again and again, waits."""

from otpward.clerk.limits import count_one, is_full, window_end
from otpward.core.errors import TooOften
from otpward.core.policy.rates import WRONG_LINKS_PER_SOURCE
from otpward.ports.desk import Desk

_WHAT = "wrong_undo.source"


def refuse_guessing(source: str, *, desk: Desk) -> None:
    """Turn an address away that opened too many; raises `TooOften`. Nothing is counted by asking."""
    with desk.uow:
        if is_full(_WHAT, source, WRONG_LINKS_PER_SOURCE, desk=desk):
            raise TooOften(window_end(desk.now, WRONG_LINKS_PER_SOURCE[0]))


def note_guess(source: str, *, desk: Desk) -> None:
    """One more."""
    with desk.uow as uow:
        count_one(_WHAT, source, WRONG_LINKS_PER_SOURCE, desk=desk)
        uow.commit()
