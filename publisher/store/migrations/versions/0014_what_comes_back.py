"""Bounces, complaints and refusals by mail, how far mailboxes are read, and alarms about editions."""

import sqlalchemy as sa
from alembic import op

from publisher.store.tables import UTCDateTime

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("weight", sa.String(8), nullable=True),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("heard_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("means", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("effect", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_feedback_delivery_id"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_feedback_edition_id"),
        sa.UniqueConstraint("delivery_id", "kind", name="uq_feedback_delivery_id_kind"),
    )
    op.create_index("ix_feedback_address_hash", "feedback", ["address_hash", "at"])
    op.create_index("ix_feedback_edition_id", "feedback", ["edition_id", "kind", "weight"])
    op.create_table(
        "feedback_sources",
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("cursor", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("read_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("succeeded_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("failing_since", UTCDateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("alarm", sa.Text(), nullable=True),
        sa.Column("mails", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("known", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_feedback_sources"),
    )
    op.create_table(
        "edition_alarms",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(12), nullable=False),
        sa.Column("step", sa.String(8), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("out", sa.Integer(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "about", "step", name="pk_edition_alarms"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_edition_alarms_edition_id"),
    )
