"""What people ask for on pages, the texts they consent to, and how often they knock."""

import sqlalchemy as sa
from alembic import op

from publisher.store.tables import UTCDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "consent_texts",
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("since", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_consent_texts"),
    )
    op.create_table(
        "requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("token_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("language_key", sa.String(length=72), nullable=False),
        sa.Column("lists", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("advertising", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("text_version", sa.String(length=64), nullable=True),
        sa.Column("means", sa.String(length=32), nullable=False),
        sa.Column("asked_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("sorted_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name="fk_requests_subscriber_id"),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
        sa.UniqueConstraint("token_id", name="uq_requests_token_id"),
    )
    op.create_index("ix_requests_subscriber_id", "requests", ["subscriber_id"])
    op.create_index("ix_requests_address_hash_asked_at", "requests", ["address_hash", "asked_at"])
    op.create_index("ix_requests_closed_at_expires_at", "requests", ["closed_at", "expires_at"])
    op.create_table(
        "knocks",
        sa.Column("scope", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("hour", UTCDateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", "hour", name="pk_knocks"),
    )
    op.create_index("ix_knocks_hour", "knocks", ["hour"])
