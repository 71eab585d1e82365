"""Who gets an edition, and which of its letters: the recipients as they are chosen at release, in SQL."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, cast, exists, func, literal, or_, select, union

from publisher.model import Classification, DeliveryKind, LetterKey, Missing
from publisher.store.consents import advertising_stands, is_not_paused
from publisher.store.database import Tx
from publisher.store.tables import deliveries, editions, letters, refusals, subscribers, subscriptions, suppressions
from subscribers.model import SubscriptionStatus

NOTHING_IN_THIS_LANGUAGE = "nothing in this language"

# ── Who ──────────────────────────────────────────────────────────────────────


def readers_of(
    edition_id: int, list_name: str, profile: str, key: ColumnElement[str], *, now: datetime, due_at: datetime
) -> Select[Any]:
    """Who may be written to, as rows of the outbox that lack their status; `key` is the letter that each gets."""
    at = func.instr(subscribers.c.address_key, "@")
    return (
        select(
            literal(DeliveryKind.EDITION.value).label("kind"),
            literal(edition_id).label("edition_id"),
            subscriptions.c.id.label("subscription_id"),
            subscriptions.c.subscriber_id,
            subscribers.c.address,
            subscribers.c.address_hash,
            key.label("language_key"),
            literal(f"edition:{edition_id}:").concat(cast(subscriptions.c.subscriber_id, String)).label("dedupe_key"),
            func.substr(subscribers.c.address_key, at + 1).label("domain"),
            literal(profile).label("profile"),
            literal(now, deliveries.c.queued_at.type).label("queued_at"),
            literal(due_at, deliveries.c.due_at.type).label("due_at"),
        )
        .join(subscribers)
        .where(
            subscriptions.c.list == list_name,
            subscriptions.c.status == SubscriptionStatus.ACTIVE,
            is_not_paused(now),
            subscribers.c.address.is_not(None),
            ~exists().where(refusals.c.address_hash == subscribers.c.address_hash, refusals.c.list == list_name),
            ~exists().where(suppressions.c.address_hash == subscribers.c.address_hash),
            _may_be_advertised_to(edition_id),
        )
    )


def _may_be_advertised_to(edition_id: int) -> ColumnElement[bool]:
    """Asked for every reader of an advertising edition, and of no other: the edition itself is looked at once."""
    is_information = select(editions.c.classification != Classification.ADVERTISING).where(editions.c.id == edition_id)
    return or_(is_information.scalar_subquery(), advertising_stands(subscriptions.c.id))


# ── Which letter ─────────────────────────────────────────────────────────────


def letter_key(usual: Missing) -> ColumnElement[str]:
    """
    The reader's languages, and their own wish where it makes another letter than `usual`, the list's setting.

    Whoever reads two languages lacks nothing: only a reader of one has a wish.
    """
    return case((or_(_has_no_wish(), subscriptions.c.missing == usual), subscriptions.c.languages), else_=_wished())


def late_key(made: Collection[LetterKey]) -> ColumnElement[str]:
    """
    The same for whoever comes to an edition after its release, when no further letter is set.

    `made` are the keys that were thought of then. Where theirs is not among them they get the list's letter.
    """
    return case((or_(_has_no_wish(), _wished().not_in(made)), subscriptions.c.languages), else_=_wished())


def _has_no_wish() -> ColumnElement[bool]:
    return or_(subscriptions.c.missing.is_(None), subscriptions.c.languages.contains("+"))


def _wished() -> ColumnElement[str]:
    return subscriptions.c.languages.concat(":").concat(subscriptions.c.missing)


def letter_in(edition_id: int, key: ColumnElement[str]) -> ColumnElement[bool]:
    """The edition has a letter of this key."""
    return exists().where(letters.c.edition_id == edition_id, letters.c.language_key == key)


async def wished_keys(tx: Tx, list_name: str, usual: Missing) -> Collection[LetterKey]:
    """The letters that readers of a list wish for, besides those it has; of whoever pauses, too."""
    theirs = select(letter_key(usual)).where(
        subscriptions.c.list == list_name,
        subscriptions.c.status == SubscriptionStatus.ACTIVE,
        subscriptions.c.missing.is_not(None),
    )
    return (await tx.execute(theirs.distinct())).scalars().all()


async def made_keys(tx: Tx, edition_id: int) -> Collection[LetterKey]:
    """The letters of an edition, and those that there are not since nothing was left in them."""
    empty = (deliveries.c.edition_id == edition_id) & (deliveries.c.reason == NOTHING_IN_THIS_LANGUAGE)
    frozen = select(letters.c.language_key).where(letters.c.edition_id == edition_id)
    return (await tx.execute(union(frozen, select(deliveries.c.language_key).where(empty)))).scalars().all()
