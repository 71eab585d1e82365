"""How the roads of letters stand, at what pace they go, and what a failed copy says of its address."""

import sqlalchemy as sa
from alembic import op

from publisher.store.tables import UTCDateTime

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("attempts", sa.Column("bounce", sa.String(8), nullable=True))
    where = sa.text("status = 'uncertain'")
    op.create_index("ix_deliveries_uncertain", "deliveries", ["edition_id"], sqlite_where=where, postgresql_where=where)
    op.create_table(
        "roads",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("rests", sa.Integer(), nullable=False),
        sa.Column("since", UTCDateTime(timezone=True), nullable=False),
        sa.Column("until", UTCDateTime(timezone=True), nullable=False),
        sa.Column("fault", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_roads"),
    )
    op.create_table(
        "paces",
        sa.Column("profile", sa.String(32), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("next_at", sa.Float(), nullable=False),
        sa.Column("spread_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("profile", "domain", name="pk_paces"),
    )
    op.create_table(
        "sent_counts",
        sa.Column("profile", sa.String(32), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("profile", "quarter", name="pk_sent_counts"),
    )
