"""What the codes of the day taught of the devices' clocks is read once a day, away from the way of the codes themselves."""

from typing import Final

from otpward.clerk.health import read_clock
from otpward.core.ids import InstitutionId, TokenId
from otpward.core.lifecycle.token import TokenState
from otpward.ports.desk import Desk, House

AT_A_TIME: Final = 200


def read_clocks(institution_id: InstitutionId, *, house: House) -> int:
    """Read the clock of every device that is known to be off; how many were looked at."""
    after: TokenId | None = None
    looked = 0
    while True:
        here = after
        rows = house.look(institution_id, lambda uow, here=here: uow.roll.drifted(limit=AT_A_TIME, after=here))  # type: ignore[misc]
        if not rows:
            return looked
        keys = [key for key, _, _ in rows]
        house.do(institution_id, lambda desk, keys=keys: _read(keys, desk=desk))  # type: ignore[misc]
        looked, after = looked + len(rows), keys[-1]


def _read(keys: list[TokenId], *, desk: Desk) -> None:
    with desk.uow as uow:
        for key in keys:
            token = uow.tokens.get(key)
            if token.state is TokenState.ACTIVE:
                read_clock(token, desk=desk)
        uow.commit()
