"""What is gone from an archive: what is believed, and what becomes of entries and editions."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from publisher.archive.source import SUSPICIOUS, Event, Finished, Found, Gone, Remark, Why, few
from publisher.errors import NotAllowed
from publisher.flows.compose import compose
from publisher.flows.ingest import Ingested, ingest
from publisher.flows.release import release
from publisher.flows.send import plan, send_missing
from publisher.flows.uncertain import send_again
from publisher.flows.withdraw import judge
from publisher.model import MISSED, RETRACTED, Edition, EditionStatus, Entry, EntryStatus, SourceItem
from publisher.store import archives, arrivals, editions, entries, outbox, shelves, texts
from publisher.store.database import Database
from publisher.store.standing import Item
from publisher.store.tables import deliveries
from tests.samples import DIRECTOR, HOUSE, SITE, WEEKLY, at, enlist, fill, item

COLUMNS = replace(DIRECTOR, name="columns", url="https://www.hanbit-peace.example/bbs/board.php?bo_table=columns")


class Says:
    """An archive that tells exactly this."""

    def __init__(self, *events: Event) -> None:
        self.events = events

    async def read(self, known: object, cursor: object) -> AsyncIterator[Event]:
        for event in self.events:
            yield event


def gone(key: int, why: Why = Why.DELETED) -> Gone:
    return Gone(source_key=str(key), url="https://www.hanbit-peace.example/", reason=why)


async def hear(db: Database, *events: Event, minute: float = 60, sweeps: bool = True, policy=DIRECTOR) -> Ingested:  # type: ignore[no-untyped-def]  # an ArchivePolicy
    told = Says(*events, Finished(cursor={}, is_sweep=sweeps))
    return await ingest(db, told, policy, host=SITE.host, now=at(minute))


async def shown(db: Database) -> set[str]:
    async with db.read() as tx:
        return {entry.source_key for entry in await entries.in_public(tx)}


async def the_entry(db: Database, key: int) -> Entry:
    async with db.read() as tx:
        return next(entry for entry in await entries.listed(tx) if entry.source_key == str(key))


async def doubt_of(db: Database) -> str | None:
    async with db.read() as tx:
        return (await archives.state_of(tx, "director")).doubt


@pytest.fixture
async def full(db: Database) -> Database:
    """A store with forty entries of the archive."""
    await fill(db, *(item(key) for key in range(1, 41)), minute=1)
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", at(0))
        await archives.mark_read(tx, "director", cursor={}, remarks=[], skipped=[], now=at(1))
    return db


# ── What is believed ─────────────────────────────────────────────────────────


async def test_a_deletion_is_believed_when_it_is_told_the_second_time(full: Database) -> None:
    assert (await hear(full, gone(7))).retracted == 0
    assert "7" in await shown(full)
    assert (await hear(full, gone(7), minute=120)).retracted == 1
    assert "7" not in await shown(full)
    entry = await the_entry(full, 7)
    assert entry.status is EntryStatus.RETRACTED


async def test_what_became_secret_is_taken_away_at_once(full: Database) -> None:
    assert (await hear(full, gone(7, Why.SECRET), sweeps=False)).retracted == 1
    assert "7" not in await shown(full)


async def test_being_told_again_changes_nothing(full: Database) -> None:
    await hear(full, gone(7, Why.SECRET))
    async with full.read() as tx:
        version = await shelves.changes(tx)
    assert (await hear(full, gone(7, Why.SECRET), minute=120)).retracted == 0
    async with full.read() as tx:
        assert await shelves.changes(tx) == version


async def test_a_post_seen_between_two_deletions_needs_two_again(full: Database) -> None:
    await hear(full, gone(7))
    async with full.read() as tx:
        assert (await arrivals.digests(tx, "director"))["7"] == MISSED
    await hear(full, Found(item=item(7)), minute=120)
    assert (await hear(full, gone(7), minute=180)).retracted == 0


async def test_more_than_a_few_at_once_retract_nothing_and_are_told_until_a_sweep_is_clean(full: Database) -> None:
    for minute in (60, 120, 180):
        result = await hear(full, *(gone(key) for key in range(1, 5)), minute=minute)
        assert result.retracted == 0
    assert len(await shown(full)) == 40
    assert "4 of 40 posts are gone at once" in str(await doubt_of(full))
    await hear(full, minute=200, sweeps=False)
    assert await doubt_of(full)
    await hear(full, minute=240)
    assert await doubt_of(full) is None


async def test_what_became_secret_is_hidden_however_much_it_is_and_in_doubt_too(full: Database) -> None:
    assert (await hear(full, *(gone(key, Why.SECRET) for key in range(1, 11)))).retracted == 10
    assert await doubt_of(full) is None
    told = [*(gone(key, Why.SECRET) for key in range(11, 13)), *(gone(key) for key in range(20, 25))]
    assert (await hear(full, *told, minute=120)).retracted == 2
    assert "5 of 30 posts are gone at once" in str(await doubt_of(full))


async def test_the_operator_s_word_is_the_second_proof(full: Database) -> None:
    async with full.begin() as tx:
        assert not await archives.believe(tx, "director")
    told = [gone(key) for key in range(1, 11)]
    await hear(full, *told)
    async with full.begin() as tx:
        assert await archives.believe(tx, "director")
    await hear(full, minute=100, sweeps=False)  # a read that sweeps nothing does not use it up
    assert (await hear(full, *told, minute=120)).retracted == 10
    async with full.read() as tx:
        state = await archives.state_of(tx, "director")
    assert (state.doubt, state.believed) == (None, False)


async def test_a_contradiction_that_the_source_saw_makes_the_archive_suspicious(full: Database) -> None:
    await hear(full, Remark(code=SUSPICIOUS, detail="the list shows 3 of 40 posts"))
    assert await doubt_of(full) == "the list shows 3 of 40 posts"


async def test_a_read_that_fails_takes_nothing_away(full: Database) -> None:
    from publisher.errors import SourceError

    class Breaks(Says):
        async def read(self, known: object, cursor: object) -> AsyncIterator[Event]:
            yield gone(7, Why.SECRET)
            raise SourceError("database down", "no answer")

    await ingest(full, Breaks(), DIRECTOR, host=SITE.host, now=at(60))
    assert "7" in await shown(full)


def told(key: int, *, missed: bool = False, is_only: bool = True) -> Item:
    return Item(id=key, entry_id=key, source_key=str(key), missing_since=at(0) if missed else None, is_only=is_only)


def test_yesterday_s_few_do_not_count_among_today_s() -> None:
    items = [*(told(key, missed=True) for key in range(3)), *(told(key) for key in range(3, 6))]
    judged = judge(items, dict.fromkeys(map(str, range(6)), Why.DELETED), standing=40, believed=False)
    assert (len(judged.away), len(judged.missing), judged.doubt) == (3, 3, None)


def test_what_stands_elsewhere_is_no_loss() -> None:
    items = [told(key, is_only=False) for key in range(30)]
    judged = judge(items, dict.fromkeys(map(str, range(30)), Why.DELETED), standing=40, believed=False)
    assert judged.doubt is None


@pytest.mark.parametrize(("standing", "most"), [(0, 3), (40, 3), (79, 3), (100, 5), (10_000, 500)])
def test_a_few_are_three_or_a_twentieth(standing: int, most: int) -> None:
    assert few(standing) == most


# ── Standing again ───────────────────────────────────────────────────────────


async def test_what_stands_again_is_live_with_its_ids_and_not_new(full: Database) -> None:
    before = await the_entry(full, 7)
    await hear(full, gone(7, Why.SECRET))
    async with full.read() as tx:
        assert (await arrivals.digests(tx, "director"))["7"] == RETRACTED
    result = await hear(full, Found(item=item(7)), minute=120)
    after = await the_entry(full, 7)
    assert result.new == 0
    assert after.status is EntryStatus.LIVE
    assert (after.public_id, after.atom_id, after.arrived_at, after.due_at) == (
        before.public_id,
        before.atom_id,
        before.arrived_at,
        before.due_at,
    )
    assert after.faces == before.faces


async def test_what_was_mailed_retracted_and_put_back_is_never_mailed_again(full: Database) -> None:
    edition = await released(full, 7)
    assert edition.entries
    await hear(full, gone(7, Why.SECRET))
    await hear(full, Found(item=item(7)), minute=120)
    async with full.begin() as tx:
        again = await compose(tx, WEEKLY, by="kim", now=at(200))
    assert again.edition is None


async def test_an_entry_that_is_told_gone_waits_until_that_is_clear(full: Database) -> None:
    await hear(full, gone(7))
    async with full.begin() as tx:
        edition = (await compose(tx, WEEKLY, by="kim", now=at(90))).edition
    assert edition is not None
    assert "7" not in {entry.source_key for entry in edition.entries}


# ── Editions ─────────────────────────────────────────────────────────────────


async def approved(db: Database) -> Edition:
    async with db.begin() as tx:
        edition = (await compose(tx, WEEKLY, by="kim", now=at(2))).edition
        assert edition is not None
        await editions.approve(tx, edition.id, by="kim", now=at(2))
        return await editions.get(tx, edition.id)


async def released(db: Database, key: int) -> Edition:
    await enlist(db, "reader@mail.example")
    edition = await approved(db)
    async with db.begin() as tx:
        done = await release(tx, edition, WEEKLY, HOUSE, by="kim", now=at(3), grace=timedelta(0))
    assert str(key) in {entry.source_key for entry in done.edition.entries}
    return done.edition


async def edition_now(db: Database, edition: Edition) -> Edition:
    async with db.read() as tx:
        return await editions.get(tx, edition.id)


async def test_an_approved_edition_loses_a_retracted_entry_and_its_approval(full: Database) -> None:
    edition = await approved(full)
    await hear(full, gone(7, Why.SECRET))
    now = await edition_now(full, edition)
    assert (now.status, now.approved_by, len(now.entries)) == (EditionStatus.DRAFT, None, 39)
    assert "7" not in {entry.source_key for entry in now.entries}


async def test_a_draft_says_why_it_lost_its_approval_until_it_is_approved_anew(full: Database) -> None:
    edition = await approved(full)
    await hear(full, gone(7))
    result = await hear(full, gone(7), minute=120)
    now = await edition_now(full, edition)
    assert (now.approval_lost_at, now.approval_lost_why) == (at(120), "deleted")
    assert [remark.code for remark in result.remarks] == ["approval lost"]
    assert "publisher approve weekly 1" in result.remarks[0].detail
    async with full.begin() as tx:
        await editions.approve(tx, edition.id, by="kim", now=at(130))
    assert (await edition_now(full, edition)).approval_lost_why is None


async def test_a_draft_that_nobody_approved_has_no_approval_to_lose(full: Database) -> None:
    async with full.begin() as tx:
        edition = (await compose(tx, WEEKLY, by="kim", now=at(2))).edition
    assert edition is not None
    assert (await hear(full, gone(7, Why.SECRET))).remarks == ()
    assert (await edition_now(full, edition)).approval_lost_at is None


async def test_an_edition_without_a_retracted_entry_keeps_its_approval(full: Database) -> None:
    await fill(full, item(99), minute=30)
    edition = await approved(full)  # composed before entry 99 was due
    await hear(full, gone(99, Why.SECRET))
    assert (await edition_now(full, edition)).status is EditionStatus.APPROVED


async def test_a_released_edition_with_a_secret_entry_is_paused_and_the_operator_told(full: Database) -> None:
    edition = await released(full, 7)
    result = await hear(full, gone(7, Why.SECRET))
    now = await edition_now(full, edition)
    assert now.status is EditionStatus.PAUSED
    assert now.content_hash == edition.content_hash
    assert [remark.code for remark in result.remarks] == ["edition paused"]
    assert "publisher resume weekly 1` sends the letter as it is" in result.remarks[0].detail
    assert "publisher stop weekly 1` leaves them without" in result.remarks[0].detail


async def test_what_holds_a_secret_entry_is_not_sent_on_by_accident(full: Database) -> None:
    edition = await released(full, 7)
    await hear(full, gone(7, Why.SECRET))
    async with full.begin() as tx:
        with pytest.raises(NotAllowed, match="as it is, with that entry in it"):
            await plan(tx, WEEKLY, by="kim", now=at(70))
        assert await editions.resume(tx, edition.id)
        with pytest.raises(NotAllowed, match="became secret since: it is sent to nobody else"):
            await send_missing(tx, WEEKLY, 1, now=at(71))


async def test_uncertain_copies_with_a_secret_entry_are_not_sent_again(full: Database) -> None:
    edition = await released(full, 7)
    async with full.begin() as tx:
        await tx.execute(update(deliveries).values(status="uncertain"))
        assert await outbox.finish_editions(tx, at(50)) == [edition.id]
    await hear(full, gone(7, Why.SECRET))
    with pytest.raises(NotAllowed, match=r"weekly No\. 1 holds an entry that became secret since: .* accept weekly 1"):
        async with full.begin() as tx:
            await send_again(tx, None, by="kim", now=at(70))
    async with full.read() as tx:
        assert (await outbox.account(tx, edition.id)).uncertain == 1


async def test_an_entry_that_stands_again_is_not_withdrawn_any_more(full: Database) -> None:
    edition = await released(full, 7)
    await hear(full, gone(7, Why.SECRET))
    async with full.read() as tx:
        assert list((await texts.withdrawn_from(tx, [edition.id]))[edition.id].values()) == [at(60)]
    await hear(full, Found(item=item(7)), minute=120)
    async with full.read() as tx:
        assert await texts.withdrawn_from(tx, [edition.id]) == {}


async def test_a_deletion_does_not_pause_what_is_on_its_way(full: Database) -> None:
    edition = await released(full, 7)
    await hear(full, gone(7))
    await hear(full, gone(7), minute=120)
    assert (await edition_now(full, edition)).status is EditionStatus.RELEASED


# ── The same text at two places ──────────────────────────────────────────────


def copy(key: int) -> SourceItem:
    """The same text on another board: another key, the same title, author and time."""
    original = item(key)
    url = f"{COLUMNS.url}&wr_id={900 + key}"
    faces = {name: replace(face, url=url) for name, face in original.faces.items()}
    return replace(original, source_key=str(900 + key), url=url, faces=faces)


async def test_a_post_that_moved_lives_on_at_its_new_place(full: Database) -> None:
    await hear(full, Found(item=copy(7)), policy=COLUMNS)
    await hear(full, gone(7), minute=120)
    assert (await hear(full, gone(7), minute=180)).retracted == 0
    entry = await the_entry(full, 7)
    assert entry.status is EntryStatus.LIVE
    assert entry.url == copy(7).url == entry.faces["ko"].url


async def test_a_move_is_no_edit(full: Database) -> None:
    await hear(full, Found(item=copy(7)), policy=COLUMNS)
    for minute in (120, 180):
        await hear(full, gone(7), minute=minute)
    moved = await the_entry(full, 7)
    assert (await hear(full, Found(item=copy(7)), policy=COLUMNS, minute=190)).changed == 0
    assert (await the_entry(full, 7)).updated_at == moved.updated_at
    faces = {"ko": replace(copy(7).faces["ko"], html="<p>고쳐 쓴 글.</p>", url=copy(7).url)}
    edited = replace(copy(7), digest="another", faces=faces)
    assert (await hear(full, Found(item=edited), policy=COLUMNS, minute=200)).changed == 1


async def test_an_edit_of_the_copy_is_taken_over_once_it_tells_the_entry(full: Database) -> None:
    await hear(full, Found(item=copy(7)), policy=COLUMNS)
    edited = replace(copy(7), digest="another", author="새 필자")
    assert (await hear(full, Found(item=edited), policy=COLUMNS, minute=70)).changed == 0
    assert (await the_entry(full, 7)).author == "관리자"
    await hear(full, gone(7), minute=120)
    await hear(full, gone(7), minute=180)
    await hear(full, Found(item=edited), policy=COLUMNS, minute=190)
    assert (await the_entry(full, 7)).author == "새 필자"


async def test_what_became_secret_is_hidden_though_a_copy_stands_until_that_is_read_anew(full: Database) -> None:
    await hear(full, Found(item=copy(7)), policy=COLUMNS)
    assert (await hear(full, gone(7, Why.SECRET), minute=120)).retracted == 1
    async with full.read() as tx:
        assert (await arrivals.digests(tx, "columns"))["907"] == MISSED
    await hear(full, Found(item=copy(7)), policy=COLUMNS, minute=130)
    assert (await the_entry(full, 7)).url == copy(7).url
    assert "7" in await shown(full)


async def test_a_copy_that_goes_leaves_the_entry_alone(full: Database) -> None:
    await hear(full, Found(item=copy(7)), policy=COLUMNS)
    before = await the_entry(full, 7)
    assert (await hear(full, gone(907, Why.SECRET), policy=COLUMNS, minute=120)).retracted == 0
    assert await the_entry(full, 7) == before


async def test_an_entry_is_retracted_when_its_last_place_is_gone(full: Database) -> None:
    await hear(full, Found(item=copy(7)), policy=COLUMNS)
    for minute in (120, 180):
        await hear(full, gone(7), minute=minute)
        await hear(full, gone(907), policy=COLUMNS, minute=minute + 1)
    assert "7" not in await shown(full)
