"""
Every table, in the order of the data's way.

Names and meaning are fixed in docs/architecture.md. Rows explain themselves:
who, when, why. Times are UTC (see `UTCDateTime`); languages and states are
plain strings, so that a new one needs no migration. Ids are integers in the
order of arrival; whatever leaves the house has a key of its own
(`public_id`, `token_id`, `message_id`).
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
    true,
)


class UTCDateTime(TypeDecorator[datetime]):
    """
    An aware time, kept as UTC.

    SQLite's own type forgets the offset: what went in as 09:00+09:00 comes back
    as 09:00 of nowhere. A naive value is refused rather than guessed at.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _time(name: str, *, nullable: bool = True) -> Column[datetime]:
    return Column(name, UTCDateTime, nullable=nullable)


def _time_key(name: str) -> Column[datetime]:
    return Column(name, UTCDateTime, primary_key=True)


def _json(name: str, default: str) -> Column[Any]:
    return Column(name, JSON, nullable=False, server_default=text(f"'{default}'"))


# ── The instance ─────────────────────────────────────────────────────────────

keys = Table(
    "keys",
    metadata,
    Column("id", Integer, primary_key=True),  # stands in every token, so an old key stays recognisable
    Column("secret", LargeBinary, nullable=False),
    _time("created_at", nullable=False),
)

# ── Archives and entries ─────────────────────────────────────────────────────

archives = Table(
    "archives",
    metadata,
    Column("name", String(32), primary_key=True),
    _json("cursor", "{}"),
    _time("first_read_at"),  # end of the first complete read; null until then
    _time("read_at"),  # last attempt
    _time("succeeded_at"),
    _time("failing_since"),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("reason", String(64)),  # of the last failure, as in SourceError.reason
    Column("detail", Text),
    _json("remarks", "[]"),  # [{code, detail}] of the last read
    _json("skipped", "[]"),  # [{source_key, url, reason}] of the last read
    Column("doubt", Text),  # why the archive is suspicious: what it says is gone was not taken away
    _time("doubt_since"),
    Column("believed", Boolean, nullable=False, server_default=false()),  # the operator said it is so
    Column("alarm", Text),  # the trouble that the operators were told of; null once they were told that it is over
)

entries = Table(
    "entries",
    metadata,
    _id(),
    Column("public_id", String(12), nullable=False, unique=True),
    Column("atom_id", Text, nullable=False, unique=True),
    Column("archive", String(32), nullable=False),
    Column("url", Text, nullable=False),
    Column("author", Text),
    _time("published_at"),
    Column("published_offset", Integer),  # minutes east of UTC, as the source gave it
    _time("arrived_at", nullable=False),
    _time("updated_at", nullable=False),
    _time("due_at", nullable=False),
    Column("held", String(8)),
    Column("status", String(12), nullable=False),
    _time("retracted_at"),
    Column("retracted_why", String(64)),
    Column("language", String(12), nullable=False),
    Column("original_language", String(35)),
    _json("categories", "[]"),
    _json("attachments", "[]"),
    _json("links", "[]"),
    Column("outlet", Text),
    Column("outlet_date", Date),
    Column("original_url", Text),
    Column("is_notice", Boolean, nullable=False, server_default=false()),
    Column("joined_to", Integer, ForeignKey("entries.id")),  # the older entry this one became a face of
    _time("joined_at"),
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
    _id(),
    Column("number", Integer, nullable=False),
)

