"""Two entries that are one text: who joined them, what sources say of it, and what the operator parted."""

import sqlalchemy as sa
from alembic import op

from publisher.store.tables import UTCDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("entries", sa.Column("joined_at", UTCDateTime(timezone=True), nullable=True))
    op.add_column("entries", sa.Column("joined_by", sa.String(length=8), nullable=True))
    op.create_index("ix_entries_joined_to", "entries", ["joined_to"])
    op.add_column("faces", sa.Column("outlet", sa.Text(), nullable=True))
    op.add_column("faces", sa.Column("outlet_date", sa.Date(), nullable=True))
    op.add_column("faces", sa.Column("original_url", sa.Text(), nullable=True))
    op.create_table(
        "counterparts",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["source_items.id"], name="fk_counterparts_item_id"),
        sa.PrimaryKeyConstraint("item_id", "said", name="pk_counterparts"),
    )
    op.create_index("ix_counterparts_said", "counterparts", ["said"])
    op.create_table(
        "parted",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_parted_entry_id"),
        sa.ForeignKeyConstraint(["other_id"], ["entries.id"], name="fk_parted_other_id"),
        sa.PrimaryKeyConstraint("entry_id", "other_id", name="pk_parted"),
    )
