"""The index for search, and what keeps it true."""

import sqlalchemy as sa
from alembic import op

from publisher.store.bigrams import terms_of

revision = "0006"
down_revision = "0005"

# FTS5 reads the terms where they lie (external content) and must be told the old ones to forget them.
_SQLITE = (
    "CREATE VIRTUAL TABLE search_index USING fts5(title, body, content='search_terms', content_rowid='entry_id',"
    " columnsize=0, tokenize='unicode61 remove_diacritics 0')",
    "CREATE TRIGGER search_terms_added AFTER INSERT ON search_terms WHEN new.title IS NOT NULL BEGIN"
    " INSERT INTO search_index(rowid, title, body) VALUES (new.entry_id, new.title, new.body); END",
    "CREATE TRIGGER search_terms_filled AFTER UPDATE ON search_terms WHEN old.title IS NULL BEGIN"
    " INSERT INTO search_index(rowid, title, body) VALUES (new.entry_id, new.title, new.body); END",
    "CREATE TRIGGER search_terms_taken AFTER DELETE ON search_terms WHEN old.title IS NOT NULL BEGIN"
    " INSERT INTO search_index(search_index, rowid, title, body)"
    " VALUES ('delete', old.entry_id, old.title, old.body); END",
)
_FACES = "CREATE TRIGGER faces_{name} AFTER {event} ON faces BEGIN\
 DELETE FROM search_terms WHERE entry_id = {row}.entry_id;\
 INSERT INTO search_terms(entry_id) VALUES ({row}.entry_id); END"
_CHANGES = (
    ("written_are_searched", "INSERT", "new"),
    ("taken_are_searched", "DELETE", "old"),
    ("changed_are_searched", "UPDATE OF entry_id, title, html", "new"),
    ("left_are_searched", "UPDATE OF entry_id", "old"),
)


def upgrade() -> None:
    op.create_table(
        "search_terms",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_search_terms_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_search_terms")),
    )
    where = sa.text("title IS NULL")
    op.create_index("ix_search_terms_empty", "search_terms", ["entry_id"], sqlite_where=where, postgresql_where=where)
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for statement in _SQLITE:
            op.execute(statement)
        for name, event, row in _CHANGES:
            op.execute(_FACES.format(name=name, event=event, row=row))
    _fill(connection)


def _fill(connection: sa.Connection) -> None:
    """The entries that are there already."""
    terms = sa.table("search_terms", sa.column("entry_id"), sa.column("title"), sa.column("body"))
    for entry_id in connection.execute(sa.text("SELECT id FROM entries ORDER BY id")).scalars().all():
        faces = sa.text("SELECT title, html FROM faces WHERE entry_id = :id")
        shown = [(row.title, row.html) for row in connection.execute(faces, {"id": entry_id})]
        connection.execute(sa.insert(terms).values(entry_id=entry_id, **terms_of(shown)))
