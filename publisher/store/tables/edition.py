"""Lists and editions: when they are due, what stands in them, and the letters they became."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false, text

from publisher.store.tables.columns import id_column, json_column, metadata, time_column

lists = Table(
    "lists",
    metadata,
    Column("name", String(32), primary_key=True),
    time_column("started_at", nullable=False),
)

editions = Table(
    "editions",
    metadata,
    id_column(),
    Column("list", String(32), ForeignKey("lists.name"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("status", String(12), nullable=False),
    time_column("window_end", nullable=False),
    time_column("composed_at", nullable=False),
    Column("touched", Boolean, nullable=False, server_default=false()),
    json_column("notes", "{}"),
    json_column("subjects", "{}"),  # per language, where the editor wrote one
    Column("classification", String(12), nullable=False),
    Column("classified_by", Text, nullable=False),
    time_column("classified_at"),  # null while the list's setting stands
    Column("classified_why", Text),
    Column("not_agreed", Integer),  # readers left out at release: no consent to advertising
    Column("approved_by", Text),
    time_column("approved_at"),
    time_column("approval_lost_at"),  # by itself, not by a person's hand; null again once it is approved anew
    Column("approval_lost_why", String(16)),  # deleted · secret · joined · parted · translated
    Column("released_by", Text),
    time_column("released_at"),
    time_column("sent_at"),
    time_column("ended_at"),  # cancelled or stopped
    Column("content_hash", String(64)),
    Index(
        "uq_editions_list_number",
        "list",
        "number",
        unique=True,
        sqlite_where=text("status <> 'cancelled'"),
        postgresql_where=text("status <> 'cancelled'"),
    ),
    # At most one open edition per list: two composers at once cannot both win.
    Index(
        "uq_editions_open",
        "list",
        unique=True,
        sqlite_where=text("status IN ('draft', 'approved')"),
        postgresql_where=text("status IN ('draft', 'approved')"),
    ),
    Index(
        "uq_editions_list_window_end",
        "list",
        "window_end",
        unique=True,
        sqlite_where=text("status <> 'cancelled'"),
        postgresql_where=text("status <> 'cancelled'"),
    ),
)

edition_entries = Table(
    "edition_entries",
    metadata,
    # The entry stands in one edition of a list at most: nothing comes twice.
    Column("list", String(32), ForeignKey("lists.name"), primary_key=True),
    Column("entry_id", Integer, ForeignKey("entries.id"), primary_key=True),
    Column("edition_id", Integer, ForeignKey("editions.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("left_out", Boolean, nullable=False, server_default=false()),  # for good: the row keeps it out
    Column("told", JSON),  # what the released edition told of it (model.Told)
)

corrections = Table(
    "corrections",
    metadata,
    # An entry of an earlier edition of the list that changed since, and stands in this one as a line.
    Column("edition_id", Integer, ForeignKey("editions.id"), primary_key=True),
    Column("entry_id", Integer, ForeignKey("entries.id"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
    Column("before", JSON, nullable=False),  # what was told last
    Column("after", JSON),  # what the released edition told; null in a draft
)

edition_texts = Table(
    "edition_texts",
    metadata,
    # What a released edition shows under an entry: its own text, and that of what was joined to it then.
    Column("edition_id", Integer, ForeignKey("editions.id"), primary_key=True),
    Column("entry_id", Integer, ForeignKey("entries.id"), primary_key=True),
    Column("text_id", Integer, ForeignKey("entries.id"), primary_key=True, index=True),
)

letters = Table(
    "letters",
    metadata,
    Column("edition_id", Integer, ForeignKey("editions.id"), primary_key=True),
    Column("language_key", String(72), primary_key=True),  # or what readers of one language wished: `ko:omit`
    Column("subject", Text, nullable=False),
    Column("html", JSON, nullable=False),  # runs: text, or {"slot": name}
    Column("text", JSON, nullable=False),
    Column("hash", String(64), nullable=False),
    json_column("covers", "{}"),  # public id → the pieces of `html` that show the entry
)

runs = Table(
    "runs",
    metadata,
    Column("list", String(32), ForeignKey("lists.name"), primary_key=True),
    Column("occurrence", String(16), primary_key=True),  # local wall time, 2026-11-24T09:00
    time_column("due_at", nullable=False),
    time_column("decided_at", nullable=False),
    Column("verdict", String(12), nullable=False),
    Column("reason", Text, nullable=False),
    Column("edition_id", Integer, ForeignKey("editions.id")),
)

acceptances = Table(
    "acceptances",
    metadata,
    # What a check of a letter or of its sender says, and a named person takes for good.
    Column("check", String(16), primary_key=True),
    Column("subject", Text, primary_key=True),  # a domain or an address; or a content hash, and what is said of it
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    time_column("at", nullable=False),
)
