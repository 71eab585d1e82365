"""Readers: who subscribed to what, what they agreed to and when, and who must not be written to."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from publisher.store.tables.columns import id_column, json_column, metadata, time_column, time_key

subscribers = Table(
    "subscribers",
    metadata,
    id_column(),
    Column("address", Text),  # null after erasure
    Column("address_key", Text, unique=True),
    Column("address_hash", String(64), nullable=False, unique=True),
    Column("name", Text),
    time_column("created_at", nullable=False),
    time_column("erasing_since"),  # asked to be erased; the notice of it goes out first
    time_column("erased_at"),
    Index(
        "ix_subscribers_erasing",
        "erasing_since",
        sqlite_where=text("erasing_since IS NOT NULL"),
        postgresql_where=text("erasing_since IS NOT NULL"),
    ),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    id_column(),
    Column("subscriber_id", Integer, ForeignKey("subscribers.id"), nullable=False),
    Column("list", String(32), nullable=False),
    Column("languages", String(72), nullable=False),  # a language key, in the reader's order
    Column("status", String(12), nullable=False),
    Column("missing", String(8)),  # the reader's own wish; null: the list's
    Column("token_id", LargeBinary(16), nullable=False, unique=True),
    time_column("created_at", nullable=False),
    time_column("confirmed_at"),
    time_column("paused_until"),
    time_column("ended_at"),
    Column("ended_why", String(16)),
    Column("successor_id", Integer),  # moved: the subscription of another person that goes on for this one
    UniqueConstraint("subscriber_id", "list"),
    Index("ix_subscriptions_list_status", "list", "status"),
    Index(
        "ix_subscriptions_successor",
        "successor_id",
        sqlite_where=text("successor_id IS NOT NULL"),
        postgresql_where=text("successor_id IS NOT NULL"),
    ),
)

consents = Table(
    "consents",
    metadata,
    id_column(),  # append-only; triggers refuse UPDATE, and DELETE but for erasure
    Column("subscription_id", Integer, ForeignKey("subscriptions.id"), nullable=False, index=True),
    Column("scope", String(16), nullable=False),  # information · advertising
    Column("event", String(16), nullable=False),  # asked · given · confirmed · changed · withdrawn
    time_column("at", nullable=False),
    Column("means", String(32), nullable=False),  # operator · import · page · one-click …
    Column("text_version", String(64)),
    Column("evidence", Text),
    Column("is_dated", Boolean, nullable=False, server_default=true()),  # false: `at` is when we wrote it down
    Index(
        "ix_consents_advertising_at",
        "at",
        sqlite_where=text("scope = 'advertising'"),
        postgresql_where=text("scope = 'advertising'"),
    ),
)

notices = Table(
    "notices",
    metadata,
    # What the law wants told about a consent to advertising, and by when.
    id_column(),
    Column("subscription_id", Integer, ForeignKey("subscriptions.id"), nullable=False, index=True),
    Column("consent_id", Integer, ForeignKey("consents.id"), nullable=False),
    Column("kind", String(12), nullable=False),  # consent · refusal · withdrawal · question
    time_column("at", nullable=False),  # when they agreed, refused or took it back
    Column("due_on", Date, nullable=False),  # the last day, by the site's calendar
    time_column("booked_at", nullable=False),
    Column("held_why", String(16)),  # waits for the operator's yes: import · undated · old
    Column("released_by", Text),
    time_column("queued_at"),
    Column("delivery_id", Integer, ForeignKey("deliveries.id")),
    UniqueConstraint("consent_id", "kind", "due_on"),
    Index(
        "ix_notices_open",
        "due_on",
        sqlite_where=text("queued_at IS NULL"),
        postgresql_where=text("queued_at IS NULL"),
    ),
)

consent_texts = Table(
    "consent_texts",
    metadata,
    Column("version", String(64), primary_key=True),  # SHA-256 of the text
    Column("text", Text, nullable=False),  # what was shown, in all its languages, as JSON
    time_column("since", nullable=False),
)

requests = Table(
    "requests",
    metadata,
    # What somebody asked for on a page, until the owner of the address answered by a link. Short-lived.
    id_column(),
    Column("purpose", String(12), nullable=False),  # confirm · link · address
    Column("token_id", LargeBinary(16), nullable=False, unique=True),
    Column("address", Text, nullable=False),
    Column("address_key", Text, nullable=False),
    Column("address_hash", String(64), nullable=False),
    Column("subscriber_id", Integer, ForeignKey("subscribers.id"), index=True),
    Column("language_key", String(72), nullable=False),
    json_column("lists", "[]"),  # the lists that are wished
    Column("advertising", Boolean, nullable=False, server_default=false()),
    Column("text_version", String(64)),
    Column("means", String(32), nullable=False),
    time_column("asked_at", nullable=False),
    time_column("expires_at", nullable=False),
    time_column("sorted_at"),  # when it was decided which letter it gets
    time_column("reminded_at"),
    time_column("closed_at"),
    Column("outcome", String(12)),  # confirmed · already · expired · void · too many
    Index("ix_requests_address_hash_asked_at", "address_hash", "asked_at"),
    Index("ix_requests_closed_at_expires_at", "closed_at", "expires_at"),
)

knocks = Table(
    "knocks",
    metadata,
    # How often somebody pressed a button of a page that mails, per hour. Keyed hashes: it names nobody.
    Column("scope", String(12), primary_key=True),  # network · form · proof
    Column("key", String(64), primary_key=True),
    time_key("hour"),
    Column("count", Integer, nullable=False),
    Index("ix_knocks_hour", "hour"),
)

refusals = Table(
    "refusals",
    metadata,
    # By hash, so that a refusal outlives the erasure of the person.
    Column("address_hash", String(64), primary_key=True),
    Column("list", String(32), primary_key=True),
    time_column("at", nullable=False),
    Column("means", String(32), nullable=False),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_hash", String(64), primary_key=True),
    Column("reason", String(16), nullable=False),  # stopped · complained · bounced · erased · readmitted
    time_column("at", nullable=False),
    Column("means", String(32), nullable=False),
)

readmissions = Table(
    "readmissions",
    metadata,
    # An operator let an address ask anew that had bounced or complained. Only added to; erasure takes `why` out.
    id_column(),
    Column("address_hash", String(64), nullable=False, index=True),
    Column("reason", String(16), nullable=False),  # what stood there: bounced · complained
    time_column("since", nullable=False),
    time_column("at", nullable=False),
    Column("who", Text, nullable=False),
    Column("why", Text),
)

accesses = Table(
    "accesses",
    metadata,
    # Who looked at addresses in full, or took them out of the house.
    id_column(),
    time_column("at", nullable=False),
    Column("who", Text, nullable=False),
    Column("what", String(32), nullable=False),  # list · show · evidence · affected · export
    Column("detail", Text, nullable=False),
    Column("people", Integer, nullable=False),
)
