"""
Copies in hand: what workers take from the outbox, and how it ends.

    waiting ─claim▶ sending ─settle▶ sent · failed · withheld · uncertain · waiting (later)

A claim has a number and a lease. Every change to a claimed row names that
number, so a worker that comes late changes nothing; and a lease that ran out
frees nothing by itself: `flows.deliver` resolves it by the worker's journal.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    literal_column,
    null,
    or_,
    select,
    update,
)

from publisher.model import Classification, DeliveryKind, DeliveryStatus, EditionStatus, Facts, LetterKey
from publisher.store import pace as paces
from publisher.store.consents import advertising_stands
from publisher.store.database import Tx
from publisher.store.due import EVERYTHING, SENDING, WAITING, Share, due_now, in_time, is_any_due
from publisher.store.given import among, listed, rows_of
from publisher.store.pace import Pace
from publisher.store.tables import UTCDateTime, attempts, deliveries, editions, refusals, subscriptions, suppressions
from subscribers.asking import NOT_THEIR_OWN_WORD, READMITTED
from subscribers.model import EndedWhy, SubscriptionStatus


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A copy that one worker has in hand, with what its letter needs."""

    delivery_id: int
    claim_no: int
    worker_id: str
    kind: DeliveryKind
    edition_id: int | None
    facts: Facts
    list: str | None
    address: str
    domain: str
    language_key: LetterKey
    message_id: str
    token_id: bytes | None  # of the subscription; None for letters that are not sent to one
    queued_at: datetime
    profile: str  # by which it goes
    attempts: int  # before this one
    doubts: int  # how often it was uncertain before
    lease_until: datetime


@dataclass(frozen=True, kw_only=True)
class Objection:
    """Why a claimed copy must not go after all. `is_passing` ones (a paused edition) only put it back."""

    reason: str
    is_passing: bool = False


@dataclass(frozen=True, kw_only=True)
class Batch:
    """
    What a claim brought, and how many copies were withheld on the way.

    `at` has the moments before which copies must not go, where a pace is kept.
    `has_more`: it is worth asking again, though nothing may have been taken, in
    `free_in` seconds. `opens_at`: the day's letters are used up for editions until then.
    """

    copies: Sequence[Claimed]
    withheld: int = 0
    at: Mapping[int, datetime] = field(default_factory=dict)
    has_more: bool = False
    free_in: float = 0.0
    opens_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """
    How a claim ended.

    `due_at` is for a copy that waits again; None leaves it due as it was.
    `tried` is the outcome that stands in the attempts, None for none;
    `counts` says whether it is one of the tries that the recipient has.
    """

    delivery_id: int
    claim_no: int
    status: DeliveryStatus
    due_at: datetime | None = None
    reason: str | None = None
    code: int | None = None
    enhanced: str | None = None
    reply: str | None = None
    tried: str | None = None
    counts: bool = True
    profile: str = "default"
    bounce: str | None = None

    @property
    def has_gone(self) -> bool:
        """Its content went out, as far as a server's limit of letters goes."""
        return self.status is DeliveryStatus.SENT or self.tried == DeliveryStatus.UNCERTAIN


UNPACED = Pace()

# ── Whether it may go ────────────────────────────────────────────────────────

_IN_SPITE_OF_A_REFUSAL = [DeliveryKind.ALARM, DeliveryKind.CONFIRM, DeliveryKind.GOODBYE, DeliveryKind.NOTICE]
"""
Kinds that also go to whoever wants no letters: alarms do not come from a list, a goodbye and a notice
tell that the refusal was heard, and whoever asks anew can only be asked back.
"""

_opens_their_data = (deliveries.c.kind == DeliveryKind.LINK) & suppressions.c.reason.in_(["stopped", READMITTED])
"""They asked for it by their own hand, and have no other way to what is kept of them."""


