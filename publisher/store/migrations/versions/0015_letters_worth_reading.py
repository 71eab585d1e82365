"""Subjects of the editor's own, and copies of images."""

import sqlalchemy as sa
from alembic import op

from publisher.store.tables import UTCDateTime

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("editions", sa.Column("subjects", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    op.create_table(
        "media",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_media"),
    )
    op.create_table(
        "images",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tried_at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("url", name="pk_images"),
        sa.ForeignKeyConstraint(["hash"], ["media.hash"], name="fk_images_hash"),
    )