source_items = Table(
    "source_items",
    metadata,
    _id(),
    Column("archive", String(32), nullable=False),
    Column("source_key", Text, nullable=False),
    Column("entry_id", Integer, ForeignKey("entries.id"), nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("language", String(12), nullable=False),
    Column("digest", String(64), nullable=False),
    _time("first_seen_at", nullable=False),
    _time("last_seen_at", nullable=False),
    _time("missing_since"),  # told gone for the first time; null while it stands
    _time("gone_at"),  # taken away
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

translations = Table(
    "translations",
    metadata,
    # Of each face that a service made (`faces.item_id` is null there), or whose answer was not taken.
    Column("entry_id", Integer, ForeignKey("entries.id"), primary_key=True),
    Column("language", String(35), primary_key=True),
    Column("source_language", String(35), nullable=False),
    Column("source_digest", String(64), nullable=False),  # of what was translated; another one now: the face is old
    Column("extent", String(8), nullable=False),  # title · summary · body
    Column("made_by", Text, nullable=False),  # the service, and its model
    Column("characters", Integer, nullable=False),
    _time("made_at", nullable=False),
    _time("confirmed_at"),
    Column("confirmed_by", Text),
    Column("refused_why", Text),  # there is no face: why the answer was not taken, or who took it away
)

translation_spending = Table(
    "translation_spending",
    metadata,
    Column("month", String(7), primary_key=True),  # 2026-03, by the clock of the site
    Column("characters", Integer, nullable=False),
)

translation_answers = Table(
    "translation_answers",
    metadata,
    # What was answered well once is not paid for twice.
    Column("question", String(64), primary_key=True),  # digest of text, languages, service and glossary
    _json("texts", "[]"),
    _time("at", nullable=False),
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
    _time("at", nullable=False),
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

# ── Feeds ────────────────────────────────────────────────────────────────────

feed_documents = Table(
    "feed_documents",
    metadata,
    Column("name", Text, primary_key=True),  # all-ko.atom, all/3.rss
    Column("etag", String(40), nullable=False),
    _time("changed_at", nullable=False),  # when it was first seen with this tag: its Last-Modified
    Column("told_etag", String(40)),  # what the WebSub hub was last told of
    Column("tellings", Integer, nullable=False, server_default=text("0")),  # in vain, since then
    _time("tell_at"),  # not before
)

feed_followers = Table(
    "feed_followers",
    metadata,
    Column("day", Date, primary_key=True),
    Column("slug", Text, primary_key=True),
    Column("family", String(40), primary_key=True),  # who told the number; '' for readers that came themselves
    Column("count", Integer, nullable=False),
)

# ── Lists and editions ───────────────────────────────────────────────────────

lists = Table(
    "lists",
    metadata,
    Column("name", String(32), primary_key=True),
    _time("started_at", nullable=False),
)

editions = Table(
    "editions",
    metadata,
    _id(),
    Column("list", String(32), ForeignKey("lists.name"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("status", String(12), nullable=False),
    _time("window_end", nullable=False),
    _time("composed_at", nullable=False),
    Column("touched", Boolean, nullable=False, server_default=false()),
    _json("notes", "{}"),
    _json("subjects", "{}"),  # per language, where the editor wrote one
    Column("classification", String(12), nullable=False),
    Column("classified_by", Text, nullable=False),
    _time("classified_at"),  # null while the list's setting stands
    Column("classified_why", Text),
    Column("not_agreed", Integer),  # readers left out at release: no consent to advertising
    Column("approved_by", Text),
    _time("approved_at"),
    _time("approval_lost_at"),  # by itself, not by a person's hand; null again once it is approved anew
    Column("approval_lost_why", String(16)),  # deleted · secret · joined · parted · translated
    Column("released_by", Text),
    _time("released_at"),
    _time("sent_at"),
    _time("ended_at"),  # cancelled or stopped
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
    Column("language_key", String(72), primary_key=True),
    Column("subject", Text, nullable=False),
    Column("html", JSON, nullable=False),  # runs: text, or {"slot": name}
    Column("text", JSON, nullable=False),
    Column("hash", String(64), nullable=False),
    _json("covers", "{}"),  # public id → the pieces of `html` that show the entry
)

# Images of entries, and logos, as our own copies at mail width.
media = Table(
    "media",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("type", String(32), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    _time("kept_at", nullable=False),
)

# Which copy an image of an archive became, or why it has none.
images = Table(
    "images",
    metadata,
    Column("url", Text, primary_key=True),
    Column("hash", String(64), ForeignKey("media.hash")),
    Column("trouble", Text),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    _time("tried_at", nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("list", String(32), ForeignKey("lists.name"), primary_key=True),
    Column("occurrence", String(16), primary_key=True),  # local wall time, 2026-11-24T09:00
    _time("due_at", nullable=False),
    _time("decided_at", nullable=False),
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
    _time("at", nullable=False),
)

# ── Readers ──────────────────────────────────────────────────────────────────

subscribers = Table(
    "subscribers",
    metadata,
    _id(),
    Column("address", Text),  # null after erasure
    Column("address_key", Text, unique=True),
    Column("address_hash", String(64), nullable=False, unique=True),
    Column("name", Text),
    _time("created_at", nullable=False),
    _time("erasing_since"),  # asked to be erased; the notice of it goes out first
    _time("erased_at"),
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
    _id(),
    Column("subscriber_id", Integer, ForeignKey("subscribers.id"), nullable=False),
    Column("list", String(32), nullable=False),
    Column("languages", String(72), nullable=False),  # a language key, in the reader's order
    Column("status", String(12), nullable=False),
    Column("missing", String(8)),  # the reader's own wish; null: the list's
    Column("token_id", LargeBinary(16), nullable=False, unique=True),
    _time("created_at", nullable=False),
    _time("confirmed_at"),
    _time("paused_until"),
    _time("ended_at"),
    Column("ended_why", String(16)),
    UniqueConstraint("subscriber_id", "list"),
    Index("ix_subscriptions_list_status", "list", "status"),
)

consents = Table(
    "consents",
    metadata,
    _id(),  # append-only; triggers refuse UPDATE, and DELETE but for erasure
    Column("subscription_id", Integer, ForeignKey("subscriptions.id"), nullable=False, index=True),
    Column("scope", String(16), nullable=False),  # information · advertising
    Column("event", String(16), nullable=False),  # asked · given · confirmed · changed · withdrawn
    _time("at", nullable=False),
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
    _id(),
    Column("subscription_id", Integer, ForeignKey("subscriptions.id"), nullable=False, index=True),
    Column("consent_id", Integer, ForeignKey("consents.id"), nullable=False),
    Column("kind", String(12), nullable=False),  # consent · refusal · withdrawal · question
    _time("at", nullable=False),  # when they agreed, refused or took it back
    Column("due_on", Date, nullable=False),  # the last day, by the site's calendar
    _time("booked_at", nullable=False),
    Column("held_why", String(16)),  # waits for the operator's yes: import · undated · old
    Column("released_by", Text),
    _time("queued_at"),
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
    _time("since", nullable=False),
)

requests = Table(
    "requests",
    metadata,
    # What somebody asked for on a page, until the owner of the address answered by a link. Short-lived.
    _id(),
    Column("purpose", String(12), nullable=False),  # confirm · link · address
    Column("token_id", LargeBinary(16), nullable=False, unique=True),
    Column("address", Text, nullable=False),
    Column("address_key", Text, nullable=False),
    Column("address_hash", String(64), nullable=False),
    Column("subscriber_id", Integer, ForeignKey("subscribers.id"), index=True),
    Column("language_key", String(72), nullable=False),
    _json("lists", "[]"),  # the lists that are wished
    Column("advertising", Boolean, nullable=False, server_default=false()),
    Column("text_version", String(64)),
    Column("means", String(32), nullable=False),
    _time("asked_at", nullable=False),
    _time("expires_at", nullable=False),
    _time("sorted_at"),  # when it was decided which letter it gets
    _time("reminded_at"),
    _time("closed_at"),
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
    _time_key("hour"),
    Column("count", Integer, nullable=False),
    Index("ix_knocks_hour", "hour"),
)

refusals = Table(
    "refusals",
    metadata,
    # By hash, so that a refusal outlives the erasure of the person.
    Column("address_hash", String(64), primary_key=True),
    Column("list", String(32), primary_key=True),
    _time("at", nullable=False),
    Column("means", String(32), nullable=False),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_hash", String(64), primary_key=True),
    Column("reason", String(16), nullable=False),  # stopped · complained · bounced · erased
    _time("at", nullable=False),
    Column("means", String(32), nullable=False),
)

accesses = Table(
    "accesses",
    metadata,
    # Who looked at addresses in full, or took them out of the house.
    _id(),
    _time("at", nullable=False),
    Column("who", Text, nullable=False),
    Column("what", String(32), nullable=False),  # list · show · evidence · affected · export
    Column("detail", Text, nullable=False),
    Column("people", Integer, nullable=False),
)

# ── Letters out ──────────────────────────────────────────────────────────────

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    Column("kind", String(12), nullable=False),
    Column("edition_id", Integer, ForeignKey("editions.id"), index=True),
    Column("subscription_id", Integer, ForeignKey("subscriptions.id")),
    Column("subscriber_id", Integer, ForeignKey("subscribers.id"), index=True),
    Column("address", Text),  # the snapshot of release; null after erasure
    Column("address_hash", String(64), nullable=False),
    Column("language_key", String(72), nullable=False),
    Column("dedupe_key", Text, nullable=False, unique=True),
    Column("message_id", Text, unique=True),  # HMAC of dedupe_key; written at the first claim
    Column("facts", JSON),  # what a letter of no edition says; null for those of an edition
    Column("domain", Text, nullable=False),
    Column("profile", String(32), nullable=False),
    Column("status", String(12), nullable=False),
    Column("reason", Text),  # why withheld, failed or uncertain
    _time("queued_at", nullable=False),
    _time("due_at", nullable=False),  # not before
    Column("worker_id", String(64)),
    Column("claim_no", Integer, nullable=False, server_default=text("0")),
    _time("lease_until"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    _time("first_attempt_at"),
    _time("settled_at"),
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
    _id(),
    Column("delivery_id", Integer, ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    _time("at", nullable=False),
    Column("outcome", String(12), nullable=False),  # deferred · failed · unreachable · uncertain
    Column("code", Integer),
    Column("enhanced", String(16)),
    Column("reply", Text),
    Column("bounce", String(8)),  # hard · soft · full, where the copy failed and its address is to blame
)

# ── The roads of letters, as all processes share them ────────────────────────

roads = Table(
    "roads",
    metadata,
    # Only those that rest, or have not carried anything since.
    Column("name", String(32), primary_key=True),
    Column("rests", Integer, nullable=False),  # in a row
    _time("since", nullable=False),
    _time("until", nullable=False),
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

# ── What comes back ──────────────────────────────────────────────────────────

feedback = Table(
    "feedback",
    metadata,
    # One row per letter and kind: the same bounce heard twice, or by two ways, counts once.
    _id(),
    Column("delivery_id", Integer, ForeignKey("deliveries.id"), nullable=False),
    Column("kind", String(12), nullable=False),  # bounce · complaint · refusal
    Column("weight", String(8)),  # of a bounce: hard · soft · blocked
    Column("edition_id", Integer, ForeignKey("editions.id")),  # of the letter, for the rates of an edition
    Column("address_hash", String(64), nullable=False),  # of the letter, for the history of an address
    _time("at", nullable=False),  # when it happened, as far as that is known
    _time("heard_at", nullable=False),
    Column("means", String(16), nullable=False),  # smtp · imap · maildir · file · ses · mailgun
    Column("status", String(16), nullable=False),  # RFC 3463, or ''
    Column("said", Text),  # by the other server, without the address; null after erasure
    Column("effect", String(16), nullable=False),  # noted · suppressed · unsubscribed
    UniqueConstraint("delivery_id", "kind"),
    Index("ix_feedback_address_hash", "address_hash", "at"),
    Index("ix_feedback_edition_id", "edition_id", "kind", "weight"),
)

feedback_sources = Table(
    "feedback_sources",
    metadata,
    Column("name", String(16), primary_key=True),  # imap · maildir · smtp (our own attempts)
    _json("cursor", "{}"),
    _time("read_at"),  # last attempt
    _time("succeeded_at"),
    _time("failing_since"),
    Column("failures", Integer, nullable=False, server_default=text("0")),  # in a row
    Column("detail", Text),  # of the last one
    Column("alarm", Text),  # the trouble that the operators were told of; null once they were told that it is over
    Column("mails", Integer, nullable=False, server_default=text("0")),  # read, ever
    Column("known", Integer, nullable=False, server_default=text("0")),  # of them, about letters of ours
)

edition_alarms = Table(
    "edition_alarms",
    metadata,
    # An edition of which too much came back. Each step is taken once: who resumes it has decided.
    Column("edition_id", Integer, ForeignKey("editions.id"), primary_key=True),
    Column("about", String(12), primary_key=True),  # bounces · complaints
    Column("step", String(8), primary_key=True),  # alarm · pause
    _time("at", nullable=False),
    Column("count", Integer, nullable=False),
    Column("out", Integer, nullable=False),  # copies that were out then
    Column("paused", Boolean, nullable=False),  # the edition was still on its way, and was paused
)
