"""Archives and entries: what was read, what the house holds of it, and what belongs together."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from publisher.store.tables.columns import id_column, json_column, metadata, time_column

archives = Table(
    "archives",
    metadata,
    Column("name", String(32), primary_key=True),
    json_column("cursor", "{}"),
    time_column("first_read_at"),  # end of the first complete read; null until then
    time_column("read_at"),  # last attempt
    time_column("succeeded_at"),
    time_column("failing_since"),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("reason", String(64)),  # of the last failure, as in SourceError.reason
    Column("detail", Text),
    json_column("remarks", "[]"),  # [{code, detail}] of the last read
    json_column("skipped", "[]"),  # [{source_key, url, reason}] of the last read
    Column("doubt", Text),  # why the archive is suspicious: what it says is gone was not taken away
    time_column("doubt_since"),
    Column("believed", Boolean, nullable=False, server_default=false()),  # the operator said it is so
    Column("alarm", Text),  # the trouble that the operators were told of; null once they were told that it is over
)

entries = Table(
    "entries",
    metadata,
    id_column(),
    Column("public_id", String(12), nullable=False, unique=True),
    Column("atom_id", Text, nullable=False, unique=True),
    Column("archive", String(32), nullable=False),
    Column("url", Text, nullable=False),
    Column("author", Text),
    time_column("published_at"),
    Column("published_offset", Integer),  # minutes east of UTC, as the source gave it
    time_column("arrived_at", nullable=False),
    time_column("updated_at", nullable=False),
    time_column("due_at", nullable=False),
    Column("held", String(8)),
    Column("status", String(12), nullable=False),
    time_column("retracted_at"),
    Column("retracted_why", String(64)),
    Column("language", String(12), nullable=False),
    Column("original_language", String(35)),
    json_column("categories", "[]"),
    json_column("attachments", "[]"),
    json_column("links", "[]"),
    Column("outlet", Text),
    Column("outlet_date", Date),
    Column("original_url", Text),
    Column("is_notice", Boolean, nullable=False, server_default=false()),
    Column("joined_to", Integer, ForeignKey("entries.id")),  # the older entry this one became a face of
    time_column("joined_at"),
    Column("joined_by", String(8)),  # operator · source
    Index(
        "ix_entries_joined_to",
        "joined_to",
        sqlite_where=text("joined_to IS NOT NULL"),
        postgresql_where=text("joined_to IS NOT NULL"),
    ),
    Index("ix_entries_archive_due_at", "archive", "due_at"),
    Index("ix_entries_archive_published_at", "archive", "published_at"),
    Index("ix_entries_published_at", "published_at"),
    Column("revision", Integer, nullable=False, server_default=text("0")),  # of its last change, see entry_changes
    Index("ix_entries_original_url", "original_url"),
    Index("ix_entries_dated", text("coalesce(published_at, arrived_at)"), "id"),
    Index("ix_entries_archive_dated", "archive", text("coalesce(published_at, arrived_at)"), "id"),
)

# One row. Triggers count every change of what can be seen of an entry and write the
# number into its `revision`: whoever made the change, and however, feeds notice it.
entry_changes = Table(
    "entry_changes",
    metadata,
    id_column(),
    Column("number", Integer, nullable=False),
)

source_items = Table(
    "source_items",
    metadata,
    id_column(),
    Column("archive", String(32), nullable=False),
    Column("source_key", Text, nullable=False),
    Column("entry_id", Integer, ForeignKey("entries.id"), nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("language", String(12), nullable=False),
    Column("digest", String(64), nullable=False),
    time_column("first_seen_at", nullable=False),
    time_column("last_seen_at", nullable=False),
    time_column("missing_since"),  # told gone for the first time; null while it stands
    time_column("gone_at"),  # taken away
    Column("gone_why", String(12)),  # deleted · secret
    UniqueConstraint("archive", "source_key"),
    Index("ix_source_items_url", "url"),
)

faces = Table(
    "faces",
    metadata,
    Column("entry_id", Integer, ForeignKey("entries.id"), primary_key=True),
    Column("language", String(35), primary_key=True),
    Column("origin", String(12), primary_key=True),
    Column("item_id", Integer, ForeignKey("source_items.id")),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("url", Text, nullable=False),
    # Where this version first appeared, if it says so itself: a post with both versions may cite two outlets.
    Column("outlet", Text),
    Column("outlet_date", Date),
    Column("original_url", Text),
)

counterparts = Table(
    "counterparts",
    metadata,
    # What a source calls the same text in another language, whether the house has it or not yet.
    Column("item_id", Integer, ForeignKey("source_items.id"), primary_key=True),
    Column("said", Text, primary_key=True),  # a key of the same archive, or an address
    Index("ix_counterparts_said", "said"),
)

parted = Table(
    "parted",
    metadata,
    # The operator said that these two are not one text; `entry_id` is the smaller of the ids.
    Column("entry_id", Integer, ForeignKey("entries.id"), primary_key=True),
    Column("other_id", Integer, ForeignKey("entries.id"), primary_key=True),
    time_column("at", nullable=False),
)

# What search reads (store/indexing.py): the terms of all faces of an entry. Without a title: to be filled.
search_terms = Table(
    "search_terms",
    metadata,
    Column("entry_id", Integer, ForeignKey("entries.id"), primary_key=True),
    Column("title", Text),
    Column("body", Text),
    Index(
        "ix_search_terms_empty",
        "entry_id",
        sqlite_where=text("title IS NULL"),
        postgresql_where=text("title IS NULL"),
    ),
)
