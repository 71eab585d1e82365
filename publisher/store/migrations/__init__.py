"""
How the tables came to be: one file per change in `versions/`, run in order.

A new migration: change `store/tables/`, then write `versions/NNNN_what.py` by hand
with `upgrade(op)`-style calls and the number as its revision; `tests/store/test_database.py`
fails while the two differ. There is no way back down: a restored backup is the way back.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from publisher.errors import PublisherError


def is_current(connection: Connection) -> bool:
    """Are the tables behind this connection at the newest version? Reads only."""
    return _revision(connection) == max(_versions())


def upgrade(connection: Connection, to: str = "head") -> None:
    """Bring the tables behind this connection to this version, the newest, in its transaction."""
    # Only here: reading it takes a tenth of what a short command takes, and most find their tables current.
    from alembic import command
    from alembic.config import Config

    current = _revision(connection)
    if current is not None and current not in _versions():
        raise PublisherError(
            f"the store was written by a newer Publisher (its tables are at '{current}'): install that version"
        )
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


@cache
def _versions() -> frozenset[str]:
    """The numbers of the files."""
    return frozenset(file.name[:4] for file in (Path(__file__).parent / "versions").glob("[0-9]*.py"))


def _revision(connection: Connection) -> str | None:
    """What alembic noted; None in an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision
