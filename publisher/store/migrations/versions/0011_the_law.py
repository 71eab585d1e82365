"""Who classified an edition and why, notices about consents, erasure under way, and who saw addresses."""

import sqlalchemy as sa
from alembic import op

from publisher.store.tables import UTCDateTime

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("editions", sa.Column("classified_at", UTCDateTime(timezone=True), nullable=True))
    op.add_column("editions", sa.Column("classified_why", sa.Text(), nullable=True))
    op.add_column("editions", sa.Column("not_agreed", sa.Integer(), nullable=True))
    op.add_column("consents", sa.Column("is_dated", sa.Boolean(), server_default=sa.true(), nullable=False))
    _index("ix_consents_advertising_at", "consents", ["at"], "scope = 'advertising'")
    op.add_column("subscribers", sa.Column("erasing_since", UTCDateTime(timezone=True), nullable=True))
    _index("ix_subscribers_erasing", "subscribers", ["erasing_since"], "erasing_since IS NOT NULL")
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("consent_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("booked_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("held_why", sa.String(16), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("queued_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscriptions.id"], name="fk_notices_subscription_id"),
        sa.ForeignKeyConstraint(["consent_id"], ["consents.id"], name="fk_notices_consent_id"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_notices_delivery_id"),
        sa.UniqueConstraint("consent_id", "kind", "due_on", name="uq_notices_consent_id_kind_due_on"),
    )
    op.create_index("ix_notices_subscription_id", "notices", ["subscription_id"])
    _index("ix_notices_open", "notices", ["due_on"], "queued_at IS NULL")
    op.create_table(
        "accesses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accesses"),
    )


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
