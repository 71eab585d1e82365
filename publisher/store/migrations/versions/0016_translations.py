"""Faces made by a service: of what, by whom confirmed, at what cost; and answers that are paid for."""

import sqlalchemy as sa
from alembic import op

from publisher.store.tables import UTCDateTime

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "translations",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("source_language", sa.String(35), nullable=False),
        sa.Column("source_digest", sa.String(64), nullable=False),
        sa.Column("extent", sa.String(8), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("refused_why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("entry_id", "language", name="pk_translations"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_translations_entry_id"),
    )
    op.create_table(
        "translation_spending",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", name="pk_translation_spending"),
    )
    op.create_table(
        "translation_answers",
        sa.Column("question", sa.String(64), nullable=False),
        sa.Column("texts", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("question", name="pk_translation_answers"),
    )
