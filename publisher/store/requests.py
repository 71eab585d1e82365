"""What people ask for on pages: one row per request, from the pressed button to the answer by the mailed link."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, exists, func, insert, or_, select, update

from publisher.model import LanguageKey
from publisher.store.database import Tx
from publisher.store.tables import requests, subscribers


class Purpose(StrEnum):
    CONFIRM = "confirm"  # to come onto lists
    LINK = "link"  # a fresh link to one's own page
    ADDRESS = "address"  # to get one's letters at this address


@dataclass(frozen=True, kw_only=True)
class Request:
    """What was asked for, for which address. `subscriber_id` is known once it was sorted."""

    id: int
    purpose: Purpose
    token_id: bytes
    address: str
    address_key: str
    address_hash: str
    subscriber_id: int | None
    language_key: LanguageKey
    lists: tuple[str, ...]
    advertising: bool
    text_version: str | None
    means: str
    asked_at: datetime
    expires_at: datetime
    outcome: str | None


@dataclass(frozen=True, kw_only=True)
class NewRequest:
    """A request as it comes from a page."""

    purpose: Purpose
    token_id: bytes
    address: str
    address_key: str
    address_hash: str
    language_key: LanguageKey
    means: str
    asked_at: datetime
    expires_at: datetime
    subscriber_id: int | None = None
    lists: tuple[str, ...] = ()
    advertising: bool = False
    text_version: str | None = None


async def add(tx: Tx, new: NewRequest) -> int:
    """Write down what was asked; gives the request's id."""
    values = {**vars(new), "lists": list(new.lists)}
    statement = insert(requests).values(values).returning(requests.c.id)
    return int((await tx.execute(statement)).scalar_one())


async def by_token(tx: Tx, token_id: bytes) -> Request | None:
    """The request that a link belongs to."""
    row = (await tx.execute(select(requests).where(requests.c.token_id == token_id))).one_or_none()
    return None if row is None else _request(row)


async def unsorted(tx: Tx, *, limit: int) -> list[Request]:
    """
    Those for which no letter was decided yet, in the order in which they came.

    What somebody asks while they are being erased is decided once they are.
    """
    is_leaving = exists().where(
        subscribers.c.erasing_since.is_not(None),
        or_(subscribers.c.address_hash == requests.c.address_hash, subscribers.c.id == requests.c.subscriber_id),
    )
    wanted = select(requests).where(requests.c.closed_at.is_(None), requests.c.sorted_at.is_(None), ~is_leaving)
    return await _all(tx, wanted.order_by(requests.c.id).limit(limit))


async def to_remind(tx: Tx, *, asked_before: datetime, now: datetime, limit: int) -> list[Request]:
    """Open requests for lists that were mailed before this moment and never called to mind."""
    wanted = select(requests).where(
        requests.c.purpose == Purpose.CONFIRM,
        requests.c.closed_at.is_(None),
        requests.c.sorted_at.is_not(None),
        requests.c.reminded_at.is_(None),
        requests.c.asked_at <= asked_before,
        requests.c.expires_at > now,
    )
    return await _all(tx, wanted.order_by(requests.c.id).limit(limit))


async def run_out(tx: Tx, *, now: datetime, limit: int) -> list[Request]:
    """Open requests whose time is over."""
    wanted = select(requests).where(requests.c.closed_at.is_(None), requests.c.expires_at <= now)
    return await _all(tx, wanted.order_by(requests.c.id).limit(limit))


async def has_open(tx: Tx, subscriber_id: int, list_name: str, *, now: datetime) -> bool:
    """Whether a request of this person for this list can still be confirmed."""
    wanted = select(requests).where(
        requests.c.subscriber_id == subscriber_id,
        requests.c.purpose == Purpose.CONFIRM,
        requests.c.closed_at.is_(None),
        requests.c.expires_at > now,
    )
    return any(list_name in request.lists for request in await _all(tx, wanted))


async def mailed_since(tx: Tx, address_hash: str, moment: datetime) -> int:
    """How many requests brought this address a letter since then."""
    wanted = select(func.count()).where(
        requests.c.address_hash == address_hash,
        requests.c.sorted_at.is_not(None),
        requests.c.asked_at > moment,
        requests.c.outcome.is_distinct_from("too many"),
    )
    return int((await tx.execute(wanted)).scalar_one())


async def moves_since(tx: Tx, subscriber_id: int, moment: datetime) -> int:
    """How many letters to other addresses a person caused since then."""
    wanted = select(func.count()).where(
        requests.c.subscriber_id == subscriber_id,
        requests.c.purpose == Purpose.ADDRESS,
        requests.c.sorted_at.is_not(None),
        requests.c.asked_at > moment,
        requests.c.outcome.is_distinct_from("too many"),
    )
    return int((await tx.execute(wanted)).scalar_one())


async def mark_sorted(tx: Tx, request_id: int, *, subscriber_id: int, now: datetime) -> None:
    """Its letter is queued."""
    await _set(tx, request_id, subscriber_id=subscriber_id, sorted_at=now)


async def mark_reminded(tx: Tx, request_id: int, now: datetime) -> None:
    await _set(tx, request_id, reminded_at=now)


async def close(tx: Tx, request_id: int, *, outcome: str, now: datetime) -> bool:
    """End a request (confirmed · already · expired · void · too many). False when it had ended before."""
    result = await tx.execute(
        update(requests)
        .where(requests.c.id == request_id, requests.c.closed_at.is_(None))
        .values(closed_at=now, outcome=outcome, sorted_at=func.coalesce(requests.c.sorted_at, requests.c.asked_at))
    )
    return result.rowcount == 1


async def forget(tx: Tx, *, ended_before: datetime) -> int:
    """Drop the rows of links that ended before this moment."""
    gone = delete(requests).where(requests.c.closed_at.is_not(None), requests.c.expires_at < ended_before)
    return (await tx.execute(gone)).rowcount


async def of_person(tx: Tx, subscriber_id: int, address_hash: str) -> list[Request]:
    """Everything that was asked for an address or by a person, and is still kept."""
    return await _all(tx, select(requests).where(_of(subscriber_id, address_hash)).order_by(requests.c.id))


async def forget_person(tx: Tx, subscriber_id: int, address_hash: str) -> int:
    """
    Drop everything that was asked for an address or by a person, open or not.

    Of somebody who is being erased all but what they asked after that: they may come anew.
    """
    since = select(subscribers.c.erasing_since).where(subscribers.c.id == subscriber_id).scalar_subquery()
    gone = delete(requests).where(_of(subscriber_id, address_hash), (requests.c.asked_at > since).is_not(True))
    return (await tx.execute(gone)).rowcount


def _of(subscriber_id: int, address_hash: str) -> ColumnElement[bool]:
    return or_(requests.c.address_hash == address_hash, requests.c.subscriber_id == subscriber_id)


async def _set(tx: Tx, request_id: int, **values: Any) -> None:
    await tx.execute(update(requests).where(requests.c.id == request_id).values(**values))


async def _all(tx: Tx, wanted: Select[Any]) -> list[Request]:
    return [_request(row) for row in await tx.execute(wanted)]


def _request(row: Row[Any]) -> Request:
    return Request(
        id=row.id,
        purpose=Purpose(row.purpose),
        token_id=row.token_id,
        address=row.address,
        address_key=row.address_key,
        address_hash=row.address_hash,
        subscriber_id=row.subscriber_id,
        language_key=row.language_key,
        lists=tuple(row.lists),
        advertising=row.advertising,
        text_version=row.text_version,
        means=row.means,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        outcome=row.outcome,
    )
