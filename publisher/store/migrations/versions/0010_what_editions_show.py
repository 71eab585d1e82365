"""Which texts a released edition shows, whatever is joined or parted later."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "edition_texts",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_edition_texts_edition_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_edition_texts_entry_id"),
        sa.ForeignKeyConstraint(["text_id"], ["entries.id"], name="fk_edition_texts_text_id"),
        sa.PrimaryKeyConstraint("edition_id", "entry_id", "text_id", name="pk_edition_texts"),
    )
    op.create_index("ix_edition_texts_text_id", "edition_texts", ["text_id"])
    # What was released before: each entry with what was joined to it by then, as far as that is known now.
    op.execute(
        """
        INSERT INTO edition_texts (edition_id, entry_id, text_id)
        SELECT told.edition_id, told.entry_id, entries.id
        FROM (
            SELECT edition_id, entry_id FROM edition_entries WHERE NOT left_out
            UNION SELECT edition_id, entry_id FROM corrections
        ) AS told
        JOIN editions ON editions.id = told.edition_id AND editions.released_at IS NOT NULL
        JOIN entries ON entries.id = told.entry_id
            OR (entries.joined_to = told.entry_id AND entries.joined_at <= editions.released_at)
        """
    )
