"""
How the tables came to be: one file per change in `versions/`, run in order.

A new migration: change `store/tables/`, then write `versions/NNNN_what.py` by hand
with `upgrade(op)`-style calls; `tests/store/test_database.py` fails while
the two differ. There is no way back down: a restored backup is the way back.
"""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from publisher.errors import PublisherError


def is_current(connection: Connection) -> bool:
    """Are the tables behind this connection at the newest version? Reads only."""
    return _revision(connection) == _newest()


def upgrade(connection: Connection, to: str = "head") -> None:
    """Bring the tables behind this connection to this version, the newest, in its transaction."""
    config = _config()
    config.attributes["connection"] = connection
    current = _revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise PublisherError(
            f"the store was written by a newer Publisher (its tables are at '{current}'): install that version"
        )
    command.upgrade(config, to)


@cache
def _newest() -> str | None:
    """Asked for at every opening of a store, while reading the scripts takes longer than all else of it."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
