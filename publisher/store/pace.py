"""
The pace of letters, kept for all processes together.

A profile, and each recipients' domain with a limit, has one row that says when
its next letter may go (the generic cell rate algorithm: no burst, nothing saved
up). Whoever claims copies takes times for them a little ahead. Copies to a
domain that has no time left now are given later ones, so that they hold up
nobody else. What went in a day is counted by quarters of an hour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, literal_column, select
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.store.database import Tx
from publisher.store.tables import deliveries, paces, sent_counts

AHEAD = timedelta(seconds=2)
"""How far ahead times are taken: a pause, and what speaks against a copy, are looked for again when it goes."""

QUARTER = 900  # seconds
_FAR = 3600.0  # seconds
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """
    How fast letters may go by one profile; None and domains left out are not limited.

    `reserve` are letters of the day that copies of editions leave to tests, confirmations and notices.
    """

    profile: str = "default"
    per_second: float | None = None
    per_day: int | None = None
    reserve: int = 0
    limits: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Room:
    """
    How many letters may be taken now, and how many of them may be an edition's.

    `opens_at`: when more of the day's letters come free, where the day is what limits them.
    `free_in`: seconds until there is time for a letter, where there is none now.
    """

    letters: int
    of_editions: int
    opens_at: datetime | None = None
    free_in: float = 0.0


# ── Times ────────────────────────────────────────────────────────────────────


async def room(tx: Tx, pace: Pace, limit: int, now: datetime) -> Room:
    """What may be taken now, at most `limit`."""
    free_in = 0.0
    if pace.per_second is not None:
        begin = await _next_at(tx, pace.profile, "", now)
        limit = min(limit, _fitting(begin, 1 / pace.per_second, now))
        free_in = max(0.0, begin - now.timestamp() - AHEAD.total_seconds())
    if pace.per_day is None:
        return Room(letters=limit, of_editions=limit, free_in=free_in)
    counted = await sent_lately(tx, pace.profile, now)
    left = pace.per_day - sum(counted.values()) - await _in_hand(tx, pace.profile)
    opens_at = min(map(expiry, counted), default=now + timedelta(seconds=QUARTER))
    return Room(
        letters=max(0, min(limit, left)),
        of_editions=max(0, min(limit, left - pace.reserve)),
        opens_at=opens_at if left <= pace.reserve else None,
        free_in=free_in,
    )


async def take(tx: Tx, pace: Pace, count: int, now: datetime) -> list[datetime]:
    """The times at which so many letters may go; `room` said that there are so many."""
    if pace.per_second is None or not count:
        return [now] * count
    every, begin = 1 / pace.per_second, await _next_at(tx, pace.profile, "", now)
    await _write(tx, pace.profile, "", begin + count * every)
    return [_moment(begin + number * every) for number in range(count)]


async def take_for(tx: Tx, pace: Pace, domain: str, wanted: int, now: datetime) -> Sequence[datetime]:
    """
    Times for so many copies to a domain with a limit, one after the other.

    Those within `AHEAD` are for copies that go now. The later ones are only
    good to look again at: they are spread behind all that were given before.
    """
    every, begin = 1 / pace.limits[domain], await _next_at(tx, pace.profile, domain, now)
    fitting = min(wanted, _fitting(begin, every, now))
    later = max(begin + fitting * every, await _spread_at(tx, pace.profile, domain))
    spread_at = later + (wanted - fitting) * every
    await _write(tx, pace.profile, domain, begin + fitting * every, spread_at)
    given = [begin + number * every for number in range(fitting)]
    return [_moment(one) for one in given + [later + number * every for number in range(wanted - fitting)]]


async def note(tx: Tx, pace: Pace, domain: str, count: int, now: datetime) -> None:
    """Letters that do not wait for a time go to a domain with a limit: the others give way."""
    begin = await _next_at(tx, pace.profile, domain, now)
    await _write(tx, pace.profile, domain, begin + count / pace.limits[domain])


async def paced_until(tx: Tx, profile: str) -> datetime | None:
    """Till when copies that wait have been given times; None when no pace was kept yet."""
    last = (await tx.execute(select(func.max(paces.c.spread_at)).where(paces.c.profile == profile))).scalar_one()
    return _moment(last) if last else None


def _fitting(begin: float, every: float, now: datetime) -> int:
    end = now.timestamp() + AHEAD.total_seconds()
    return int((end - begin) / every) + 1 if begin <= end else 0


async def _next_at(tx: Tx, profile: str, domain: str, now: datetime) -> float:
    own = (paces.c.profile == profile) & (paces.c.domain == domain)
    found = (await tx.execute(select(paces.c.next_at).where(own).with_for_update())).scalar_one_or_none() or 0.0
    begin = max(found, now.timestamp())
    # Further ahead nobody takes times: a row that says so was written before the clock was set back.
    return begin if begin <= now.timestamp() + _FAR else now.timestamp()


async def _spread_at(tx: Tx, profile: str, domain: str) -> float:
    own = (paces.c.profile == profile) & (paces.c.domain == domain)
    return (await tx.execute(select(paces.c.spread_at).where(own))).scalar_one_or_none() or 0.0


async def _write(tx: Tx, profile: str, domain: str, next_at: float, spread_at: float | None = None) -> None:
    statement = upsert(paces).values(profile=profile, domain=domain, next_at=next_at, spread_at=spread_at or 0.0)
    changed = {"next_at": next_at} if spread_at is None else {"next_at": next_at, "spread_at": spread_at}
    await tx.execute(statement.on_conflict_do_update(index_elements=["profile", "domain"], set_=changed))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


# ── A day ────────────────────────────────────────────────────────────────────


async def sent_lately(tx: Tx, profile: str, now: datetime) -> Mapping[int, int]:
    """The letters of the last 24 hours, by the quarter of an hour in which they went: rather too many than too few."""
    # Those that seem to go later went before the clock was set back: by a day at most, if they are to count.
    first, last = quarter_of(now - DAY), quarter_of(now + DAY)
    rows = await tx.execute(
        select(sent_counts.c.quarter, sent_counts.c.letters)
        .where(sent_counts.c.profile == profile, sent_counts.c.quarter.between(first, last))
        .order_by(sent_counts.c.quarter)
    )
    return {row.quarter: row.letters for row in rows}


async def count_sent(tx: Tx, letters: Mapping[str, int], now: datetime) -> None:
    """Count letters that went, by profile."""
    for profile, count in letters.items():
        statement = upsert(sent_counts).values(profile=profile, quarter=quarter_of(now), letters=count)
        more = {"letters": sent_counts.c.letters + count}
        await tx.execute(statement.on_conflict_do_update(index_elements=["profile", "quarter"], set_=more))


async def forget_old_counts(tx: Tx, now: datetime) -> None:
    """Drop what no limit asks for any more."""
    await tx.execute(delete(sent_counts).where(sent_counts.c.quarter < quarter_of(now - 2 * DAY)))


def quarter_of(moment: datetime) -> int:
    return int(moment.timestamp()) // QUARTER


def expiry(quarter: int) -> datetime:
    """When the letters of this quarter of an hour count no longer."""
    return datetime.fromtimestamp((quarter + 1) * QUARTER, UTC) + DAY


async def _in_hand(tx: Tx, profile: str) -> int:
    # Written out, as in `claims`: the index that has them is a partial one.
    is_sending = deliveries.c.status == literal_column("'sending'")
    counted = select(func.count()).where(is_sending, deliveries.c.profile == profile)
    return int((await tx.execute(counted)).scalar_one())
