"""
Every table, one file per subject.

    columns.py      the one `metadata`, and what many tables have
    instance.py     the keys of this house
    archive.py      archives and entries        translation.py   faces that a service made
    feeds.py        documents and followers
    edition.py      lists, editions, letters    pictures.py      their images
    readers.py      subscriptions and consents
    delivery.py     copies, attempts, roads     returns.py       bounces and complaints

Names and meaning are fixed in docs/architecture.md. Rows explain themselves:
who, when, why. Times are UTC (see `UTCDateTime`); languages and states are
plain strings, so that a new one needs no migration. Ids are integers in the
order of arrival; whatever leaves the house has a key of its own
(`public_id`, `token_id`, `message_id`).

A new table goes into the file of its subject, and is named here: the migrations
are compared with what this room imports. Files are not named like a table.
"""

from publisher.store.tables.archive import (
    archives,
    counterparts,
    entries,
    entry_changes,
    faces,
    parted,
    search_terms,
    source_items,
)
from publisher.store.tables.columns import UTCDateTime, metadata
from publisher.store.tables.delivery import accounts, attempts, deliveries, paces, roads, sent_counts
from publisher.store.tables.edition import (
    acceptances,
    corrections,
    edition_entries,
    edition_texts,
    editions,
    letters,
    lists,
    runs,
)
from publisher.store.tables.feeds import feed_documents, feed_followers
from publisher.store.tables.instance import keys
from publisher.store.tables.pictures import images, media
from publisher.store.tables.readers import (
    accesses,
    consent_texts,
    consents,
    knocks,
    notices,
    readmissions,
    refusals,
    requests,
    subscribers,
    subscriptions,
    suppressions,
)
from publisher.store.tables.returns import edition_alarms, feedback, feedback_sources
from publisher.store.tables.translation import translation_answers, translation_spending, translations

__all__ = [
    "UTCDateTime",
    "acceptances",
    "accesses",
    "accounts",
    "archives",
    "attempts",
    "consent_texts",
    "consents",
    "corrections",
    "counterparts",
    "deliveries",
    "edition_alarms",
    "edition_entries",
    "edition_texts",
    "editions",
    "entries",
    "entry_changes",
    "faces",
    "feed_documents",
    "feed_followers",
    "feedback",
    "feedback_sources",
    "images",
    "keys",
    "knocks",
    "letters",
    "lists",
    "media",
    "metadata",
    "notices",
    "paces",
    "parted",
    "readmissions",
    "refusals",
    "requests",
    "roads",
    "runs",
    "search_terms",
    "sent_counts",
    "source_items",
    "subscribers",
    "subscriptions",
    "suppressions",
    "translation_answers",
    "translation_spending",
    "translations",
]
