"""Who took readers out of the house in a file, and how many."""

import sqlalchemy as sa
from alembic import op

from publisher.store.tables import UTCDateTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("list", sa.String(32)),
        sa.Column("status", sa.String(12)),
        sa.Column("history", sa.Boolean, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
    )