def _why_not() -> ColumnElement[str | None]:
    its_own = editions.c.id == deliveries.c.edition_id
    edition = select(editions.c.status).where(its_own).correlate(deliveries).scalar_subquery()
    list_name = select(editions.c.list).where(its_own).correlate(deliveries).scalar_subquery()
    subscription = subscriptions.c.id == deliveries.c.subscription_id
    is_advertising = or_(
        deliveries.c.kind == DeliveryKind.RECONFIRM,
        exists().where(its_own, editions.c.classification == Classification.ADVERTISING).correlate(deliveries),
    )
    return case(
        (deliveries.c.address.is_(None), literal_column("'erased'")),
        (
            exists()
            .where(
                suppressions.c.address_hash == deliveries.c.address_hash,
                suppressions.c.reason.in_(NOT_THEIR_OWN_WORD)
                | (deliveries.c.kind.not_in(_IN_SPITE_OF_A_REFUSAL) & ~_opens_their_data),
            )
            .correlate(deliveries),
            literal_column("'suppressed'"),
        ),
        (
            deliveries.c.kind.not_in([DeliveryKind.EDITION, DeliveryKind.RECONFIRM]),
            null(),
        ),
        (edition == EditionStatus.STOPPED, literal_column("'stopped'")),
        (
            exists()
            .where(refusals.c.address_hash == deliveries.c.address_hash, refusals.c.list == list_name)
            .correlate(deliveries),
            literal_column("'unsubscribed'"),
        ),
        (
            exists()
            .where(
                subscription,
                subscriptions.c.status == SubscriptionStatus.ENDED,
                subscriptions.c.ended_why == EndedWhy.UNSUBSCRIBED,
            )
            .correlate(deliveries),
            literal_column("'unsubscribed'"),
        ),
        (
            ~exists().where(subscription, subscriptions.c.status == SubscriptionStatus.ACTIVE).correlate(deliveries),
            literal_column("'no consent'"),
        ),
        (
            is_advertising
            & ~exists().where(subscription, advertising_stands(subscriptions.c.id)).correlate(deliveries),
            literal_column("'no consent'"),
        ),
        else_=null(),
    )


WHY_NOT = _why_not()
"""In SQL: why a row of `deliveries` must not go, or null."""


# ── Taking ───────────────────────────────────────────────────────────────────


async def claim(
    tx: Tx,
    *,
    worker_id: str,
    limit: int,
    lease_until: datetime,
    now: datetime,
    name_message: Callable[[str], str],
    share: Share = EVERYTHING,
    pace: Pace = UNPACED,
) -> Batch:
    """
    Take copies that are due, the oldest first; none when nothing is. Letters to one person go before
    editions, so that nobody who asked waits behind a hundred thousand copies.

    Those whose reader refused since release are withheld on the way. Paused
    editions are passed over. `name_message` makes a Message-ID of a dedupe key;
    it is kept with the row at the first claim. Copies for which `pace` has no
    time now are made due later.
    """
    withheld = 0
    room = await paces.room(tx, pace, limit, now)
    while due := await due_now(tx, room, share, now):
        withheld += await _withhold(tx, [row.id for row in due], now)
        times, is_cut = await in_time(tx, due, pace, now)
        if not times:
            return Batch(copies=[], withheld=withheld, has_more=is_cut, opens_at=room.opens_at)
        names = [(row.id, name_message(row.dedupe_key)) for row in due if row.id in times]
        lease = {"worker": worker_id, "until": lease_until, "by": pace.profile}
        if (await tx.execute(_TAKE, {"names": listed(names), **lease})).rowcount:
            copies = await _claimed(tx, _TAKEN, taken=listed(times), worker=worker_id)
            return Batch(copies=copies, withheld=withheld, at=times, has_more=True, opens_at=room.opens_at)
    waits = room.free_in > 0 and await is_any_due(tx, share, now)
    return Batch(copies=[], withheld=withheld, has_more=waits, free_in=room.free_in, opens_at=room.opens_at)


_NAMES = rows_of("names", "row", "name")
_TAKE = (
    update(deliveries)
    .where(deliveries.c.id == _NAMES.c.row, WAITING)
    .values(
        status=DeliveryStatus.SENDING,
        worker_id=bindparam("worker"),
        claim_no=deliveries.c.claim_no + 1,
        lease_until=bindparam("until"),
        profile=bindparam("by"),
        message_id=func.coalesce(deliveries.c.message_id, _NAMES.c.name),
    )
)


async def expired(tx: Tx, now: datetime) -> list[Claimed]:
    """Claims whose lease has run out. They stay claimed until they are settled or released."""
    return await _claimed(tx, _CLAIMED.where(deliveries.c.lease_until < now))


async def claims_of(tx: Tx, worker_ids: Iterable[str]) -> list[Claimed]:
    """Everything these workers have in hand."""
    return await _claimed(tx, _CLAIMED.where(deliveries.c.worker_id.in_(list(worker_ids))))


_WITHHOLD = (
    update(deliveries)
    .where(among(deliveries.c.id, "due"), WAITING, WHY_NOT.is_not(None))
    .values(status=DeliveryStatus.WITHHELD, reason=WHY_NOT, settled_at=bindparam("moment"))
)


async def _withhold(tx: Tx, ids: Iterable[int], now: datetime) -> int:
    return (await tx.execute(_WITHHOLD, {"due": listed(ids), "moment": now})).rowcount


async def _claimed(tx: Tx, which: Select[Any], **values: object) -> list[Claimed]:
    return [_as_claimed(row) for row in (await tx.execute(which, values)).mappings()]


