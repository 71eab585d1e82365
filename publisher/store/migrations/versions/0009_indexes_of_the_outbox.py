"""Claims pass over a paused edition at no cost, and the account of an edition is read from an index alone."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_OF_EDITIONS = sa.text("status = 'waiting' AND kind = 'edition'")
_OF_OTHERS = sa.text("status = 'waiting' AND kind <> 'edition'")


def upgrade() -> None:
    op.drop_index("ix_deliveries_waiting", "deliveries")
    op.drop_index("ix_deliveries_edition_id_status", "deliveries")
    op.create_index(
        "ix_deliveries_waiting_edition",
        "deliveries",
        ["edition_id", "due_at", "id"],
        sqlite_where=_OF_EDITIONS,
        postgresql_where=_OF_EDITIONS,
    )
    op.create_index(
        "ix_deliveries_waiting_other",
        "deliveries",
        ["due_at", "id"],
        sqlite_where=_OF_OTHERS,
        postgresql_where=_OF_OTHERS,
    )
    op.create_index("ix_deliveries_account", "deliveries", ["edition_id", "kind", "status"])
