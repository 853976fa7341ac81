"""What tables are made of: the names of constraints, and columns by the kind of thing they hold."""

from typing import Any, Final

import sqlalchemy as sa

from otpward.store.columns import Id, Time, Word

metadata: Final = sa.MetaData(
    naming_convention={
        "pk": "%(table_name)s_key",
        "uq": "%(table_name)s_one_%(column_0_N_name)s",
        "ix": "%(table_name)s_by_%(column_0_N_name)s",
    }
)
"""Every constraint has a name on both engines, so that a later migration can find it."""


def an_id(name: str, *, null: bool = False) -> sa.Column[Any]:
    """A key of ours."""
    return sa.Column(name, Id, nullable=null)


def a_text(name: str, length: int = 200) -> sa.Column[Any]:
    """A short text, empty by default."""
    return sa.Column(name, sa.String(length), nullable=False, default="", server_default="")


def a_time(name: str, *, null: bool = False) -> sa.Column[Any]:
    """A moment in UTC."""
    return sa.Column(name, Time, nullable=null)


def a_number(name: str, default: int = 0) -> sa.Column[Any]:
    """A whole number."""
    return sa.Column(name, sa.BigInteger, nullable=False, default=default, server_default=str(default))


def a_flag(name: str) -> sa.Column[Any]:
    """Yes or no, no by default."""
    return sa.Column(name, sa.Boolean, nullable=False, default=False)


def a_word(name: str, kind: Any, *, null: bool = False, default: str | None = None) -> sa.Column[Any]:
    """A word of this enumeration; `default` for the rows that are there when the column comes."""
    return sa.Column(name, Word(kind), nullable=null, server_default=default)


def sealed(name: str, *, null: bool = False) -> sa.Column[Any]:
    """Octets: sealed, hashed, or a field of type `Personal`."""
    return sa.Column(name, sa.LargeBinary, nullable=null)


def a_table(name: str, *columns: Any, lead: str | None = None) -> sa.Table:
    """A table whose key is led by the institution, and by `lead` where rows are spread over buckets."""
    first = [] if lead is None else [sa.Column(lead, sa.Integer, nullable=False)]
    key = [*([lead] if lead else []), "institution_id", "id"]
    return sa.Table(
        name,
        metadata,
        *first,
        an_id("institution_id"),
        an_id("id"),
        *columns,
        a_number("version"),
        sa.PrimaryKeyConstraint(*key),
    )
