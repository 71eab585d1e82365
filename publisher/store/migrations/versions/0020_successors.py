"""Which subscription goes on for one that was moved to an address that the house knew already."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("successor_id", sa.Integer(), nullable=True))
    moved = sa.text("successor_id IS NOT NULL")
    op.create_index(
        "ix_subscriptions_successor", "subscriptions", ["successor_id"], sqlite_where=moved, postgresql_where=moved
    )
