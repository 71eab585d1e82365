"""What a letter that belongs to no edition says, and the alarms of archives."""

import sqlalchemy as sa
from alembic import op

from publisher.store.tables import UTCDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("facts", sa.JSON(), nullable=True))
    op.add_column("archives", sa.Column("doubt_since", UTCDateTime(timezone=True), nullable=True))
    op.add_column("archives", sa.Column("alarm", sa.Text(), nullable=True))
