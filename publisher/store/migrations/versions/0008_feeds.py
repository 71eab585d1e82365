"""When each feed's document changed, what the hub knows of it, and how many follow."""

import sqlalchemy as sa
from alembic import op

from publisher.store.tables import UTCDateTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "feed_documents",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("etag", sa.String(length=40), nullable=False),
        sa.Column("changed_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("told_etag", sa.String(length=40), nullable=True),
        sa.Column("tellings", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tell_at", UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_feed_documents"),
    )
    op.create_table(
        "feed_followers",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "slug", "family", name="pk_feed_followers"),
    )
