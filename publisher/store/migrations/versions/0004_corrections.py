"""What readers were told of an entry and what was corrected since; which parts of a letter can be covered."""

import sqlalchemy as sa
from alembic import op

from publisher.store.tables import UTCDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_corrections_edition_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_corrections_entry_id"),
        sa.PrimaryKeyConstraint("edition_id", "entry_id", name="pk_corrections"),
    )
    op.create_index("ix_corrections_entry_id", "corrections", ["entry_id"])
    op.add_column("edition_entries", sa.Column("told", sa.JSON(), nullable=True))
    op.add_column("letters", sa.Column("covers", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("editions", sa.Column("approval_lost_at", UTCDateTime(timezone=True), nullable=True))
    op.add_column("editions", sa.Column("approval_lost_why", sa.String(length=16), nullable=True))
