"""What comes back: bounces and complaints, the mailboxes they are read from, and editions they stopped."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from publisher.store.tables.columns import id_column, json_column, metadata, time_column

feedback = Table(
    "feedback",
    metadata,
    # One row per letter and kind: the same bounce heard twice, or by two ways, counts once.
    id_column(),
    Column("delivery_id", Integer, ForeignKey("deliveries.id"), nullable=False),
    Column("kind", String(12), nullable=False),  # bounce · complaint · refusal
    Column("weight", String(8)),  # of a bounce: hard · soft · blocked
    Column("edition_id", Integer, ForeignKey("editions.id")),  # of the letter, for the rates of an edition
    Column("address_hash", String(64), nullable=False),  # of the letter, for the history of an address
    time_column("at", nullable=False),  # when it happened, as far as that is known
    time_column("heard_at", nullable=False),
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
    json_column("cursor", "{}"),
    time_column("read_at"),  # last attempt
    time_column("succeeded_at"),
    time_column("failing_since"),
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
    time_column("at", nullable=False),
    Column("count", Integer, nullable=False),
    Column("out", Integer, nullable=False),  # copies that were out then
    Column("paused", Boolean, nullable=False),  # the edition was still on its way, and was paused
)