_DOUBTS = (
    select(func.count())
    .where(attempts.c.delivery_id == deliveries.c.id, attempts.c.outcome == DeliveryStatus.UNCERTAIN)
    .correlate(deliveries)
    .scalar_subquery()
)
_AS_THEY_STAND = (
    *("claim_no", "worker_id", "facts", "kind", "edition_id", "address", "domain", "language_key"),
    *("message_id", "queued_at", "profile", "attempts", "lease_until"),
)
_CLAIMED = (
    select(
        deliveries.c.id.label("delivery_id"),
        *(deliveries.c[name] for name in _AS_THEY_STAND),
        editions.c.list,
        subscriptions.c.token_id,
        _DOUBTS.label("doubts"),
    )
    .select_from(deliveries.outerjoin(editions).outerjoin(subscriptions))
    .where(SENDING)
    .order_by(deliveries.c.due_at, deliveries.c.id)
)
_TAKEN = _CLAIMED.where(among(deliveries.c.id, "taken"), deliveries.c.worker_id == bindparam("worker"))


def _as_claimed(row: RowMapping) -> Claimed:
    parsed = {"kind": DeliveryKind(row["kind"]), "address": row["address"] or "", "facts": row["facts"] or {}}
    return Claimed(**{**row, **parsed})


# ── Ending ───────────────────────────────────────────────────────────────────


async def settle(tx: Tx, settlements: Sequence[Settlement], now: datetime) -> int:
    """
    Write down how claims ended; gives how many were still this worker's to end.

    A claim that has been resolved by somebody else in the meantime stays as it is.
    """
    plain = [one for one in settlements if one.status is DeliveryStatus.SENT]
    settled = await _settle_sent(tx, plain, now) if plain else 0
    for one in settlements:
        if one.status is not DeliveryStatus.SENT:
            settled += await _settle_one(tx, one, now)
    await paces.count_sent(tx, Counter(one.profile for one in settlements if one.has_gone), now)
    return settled


async def release_claims(tx: Tx, claims: Iterable[tuple[int, int]]) -> None:
    """Put claimed copies back as if they had not been taken: (delivery, claim number) each."""
    rows = [{"row": delivery_id, "claim": claim_no} for delivery_id, claim_no in claims]
    if rows:
        await tx.execute(update(deliveries).where(*_MINE).values(status=DeliveryStatus.WAITING, **_FREE), rows)


_MINE = (deliveries.c.id == bindparam("row"), deliveries.c.claim_no == bindparam("claim"), SENDING)
_FREE: Mapping[str, Any] = {"worker_id": None, "lease_until": None}


async def _settle_sent(tx: Tx, settlements: Sequence[Settlement], now: datetime) -> int:
    statement = (
        update(deliveries)
        .where(*_MINE)
        .values(
            status=DeliveryStatus.SENT,
            reason=None,
            settled_at=now,
            attempts=deliveries.c.attempts + 1,
            first_attempt_at=func.coalesce(deliveries.c.first_attempt_at, _moment(now)),
            code=bindparam("answer"),
            reply=bindparam("said"),
            **_FREE,
        )
    )
    rows = [
        {"row": one.delivery_id, "claim": one.claim_no, "answer": one.code, "said": one.reply} for one in settlements
    ]
    return (await tx.execute(statement, rows)).rowcount


async def _settle_one(tx: Tx, one: Settlement, now: datetime) -> int:
    is_over = one.status is not DeliveryStatus.WAITING
    counted = 1 if one.tried and one.counts else 0
    result = await tx.execute(
        update(deliveries)
        .where(deliveries.c.id == one.delivery_id, deliveries.c.claim_no == one.claim_no, SENDING)
        .values(
            status=one.status,
            reason=one.reason,
            due_at=one.due_at or deliveries.c.due_at,
            settled_at=now if is_over else None,
            attempts=deliveries.c.attempts + counted,
            first_attempt_at=func.coalesce(deliveries.c.first_attempt_at, _moment(now if one.tried else None)),
            code=one.code,
            reply=one.reply,
            **_FREE,
        )
        .returning(deliveries.c.attempts)
    )
    number = result.scalar_one_or_none()
    if number is None:
        return 0
    if one.tried:
        await tx.execute(
            insert(attempts).values(
                delivery_id=one.delivery_id,
                number=number,
                at=now,
                outcome=one.tried,
                code=one.code,
                enhanced=one.enhanced,
                reply=one.reply,
                bounce=one.bounce,
            )
        )
    return 1


def _moment(when: datetime | None) -> ColumnElement[datetime | None]:
    # A bare value inside a function would be bound with SQLAlchemy's type, which forgets the offset.
    return literal(when, UTCDateTime())
