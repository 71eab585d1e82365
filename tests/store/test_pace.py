"""The pace that all processes keep together, and the letters of a day."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from publisher.model import DeliveryKind, DeliveryStatus
from publisher.store import claims, outbox, pace
from publisher.store.claims import Batch, Settlement
from publisher.store.database import Database
from publisher.store.due import next_due
from publisher.store.pace import AHEAD, Pace
from tests.delivery.post import add_readers, release
from tests.samples import at


async def take(db: Database, how: Pace, minute: float = 5, limit: int = 200) -> Batch:
    async with db.begin() as tx:
        return await claims.claim(
            tx,
            worker_id="w1",
            limit=limit,
            lease_until=at(60),
            now=at(minute),
            name_message=lambda key: f"<{key}@x.example>",
            pace=how,
        )


async def have_sent(db: Database, batch: Batch, minute: float) -> None:
    async with db.begin() as tx:
        ended = [
            Settlement(delivery_id=one.delivery_id, claim_no=one.claim_no, status=DeliveryStatus.SENT)
            for one in batch.copies
        ]
        await claims.settle(tx, ended, at(minute))


def people(count: int, domain: str = "reader.example") -> list[str]:
    return [f"r{number:03}@{domain}" for number in range(count)]


async def confirm(db: Database, address: str, minute: float = 5) -> None:
    """A letter of no edition."""
    async with db.begin() as tx:
        await outbox.enqueue_letter(
            tx,
            DeliveryKind.NOTICE,
            cause=address,
            facts={},
            address=address,
            address_hash=address,
            language_key="ko",
            now=at(minute),
        )


# ── A second ─────────────────────────────────────────────────────────────────


async def test_letters_of_a_profile_have_their_moments_one_after_the_other(db: Database) -> None:
    await add_readers(db, *people(30))
    await release(db)
    first = await take(db, Pace(per_second=5))
    moments = sorted(first.at.values())
    assert len(first.copies) == 11  # two seconds ahead, and the one at their end
    assert [(one - at(5)).total_seconds() for one in moments] == [number / 5 for number in range(11)]
    second = await take(db, Pace(per_second=5))  # as another process would
    assert (second.copies, second.has_more) == ([], True)
    assert 0 < second.free_in < 1
    third = await take(db, Pace(per_second=5), minute=5 + 1 / 60)
    assert min(third.at.values()) > max(moments)


async def test_two_profiles_do_not_wait_for_each_other(db: Database) -> None:
    await add_readers(db, *people(30))
    await release(db)
    await take(db, Pace(per_second=5))
    assert len((await take(db, Pace(profile="relay", per_second=5))).copies) == 11


async def test_without_a_pace_everything_goes_at_once(db: Database) -> None:
    await add_readers(db, *people(30))
    await release(db)
    assert len((await take(db, Pace())).copies) == 30


async def test_a_domain_with_a_limit_holds_up_nobody_else(db: Database) -> None:
    await add_readers(db, *people(50, "naver.com"), *people(10))
    await release(db)
    slow = Pace(limits={"naver.com": 2})
    batch = await take(db, slow, limit=40)  # all of them naver's, which are the older ones
    assert len(batch.copies) == 5
    assert batch.has_more
    others = await take(db, slow, limit=40)
    assert [one.domain for one in others.copies] == ["reader.example"] * 10
    async with db.read() as tx:
        assert await next_due(tx) == at(5) + timedelta(seconds=2.5)
        assert await pace.paced_until(tx, "default") == at(5) + timedelta(seconds=25)


async def test_copies_that_were_put_off_go_at_the_limit_when_their_time_has_come(db: Database) -> None:
    await add_readers(db, *people(20, "naver.com"))
    await release(db)
    slow, gone = Pace(limits={"naver.com": 2}), []
    for second in range(20):
        batch = await take(db, slow, minute=5 + second / 60)
        gone += batch.at.values()
    assert len(gone) == 20
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(sorted(gone))]
    assert min(gaps) >= 0.5 - 1e-6


async def test_a_letter_of_no_edition_waits_for_no_domain_and_comes_first(db: Database) -> None:
    await add_readers(db, *people(50, "naver.com"))
    await release(db)
    slow = Pace(limits={"naver.com": 0.1})
    await take(db, slow)
    await confirm(db, "new@naver.com")
    batch = await take(db, slow, limit=1)
    assert [one.kind for one in batch.copies] == [DeliveryKind.NOTICE]


async def test_a_clock_that_was_set_back_stops_nothing(db: Database) -> None:
    await add_readers(db, *people(30))
    await release(db)
    await take(db, Pace(per_second=5), minute=5 + 24 * 60)
    assert (await take(db, Pace(per_second=5))).copies


async def test_letters_of_a_clock_that_was_ahead_do_not_use_up_the_days_before_them(db: Database) -> None:
    async with db.begin() as tx:
        await pace.count_sent(tx, {"default": 40}, at() + timedelta(days=365))
        await pace.count_sent(tx, {"default": 3}, at() + timedelta(hours=1))
        assert sum((await pace.sent_lately(tx, "default", at())).values()) == 3


# ── A day ────────────────────────────────────────────────────────────────────


async def test_the_letters_of_a_day_end_and_a_reserve_is_kept(db: Database) -> None:
    await add_readers(db, *people(30))
    await release(db)
    daily = Pace(per_day=20, reserve=5)
    batch = await take(db, daily)
    assert len(batch.copies) == 15  # those in hand count as well
    full = await take(db, daily)
    assert (full.copies, full.has_more) == ([], False)
    assert full.opens_at is not None
    for number in range(7):
        await confirm(db, f"new{number}@reader.example")
    assert len((await take(db, daily)).copies) == 5


async def test_what_went_leaves_room_a_day_later_and_not_before(db: Database) -> None:
    await add_readers(db, *people(30))
    await release(db)
    daily = Pace(per_day=20)
    await have_sent(db, await take(db, daily), minute=5)
    full = await take(db, daily, minute=6)
    assert not full.copies
    assert full.opens_at == at(15) + timedelta(days=1)  # the end of the quarter of an hour in which they went
    assert not (await take(db, daily, minute=24 * 60 + 14)).copies
    assert len((await take(db, daily, minute=24 * 60 + 15)).copies) == 10


async def test_what_was_put_back_or_refused_uses_up_nothing(db: Database) -> None:
    await add_readers(db, *people(10))
    await release(db)
    batch = await take(db, Pace(per_day=10))
    async with db.begin() as tx:
        await claims.release_claims(tx, [(one.delivery_id, one.claim_no) for one in batch.copies])
    assert len((await take(db, Pace(per_day=10))).copies) == 10


@given(
    counts=st.dictionaries(st.integers(0, 200), st.integers(1, 9), max_size=12),
    minute=st.integers(0, 3000),
)
def test_no_letter_of_the_last_day_is_forgotten(counts: Mapping[int, int], minute: int) -> None:
    begin = pace.quarter_of(at())
    now = at(minute)
    for number in counts:
        sent_at = datetime.fromtimestamp((begin + number) * pace.QUARTER, at().tzinfo)
        is_within = now - timedelta(days=1) <= sent_at <= now
        if is_within:
            assert begin + number >= pace.quarter_of(now - pace.DAY)
            assert pace.expiry(begin + number) > now


async def test_old_counts_are_forgotten(db: Database) -> None:
    async with db.begin() as tx:
        await pace.count_sent(tx, {"default": 3}, at())
        await pace.count_sent(tx, {"default": 2}, at(1))
        assert sum((await pace.sent_lately(tx, "default", at(2))).values()) == 5
        await pace.forget_old_counts(tx, at() + timedelta(days=3))
        assert await pace.sent_lately(tx, "default", at(2)) == {}


def test_times_are_not_taken_far_ahead() -> None:
    assert timedelta(seconds=2) >= AHEAD  # a pause is promised to act within two seconds
