"""What checks before release say and a named person takes for good."""

import sqlalchemy as sa
from alembic import op

from publisher.store.tables import UTCDateTime

revision = "0018"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "acceptances",
        sa.Column("check", sa.String(16), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("check", "subject", name="pk_acceptances"),
    )
