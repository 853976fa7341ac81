"""Bringing a database to the schema that this code expects."""

from importlib.resources import as_file, files

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from otpward.core.errors import Unavailable
from otpward.store.outbox import migrate_queues


class OldSchema(Unavailable):
    """The database is older or newer than this code; `otpward db upgrade` mends the former."""

    code = "old_schema"


def upgrade(engine: sa.Engine, url: str) -> None:
    """Run every step that is missing, those of the durable queues and ours. Safe to run again, and after a kill.

    Ours come last: a database that says it has our schema has the queues as well.
    """
    migrate_queues(url)
    with as_file(files("otpward.store") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()


def refuse_other_schema(engine: sa.Engine) -> None:
    """Let the code run only on its own schema; raises `OldSchema`."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection, opts={"version_table": "schema_version"}).get_current_revision()
    with as_file(files("otpward.store") / "migrations") as folder:
        expected = ScriptDirectory(str(folder)).get_current_head()
    if found != expected:
        raise OldSchema(f"the database has schema {found or 'none'}, this version needs {expected}; run `otpward db upgrade`")
