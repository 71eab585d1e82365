"""The first tables."""

import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from publisher.store.tables import UTCDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "archives",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("cursor", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("first_read_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("read_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("succeeded_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("failing_since", UTCDateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("remarks", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("skipped", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_archives")),
    )
    op.create_table(
        "entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("atom_id", sa.Text(), nullable=False),
        sa.Column("archive", sa.String(length=32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("published_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("published_offset", sa.Integer(), nullable=True),
        sa.Column("arrived_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("due_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("held", sa.String(length=8), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("retracted_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("retracted_why", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("original_language", sa.String(length=35), nullable=True),
        sa.Column("categories", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("attachments", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("links", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=True),
        sa.Column("outlet_date", sa.Date(), nullable=True),
        sa.Column("original_url", sa.Text(), nullable=True),
        sa.Column("is_notice", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("joined_to", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["joined_to"], ["entries.id"], name=op.f("fk_entries_joined_to")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("atom_id", name=op.f("uq_entries_atom_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_entries_public_id")),
    )
    op.create_index("ix_entries_archive_due_at", "entries", ["archive", "due_at"], unique=False)
    op.create_index("ix_entries_archive_published_at", "entries", ["archive", "published_at"], unique=False)
    op.create_table(
        "keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
    )
    op.create_table(
        "lists",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("started_at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lists")),
    )
    op.create_table(
        "refusals",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("list", sa.String(length=32), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("means", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", "list", name=op.f("pk_refusals")),
    )
    op.create_table(
        "subscribers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("address_key", sa.Text(), nullable=True),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("erased_at", UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
        sa.UniqueConstraint("address_hash", name=op.f("uq_subscribers_address_hash")),
        sa.UniqueConstraint("address_key", name=op.f("uq_subscribers_address_key")),
    )
    op.create_table(
        "suppressions",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("means", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_suppressions")),
    )
    op.create_table(
        "editions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("window_end", UTCDateTime(timezone=True), nullable=False),
        sa.Column("composed_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("touched", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("notes", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("classification", sa.String(length=12), nullable=False),
        sa.Column("classified_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("released_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("sent_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["list"], ["lists.name"], name=op.f("fk_editions_list")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
    )
    op.create_index(
        "uq_editions_list_number",
        "editions",
        ["list", "number"],
        unique=True,
        sqlite_where=sa.text("status <> 'cancelled'"),
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
    op.create_index(
        "uq_editions_list_window_end",
        "editions",
        ["list", "window_end"],
        unique=True,
        sqlite_where=sa.text("status <> 'cancelled'"),
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
    op.create_index(
        "uq_editions_open",
        "editions",
        ["list"],
        unique=True,
        sqlite_where=sa.text("status IN ('draft', 'approved')"),
        postgresql_where=sa.text("status IN ('draft', 'approved')"),
    )
    op.create_table(
        "source_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("archive", sa.String(length=32), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("first_seen_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_source_items_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_items")),
        sa.UniqueConstraint("archive", "source_key", name=op.f("uq_source_items_archive_source_key")),
    )
    op.create_index(op.f("ix_source_items_entry_id"), "source_items", ["entry_id"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("list", sa.String(length=32), nullable=False),
        sa.Column("languages", sa.String(length=72), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("missing", sa.String(length=8), nullable=True),
        sa.Column("token_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("paused_until", UTCDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_subscriptions_subscriber_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("subscriber_id", "list", name=op.f("uq_subscriptions_subscriber_id_list")),
        sa.UniqueConstraint("token_id", name=op.f("uq_subscriptions_token_id")),
    )
    op.create_index("ix_subscriptions_list_status", "subscriptions", ["list", "status"], unique=False)
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("means", sa.String(length=32), nullable=False),
        sa.Column("text_version", sa.String(length=64), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscriptions.id"], name=op.f("fk_consents_subscription_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_subscription_id"), "consents", ["subscription_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("subscription_id", sa.Integer(), nullable=True),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("language_key", sa.String(length=72), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("queued_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("due_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=True),
        sa.Column("claim_no", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_until", UTCDateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("first_attempt_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("settled_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.CheckConstraint("kind <> 'edition' OR edition_id IS NOT NULL", name=op.f("ck_deliveries_edition_named")),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_deliveries_edition_id")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_deliveries_subscriber_id")),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscriptions.id"], name=op.f("fk_deliveries_subscription_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_deliveries_dedupe_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_deliveries_message_id")),
    )
    op.create_index("ix_deliveries_edition_id_status", "deliveries", ["edition_id", "status"], unique=False)
    op.create_index(
        "ix_deliveries_sending",
        "deliveries",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("status = 'sending'"),
        postgresql_where=sa.text("status = 'sending'"),
    )
    op.create_index(op.f("ix_deliveries_subscriber_id"), "deliveries", ["subscriber_id"], unique=False)
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "edition_entries",
        sa.Column("list", sa.String(length=32), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_edition_entries_edition_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_edition_entries_entry_id")),
        sa.ForeignKeyConstraint(["list"], ["lists.name"], name=op.f("fk_edition_entries_list")),
        sa.PrimaryKeyConstraint("list", "entry_id", name=op.f("pk_edition_entries")),
    )
    op.create_index(op.f("ix_edition_entries_edition_id"), "edition_entries", ["edition_id"], unique=False)
    op.create_table(
        "faces",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_faces_entry_id")),
        sa.ForeignKeyConstraint(["item_id"], ["source_items.id"], name=op.f("fk_faces_item_id")),
        sa.PrimaryKeyConstraint("entry_id", "language", "origin", name=op.f("pk_faces")),
    )
    op.create_table(
        "letters",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("language_key", sa.String(length=72), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("html", sa.JSON(), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_letters_edition_id")),
        sa.PrimaryKeyConstraint("edition_id", "language_key", name=op.f("pk_letters")),
    )
    op.create_table(
        "runs",
        sa.Column("list", sa.String(length=32), nullable=False),
        sa.Column("occurrence", sa.String(length=16), nullable=False),
        sa.Column("due_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_runs_edition_id")),
        sa.ForeignKeyConstraint(["list"], ["lists.name"], name=op.f("fk_runs_list")),
        sa.PrimaryKeyConstraint("list", "occurrence", name=op.f("pk_runs")),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("enhanced", sa.String(length=16), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_attempts_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_delivery_id"), "attempts", ["delivery_id"], unique=False)

    # Every instance has a key from its first moment on: tokens, Message-IDs and
    # address hashes are made with it, so it travels in each backup and move.
    keys = sa.table("keys", sa.column("secret", sa.LargeBinary()), sa.column("created_at", UTCDateTime()))
    op.execute(keys.insert().values(secret=secrets.token_bytes(32), created_at=datetime.now(UTC)))

    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER consents_are_kept BEFORE UPDATE ON consents"
            " BEGIN SELECT RAISE(ABORT, 'consents are append-only'); END"
        )
