"""What is gone from an archive, and how the same piece is known again."""

import sqlalchemy as sa
from alembic import op

from publisher.store.tables import UTCDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("archives", sa.Column("doubt", sa.Text(), nullable=True))
    op.add_column("archives", sa.Column("believed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("source_items", sa.Column("missing_since", UTCDateTime(timezone=True), nullable=True))
    op.add_column("source_items", sa.Column("gone_at", UTCDateTime(timezone=True), nullable=True))
    op.add_column("source_items", sa.Column("gone_why", sa.String(length=12), nullable=True))
    op.create_index("ix_source_items_url", "source_items", ["url"])
    op.create_index("ix_entries_published_at", "entries", ["published_at"])
    op.create_index("ix_entries_original_url", "entries", ["original_url"])
