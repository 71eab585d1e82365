"""What changed of an entry, counted by the database itself, and entries in the order of their dates."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0002"

_SHOWN = (
    "status, held, joined_to, url, author, published_at, published_offset, arrived_at, updated_at, language,"
    " original_language, categories, attachments, links, outlet, outlet_date, original_url, is_notice"
)
_COUNTED = "UPDATE entry_changes SET number = number + 1;"
_NUMBER = "(SELECT number FROM entry_changes)"


def upgrade() -> None:
    op.add_column("entries", sa.Column("revision", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_index("ix_entries_dated", "entries", [sa.text("coalesce(published_at, arrived_at)"), "id"])
    op.create_table(
        "entry_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entry_changes"),
    )
    op.execute("INSERT INTO entry_changes (id, number) VALUES (1, 0)")
    if op.get_bind().dialect.name == "sqlite":
        _watch_in_sqlite()


def _watch_in_sqlite() -> None:
    is_other = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in _SHOWN.split(", "))
    # An entry that became a face of another, or ceased to be one, changes that other one too.
    joined = f"{_COUNTED} UPDATE entries SET revision = {_NUMBER} WHERE id IN (NEW.id, OLD.joined_to, NEW.joined_to);"
    op.execute(
        f"CREATE TRIGGER entries_arrive AFTER INSERT ON entries BEGIN {_COUNTED}"
        f" UPDATE entries SET revision = {_NUMBER} WHERE id IN (NEW.id, NEW.joined_to); END"
    )
    op.execute(
        f"CREATE TRIGGER entries_change AFTER UPDATE OF {_SHOWN} ON entries WHEN {is_other} BEGIN {joined} END"
    )
    for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        whole = f"SELECT joined_to FROM entries WHERE id = {row}.entry_id"
        op.execute(
            f"CREATE TRIGGER faces_{event.lower()} AFTER {event} ON faces BEGIN {_COUNTED}"
            f" UPDATE entries SET revision = {_NUMBER} WHERE id = {row}.entry_id OR id = ({whole}); END"
        )
