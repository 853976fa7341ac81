"""Bringing a database to the schema that this code expects."""

from importlib.resources import as_file, files
from typing import Final

import sqlalchemy as sa

from otpward.core.errors import Unavailable
from otpward.store.outbox import migrate_queues

_MIGRATIONS: Final = files("otpward.store") / "migrations"
# Where Alembic keeps the number of the last step; named in migrations/env.py, too.
_VERSION: Final = sa.table("schema_version", sa.column("version_num", sa.String))


class OldSchema(Unavailable):
    """The database is older or newer than this code; `otpward db upgrade` mends the former."""

    code = "old_schema"


def upgrade(engine: sa.Engine, url: str) -> None:
    """Run every step that is missing, those of the durable queues and ours. Safe to run again, and after a kill.

    Ours come last: a database that says it has our schema has the queues as well.
    """
    # Only here: a server that starts has nothing to bring up, and need not wait for the tool.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    migrate_queues(url)
    with as_file(_MIGRATIONS) as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()


def newest_schema() -> str:
    """Return the number of the last step, which its file's name begins with; steps are numbered and form one line."""
    return max(step.name[:4] for step in (_MIGRATIONS / "versions").iterdir() if step.name[:4].isdecimal())


def refuse_other_schema(engine: sa.Engine) -> None:
    """Let the code run only on its own schema; raises `OldSchema`."""
    with engine.connect() as connection:
        begun = sa.inspect(connection).has_table(_VERSION.name)
        found = connection.scalar(sa.select(_VERSION.c.version_num)) if begun else None
    expected = newest_schema()
    if found != expected:
        raise OldSchema(f"the database has schema {found or 'none'}, this version needs {expected}; run `otpward db upgrade`")
