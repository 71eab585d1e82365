"""Letters out: a row for each copy, what was tried, and the roads they go by, as all processes share them."""

from sqlalchemy import JSON, CheckConstraint, Column, Float, ForeignKey, Index, Integer, String, Table, Text, text

from publisher.store.tables.columns import id_column, metadata, time_column

deliveries = Table(
    "deliveries",
    metadata,
    id_column(),
    Column("kind", String(12), nullable=False),
    Column("edition_id", Integer, ForeignKey("editions.id"), index=True),
    Column("subscription_id", Integer, ForeignKey("subscriptions.id")),
    Column("subscriber_id", Integer, ForeignKey("subscribers.id"), index=True),
    Column("address", Text),  # the snapshot of release; null after erasure
    Column("address_hash", String(64), nullable=False),
    Column("language_key", String(72), nullable=False),  # of an edition: which of its letters
    Column("dedupe_key", Text, nullable=False, unique=True),
    Column("message_id", Text, unique=True),  # HMAC of dedupe_key; written at the first claim
    Column("facts", JSON),  # what a letter of no edition says; null for those of an edition
    Column("domain", Text, nullable=False),
    Column("profile", String(32), nullable=False),
    Column("status", String(12), nullable=False),
    Column("reason", Text),  # why withheld, failed or uncertain
    time_column("queued_at", nullable=False),
    time_column("due_at", nullable=False),  # not before
    Column("worker_id", String(64)),
    Column("claim_no", Integer, nullable=False, server_default=text("0")),
    time_column("lease_until"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    time_column("first_attempt_at"),
    time_column("settled_at"),
    Column("code", Integer),  # of the last answer
    Column("reply", Text),
    CheckConstraint("kind <> 'edition' OR edition_id IS NOT NULL", name="edition_named"),
    # The claim reads only what waits, however many million rows are done, and passes over paused editions.
    Index(
        "ix_deliveries_waiting_edition",
        "edition_id",
        "due_at",
        "id",
        sqlite_where=text("status = 'waiting' AND kind = 'edition'"),
        postgresql_where=text("status = 'waiting' AND kind = 'edition'"),
    ),
    Index(
        "ix_deliveries_waiting_other",
        "due_at",
        "id",
        sqlite_where=text("status = 'waiting' AND kind <> 'edition'"),
        postgresql_where=text("status = 'waiting' AND kind <> 'edition'"),
    ),
    Index(
        "ix_deliveries_sending",
        "lease_until",
        sqlite_where=text("status = 'sending'"),
        postgresql_where=text("status = 'sending'"),
    ),
    Index(
        "ix_deliveries_uncertain",
        "edition_id",
        sqlite_where=text("status = 'uncertain'"),
        postgresql_where=text("status = 'uncertain'"),
    ),
)

accounts = Table(
    "accounts",
    metadata,
    # How many of an edition's copies are in each state. Triggers on `deliveries` keep it, whoever writes there.
    Column("edition_id", Integer, ForeignKey("editions.id"), primary_key=True),
    Column("waiting", Integer, nullable=False, server_default=text("0")),
    Column("sending", Integer, nullable=False, server_default=text("0")),
    Column("sent", Integer, nullable=False, server_default=text("0")),
    Column("failed", Integer, nullable=False, server_default=text("0")),
    Column("withheld", Integer, nullable=False, server_default=text("0")),
    Column("uncertain", Integer, nullable=False, server_default=text("0")),
)

attempts = Table(
    "attempts",
    metadata,
    # Only what did not end in 'sent': a success is told by its delivery.
    id_column(),
    Column("delivery_id", Integer, ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    time_column("at", nullable=False),
    Column("outcome", String(12), nullable=False),  # deferred · failed · unreachable · uncertain
    Column("code", Integer),
    Column("enhanced", String(16)),
    Column("reply", Text),
    Column("bounce", String(8)),  # hard · soft · full, where the copy failed and its address is to blame
)

roads = Table(
    "roads",
    metadata,
    # Only those that rest, or have not carried anything since.
    Column("name", String(32), primary_key=True),
    Column("rests", Integer, nullable=False),  # in a row
    time_column("since", nullable=False),
    time_column("until", nullable=False),
    Column("fault", String(12), nullable=False),  # outage · rate · limit · refused
    Column("reason", Text, nullable=False),
)

paces = Table(
    "paces",
    metadata,
    Column("profile", String(32), primary_key=True),
    Column("domain", Text, primary_key=True),  # '' for all letters of the profile
    Column("next_at", Float, nullable=False),  # seconds since 1970: when the next letter may go
    Column("spread_at", Float, nullable=False),  # till when waiting copies have been given times
)

sent_counts = Table(
    "sent_counts",
    metadata,
    Column("profile", String(32), primary_key=True),
    Column("quarter", Integer, primary_key=True),  # of an hour, counted since 1970
    Column("letters", Integer, nullable=False),
)
