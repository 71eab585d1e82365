"""
How the tables came to be: one file per change in `versions/`, run in order.

A new migration: change `store/tables/`, then write `versions/NNNN_what.py` by hand
with `upgrade(op)`-style calls; `tests/store/test_database.py` fails while
the two differ. There is no way back down: a restored backup is the way back.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from publisher.errors import PublisherError


def is_current(connection: Connection) -> bool:
    """Are the tables behind this connection at the newest version? Reads only."""
    return _revision(connection) == _scripts(_config(connection)).get_current_head()


def upgrade(connection: Connection) -> None:
    """Bring the tables behind this connection to the newest version, in its transaction."""
    config = _config(connection)
    current = _revision(connection)
    if current is not None and current not in {script.revision for script in _scripts(config).walk_revisions()}:
        raise PublisherError(
            f"the store was written by a newer Publisher (its tables are at '{current}'): install that version"
        )
    command.upgrade(config, "head")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _scripts(config: Config) -> ScriptDirectory:
    return ScriptDirectory.from_config(config)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
