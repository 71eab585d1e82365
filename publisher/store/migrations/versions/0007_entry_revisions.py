"""What changed of an entry, counted by the database itself, and entries in the order of their dates."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("entries", sa.Column("revision", sa.Integer(), server_default=sa.text("0"), nullable=False))
    dated = sa.text("coalesce(published_at, arrived_at)")
    op.create_index("ix_entries_dated", "entries", [dated, "id"])
    op.create_index("ix_entries_archive_dated", "entries", ["archive", dated, "id"])
    op.create_table(
        "entry_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entry_changes"),
    )
    op.execute("INSERT INTO entry_changes (id, number) VALUES (1, 0)")
    if op.get_bind().dialect.name == "sqlite":
        for trigger in _SQLITE:
            op.execute(trigger)


# An entry that became a face of another, or ceased to be one, changes that other one too.
_SQLITE = (
    """
    CREATE TRIGGER entries_arrive AFTER INSERT ON entries BEGIN
      UPDATE entry_changes SET number = number + 1;
      UPDATE entries SET revision = (SELECT number FROM entry_changes) WHERE id IN (NEW.id, NEW.joined_to);
    END
    """,
    """
    CREATE TRIGGER entries_change AFTER UPDATE OF
      status, held, joined_to, url, author, published_at, published_offset, arrived_at, updated_at, language,
      original_language, categories, attachments, links, outlet, outlet_date, original_url, is_notice
    ON entries BEGIN
      UPDATE entry_changes SET number = number + 1;
      UPDATE entries SET revision = (SELECT number FROM entry_changes)
      WHERE id IN (NEW.id, OLD.joined_to, NEW.joined_to);
    END
    """,
    """
    CREATE TRIGGER faces_arrive AFTER INSERT ON faces BEGIN
      UPDATE entry_changes SET number = number + 1;
      UPDATE entries SET revision = (SELECT number FROM entry_changes)
      WHERE id = NEW.entry_id OR id = (SELECT joined_to FROM entries WHERE id = NEW.entry_id);
    END
    """,
    """
    CREATE TRIGGER faces_change AFTER UPDATE ON faces BEGIN
      UPDATE entry_changes SET number = number + 1;
      UPDATE entries SET revision = (SELECT number FROM entry_changes)
      WHERE id IN (OLD.entry_id, NEW.entry_id)
         OR id IN (SELECT joined_to FROM entries WHERE id IN (OLD.entry_id, NEW.entry_id));
    END
    """,
    """
    CREATE TRIGGER faces_leave AFTER DELETE ON faces BEGIN
      UPDATE entry_changes SET number = number + 1;
      UPDATE entries SET revision = (SELECT number FROM entry_changes)
      WHERE id = OLD.entry_id OR id = (SELECT joined_to FROM entries WHERE id = OLD.entry_id);
    END
    """,
)
