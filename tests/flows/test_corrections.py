"""What was mailed and corrected since: told once, in the next edition, and given back with it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from publisher.archive.source import Finished, Gone, Why
from publisher.flows.cancel import cancel
from publisher.flows.compose import Noting, compose
from publisher.flows.ingest import ingest
from publisher.flows.release import release
from publisher.model import Correction, Edition, EditionStatus, SourceItem
from publisher.store import editions
from publisher.store.database import Database
from tests.flows.test_withdraw import Says, hear
from tests.samples import DIRECTOR, HOUSE, SITE, WEEKLY, Shelf, at, enlist, fill, item

NOTED: Noting = {"director": timedelta(0)}


def retitled(key: int, title: str) -> SourceItem:
    return item(key, title=title, digest=f"{key} as {title}")


async def edit(db: Database, *items: SourceItem, minute: float) -> None:
    assert (await ingest(db, Shelf(*items), DIRECTOR, host=SITE.host, now=at(minute))).changed == len(items)


async def composed(db: Database, minute: float, noting: Noting = NOTED) -> Edition | None:
    async with db.begin() as tx:
        return (await compose(tx, WEEKLY, by="kim", now=at(minute), noting=noting)).edition


async def drafted(db: Database, minute: float, noting: Noting = NOTED) -> Edition:
    edition = await composed(db, minute, noting)
    assert edition is not None
    return edition


async def sent(db: Database, minute: float) -> Edition:
    """The next edition, composed and released at this minute."""
    edition = await drafted(db, minute)
    async with db.begin() as tx:
        await editions.approve(tx, edition.id, by="kim", now=at(minute))
        done = await release(tx, edition, WEEKLY, HOUSE, by="kim", now=at(minute), grace=timedelta(hours=1))
    return done.edition


def told(edition: Edition) -> list[str]:
    return [one.entry.source_key for one in edition.corrections]


@pytest.fixture
async def mailed(db: Database) -> Database:
    """A house that mailed entries 1 and 2 in No. 1, and has got entry 3."""
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", at(-60))
    await enlist(db, "reader@mail.example")
    await fill(db, item(1), item(2), minute=0)
    await sent(db, 1)
    await fill(db, item(3), minute=9)
    return db


async def test_an_edited_entry_stands_in_the_next_edition_with_what_was_told(mailed: Database) -> None:
    await edit(mailed, retitled(1, "새 제목"), minute=10)
    [line] = (await drafted(mailed, 11)).corrections
    assert isinstance(line, Correction)
    assert (line.number, line.dated, line.entry.source_key) == (1, at(1), "1")
    assert (line.before.titles["ko"], line.after) == ("비무장지대의 봄 1", None)


async def test_an_archive_that_ignores_corrections_has_none(mailed: Database) -> None:
    await edit(mailed, retitled(1, "새 제목"), minute=10)
    assert told(await drafted(mailed, 11, noting={})) == []


async def test_what_was_never_mailed_is_not_corrected(mailed: Database) -> None:
    await edit(mailed, retitled(3, "새 제목"), minute=10)
    assert told(await drafted(mailed, 11)) == []


async def test_another_category_or_digest_alone_is_no_correction(mailed: Database) -> None:
    await edit(mailed, replace(item(1), digest="another", categories=("칼럼",)), minute=10)
    assert told(await drafted(mailed, 11)) == []


async def test_a_change_waits_until_it_has_settled(mailed: Database) -> None:
    await edit(mailed, retitled(1, "새 제목"), minute=10)
    assert told(await drafted(mailed, 39, noting={"director": timedelta(minutes=30)})) == []
    assert told(await drafted(mailed, 40, noting={"director": timedelta(minutes=30)})) == ["1"]


async def test_corrections_alone_make_no_edition_and_wait(mailed: Database) -> None:
    await sent(mailed, 10)
    await edit(mailed, retitled(1, "새 제목"), minute=20)
    assert await composed(mailed, 21) is None
    await fill(mailed, item(4), minute=30)
    assert told(await drafted(mailed, 31)) == ["1"]


async def test_a_correction_is_told_once_and_again_when_corrected_again(mailed: Database) -> None:
    await edit(mailed, retitled(1, "둘째 제목"), minute=10)
    await edit(mailed, retitled(1, "셋째 제목"), minute=11)
    assert told(await sent(mailed, 12)) == ["1"]
    await fill(mailed, item(4), minute=20)
    assert told(await sent(mailed, 21)) == []
    await edit(mailed, retitled(1, "넷째 제목"), minute=30)
    await fill(mailed, item(5), minute=30)
    [line] = (await sent(mailed, 31)).corrections
    assert (line.before.titles["ko"], line.number) == ("셋째 제목", 1)


async def test_what_was_set_right_again_before_the_next_edition_is_no_correction(mailed: Database) -> None:
    await edit(mailed, retitled(1, "새 제목"), minute=10)
    await edit(mailed, item(1), minute=11)
    assert told(await drafted(mailed, 12)) == []


async def test_a_released_edition_goes_on_telling_what_it_told(mailed: Database) -> None:
    await edit(mailed, retitled(1, "둘째 제목"), minute=10)
    edition = await sent(mailed, 12)
    await edit(mailed, retitled(1, "셋째 제목"), minute=20)
    async with mailed.read() as tx:
        [line] = (await editions.get(tx, edition.id)).corrections
    assert line.after is not None
    assert line.after.titles["ko"] == "둘째 제목"


async def test_dropping_or_taking_back_an_edition_gives_its_corrections_back(mailed: Database) -> None:
    await edit(mailed, retitled(1, "새 제목"), minute=10)
    for make in (drafted, sent):
        edition = await make(mailed, 11)
        assert told(edition) == ["1"]
        async with mailed.begin() as tx:
            assert await cancel(tx, edition, now=at(12))
    assert told(await drafted(mailed, 13)) == ["1"]


async def test_taking_back_the_edition_that_told_an_entry_leaves_nothing_to_correct(mailed: Database) -> None:
    await edit(mailed, retitled(1, "새 제목"), minute=10)
    async with mailed.begin() as tx:
        first = await editions.numbered(tx, "weekly", 1)
        assert await cancel(tx, first, now=at(11))
    edition = await drafted(mailed, 12)
    assert (told(edition), len(edition.entries)) == ([], 3)


async def test_a_retracted_entry_leaves_the_corrections_and_their_approval_is_void(mailed: Database) -> None:
    await edit(mailed, retitled(1, "새 제목"), minute=10)
    edition = await drafted(mailed, 11)
    async with mailed.begin() as tx:
        await editions.approve(tx, edition.id, by="kim", now=at(11))
    result = await hear(mailed, Gone(source_key="1", url="https://x.example/", reason=Why.SECRET), minute=12)
    async with mailed.read() as tx:
        now = await editions.get(tx, edition.id)
    assert (told(now), now.status) == ([], EditionStatus.DRAFT)
    assert (now.approval_lost_at, now.approval_lost_why) == (at(12), "secret")
    assert "approval lost" in [remark.code for remark in result.remarks]


async def test_an_edition_on_its_way_is_paused_when_what_it_corrects_became_secret(mailed: Database) -> None:
    await edit(mailed, retitled(1, "새 제목"), minute=10)
    edition = await sent(mailed, 11)
    gone = Gone(source_key="1", url="https://x.example/", reason=Why.SECRET)
    await ingest(mailed, Says(gone, Finished(cursor={})), DIRECTOR, host=SITE.host, now=at(12))
    async with mailed.read() as tx:
        assert (await editions.get(tx, edition.id)).status is EditionStatus.PAUSED


async def test_only_so_many_stand_in_one_edition_and_the_others_in_the_next(db: Database) -> None:
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", at(-60))
    await fill(db, *(item(key) for key in range(1, 14)), minute=0)
    await sent(db, 1)
    await edit(db, *(retitled(key, f"새 제목 {key}") for key in range(1, 14)), minute=10)
    await fill(db, item(20), minute=10)
    assert len(told(await sent(db, 11))) == 10
    await fill(db, item(21), minute=20)
    assert len(told(await sent(db, 21))) == 3
