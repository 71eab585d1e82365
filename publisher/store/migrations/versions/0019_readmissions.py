"""Who was allowed to ask anew although letters to them had bounced, or they had complained; and why."""

import sqlalchemy as sa
from alembic import op

from publisher.store.tables import UTCDateTime

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "readmissions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("since", UTCDateTime(timezone=True), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_readmissions"),
    )
    op.create_index("ix_readmissions_address_hash", "readmissions", ["address_hash"])
