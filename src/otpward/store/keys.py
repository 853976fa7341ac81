"""The wrapped data keys: useless without the master key, which is never in the database."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from otpward.ports.vault import WrappedKey
from otpward.store import tables


def load_keys(engine: sa.Engine) -> list[WrappedKey]:
    """Every data key, oldest first."""
    table = tables.data_key
    with engine.connect() as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.number)).all()
    return [WrappedKey(row.number, row.purpose, row.wrapped) for row in rows]


def save_keys(engine: sa.Engine, keys: Sequence[WrappedKey], now: datetime) -> None:
    """Keep new data keys."""
    with engine.begin() as connection:
        for key in keys:
            values = {"number": key.number, "purpose": key.purpose, "wrapped": key.wrapped, "made_at": now}
            connection.execute(sa.insert(tables.data_key).values(values))
