"""When a new piece is one that the house has: moved, posted again, dated anew, retitled; and when not."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.archive.source import ArchivePolicy
from publisher.flows.identity import is_place, spellings
from publisher.flows.ingest import Ingested, ingest
from publisher.model import Citation, SourceItem
from publisher.store import arrivals, entries
from publisher.store.database import Database
from tests.samples import DIRECTOR, SITE, Shelf, at, item

COLUMNS = replace(DIRECTOR, name="columns", url="https://www.hanbit-peace.example/bbs/board.php?bo_table=columns")
CITED = Citation(outlet="한빛일보", date=date(2026, 3, 2), url="https://www.hanbit.example/opinion/2026/03/02/spring")


def cited(key: int, **changes: object) -> SourceItem:
    return item(key, citation=replace(CITED, **changes))  # type: ignore[arg-type]  # fields of a citation


async def read(db: Database, *items: SourceItem, policy: ArchivePolicy = DIRECTOR, minute: float = 60) -> Ingested:
    return await ingest(db, Shelf(*items), policy, host=SITE.host, now=at(minute))


async def count(db: Database) -> int:
    async with db.read() as tx:
        return len(await entries.listed(tx))


async def are_one(db: Database, first: SourceItem, second: SourceItem, policy: ArchivePolicy = DIRECTOR) -> bool:
    await read(db, first, minute=0)
    result = (
        await read(db, first, second, policy=policy) if policy is DIRECTOR else await read(db, second, policy=policy)
    )
    assert result.new == await count(db) - 1
    return result.new == 0


def retitled(one: SourceItem, title: str) -> SourceItem:
    return replace(one, faces={name: replace(face, title=title) for name, face in one.faces.items()})


def same_words(key: int, other: SourceItem) -> SourceItem:
    return retitled(replace(other, source_key=str(key), url=f"https://x.example/{key}", digest="other"), other.title)


async def test_a_post_moved_to_another_archive_is_the_same(db: Database) -> None:
    moved = same_words(90, item(1))
    assert await are_one(db, item(1), moved, COLUMNS)
    async with db.read() as tx:
        assert "90" in await arrivals.digests(tx, "columns")
    assert (await read(db, moved, policy=COLUMNS, minute=90)).new == 0


async def test_a_move_is_known_though_one_page_gives_no_seconds_and_cuts_the_name(db: Database) -> None:
    published = at(-600).replace(second=27)
    whole = item(1, published_at=published, author="한빛평화연구소 자료실 담당 연구원")
    shown = replace(same_words(90, whole), published_at=published.replace(second=0), author="한빛평화연구소 자료실 담…")
    assert await are_one(db, whole, shown, COLUMNS)


async def test_a_post_put_up_again_with_a_new_date_is_the_same(db: Database) -> None:
    first = cited(1)
    again = replace(same_words(2, first), published_at=at(50))
    assert await are_one(db, first, again)


async def test_a_better_title_for_the_same_original_is_the_same(db: Database) -> None:
    first = cited(1)
    assert await are_one(db, first, retitled(cited(2), "비무장지대의 봄 (재등록)"))


async def test_a_cited_day_put_right_is_the_same(db: Database) -> None:
    first = cited(1)
    assert await are_one(db, first, same_words(2, cited(1, date=date(2026, 3, 3))))


async def test_the_same_address_in_another_archive_is_the_same(db: Database) -> None:
    other = replace(item(2), url=item(1).url.replace("https://www.", "http://"))
    assert await are_one(db, item(1), other, COLUMNS)


async def test_what_was_mailed_is_not_due_again_under_its_new_key(db: Database) -> None:
    first = cited(1)
    await read(db, first, minute=0)
    async with db.read() as tx:
        due = (await entries.listed(tx))[0].due_at
    await read(db, first, retitled(cited(2), "다시 올린 글"))
    async with db.read() as tx:
        assert [entry.due_at for entry in await entries.listed(tx)] == [due]


async def test_doubles_in_one_first_read_are_one(db: Database) -> None:
    result = await read(db, cited(1), retitled(cited(2), "다시 올린 글"), item(3))
    assert result.new == 2


async def test_what_only_moved_is_no_flood(db: Database) -> None:
    await read(db, *(item(key) for key in range(1, 20)), minute=0)
    await read(db, item(99), policy=COLUMNS, minute=0)
    news = replace(item(50), published_at=at(30))
    await read(db, *(same_words(100 + key, item(key)) for key in range(1, 20)), news, policy=COLUMNS)
    async with db.read() as tx:
        held = {entry.source_key: entry.held for entry in await entries.listed(tx, archive="columns")}
    assert held["50"] is None


# ── What must stay two ───────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "second",
    [
        item(2),
        cited(2, date=date(2026, 3, 9)),  # another day, another title: the next part of a series
        cited(2, outlet="통일저널"),
        cited(2, outlet=None),
        retitled(item(2, language="en", citation=CITED), "Spring in the Zone"),  # a translation
        replace(same_words(2, item(1)), published_at=at(5)),  # the same words on another day
        replace(same_words(2, item(1)), published_at=None),
        replace(same_words(2, item(1)), author="이서연"),
    ],
    ids=["other", "series", "outlet", "no outlet", "translation", "time", "no time", "author"],
)
async def test_what_only_looks_alike_stays_two(db: Database, second: SourceItem) -> None:
    first = item(1) if second.citation == Citation() else cited(1)
    assert not await are_one(db, first, second)


async def test_a_front_page_is_no_original(db: Database) -> None:
    front = {"url": "https://www.hanbit.example/"}
    assert not await are_one(db, cited(1, **front), cited(2, **front))


async def test_an_archive_that_gives_its_own_address_to_every_piece_keeps_them_apart(db: Database) -> None:
    await read(db, replace(item(1), url=COLUMNS.url), minute=0)
    result = await read(db, *(replace(item(key), url=COLUMNS.url) for key in (2, 3)), policy=COLUMNS)
    assert result.new == 2


# ── Addresses ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "address", ["", "x", "https://hanbit.example", "https://hanbit.example//", "mailto:a@b.example", "http://[::1"]
)
def test_no_place(address: str) -> None:
    assert not is_place(address)


def test_spellings_of_one_address_meet() -> None:
    assert "http://hanbit.example/a/?b=1" in spellings("https://www.Hanbit.example/a?b=1#c")
    assert "https://hanbit.example/A" not in spellings("https://hanbit.example/a")


@given(st.text(max_size=60).map(lambda rest: f"https://{rest}"))
def test_any_address_is_judged_without_a_failure(address: str) -> None:
    if is_place(address):
        assert address in spellings(address)
