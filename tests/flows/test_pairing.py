"""Two entries that are one text: joined, shown, mailed and parted; by the operator and by the source's own word."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from publisher.archive.source import ArchivePolicy, Finished, Found, Gone, Why
from publisher.errors import NotAllowed
from publisher.flows.compose import compose
from publisher.flows.ingest import Ingested, ingest
from publisher.flows.pairing import pair, part
from publisher.flows.release import release
from publisher.model import MIXED, Attachment, Citation, Edition, EditionStatus, Entry, Held, JoinedBy, SourceItem
from publisher.store import arrivals, browsing, editions, entries, pairs, shelves, texts
from publisher.store.database import Database
from tests.flows.test_withdraw import Says
from tests.samples import DIRECTOR, HOUSE, SITE, WEEKLY, Shelf, at, enlist, fill, item

PRESS = replace(DIRECTOR, name="press", url="https://www.hanbit-peace.example/press")
PAPER = Attachment(name="paper.pdf", url="https://www.hanbit-peace.example/1.pdf", size=900)


def korean(**changes: object) -> SourceItem:
    return item(1, **changes)


def english(**changes: object) -> SourceItem:
    return item(2, language="en", **changes)


async def read(db: Database, *items: SourceItem, policy: ArchivePolicy = DIRECTOR, minute: float = 60) -> Ingested:
    return await ingest(db, Shelf(*items), policy, host=SITE.host, now=at(minute))


async def the(db: Database, key: int, archive: str = "director") -> Entry:
    async with db.read() as tx:
        found = await entries.by_public_id(tx, arrivals.public_id_of(archive, str(key)), in_public=False)
    assert found is not None
    return found


async def join(db: Database, one: int = 1, other: int = 2, minute: float = 10) -> Entry:
    first, second = await the(db, one), await the(db, other)
    async with db.begin() as tx:
        return await pair(tx, first, second, by=JoinedBy.OPERATOR, now=at(minute))


async def pair_of_two_archives(db: Database) -> Entry:
    """The Korean version in one, the English one in another; gives the kept one as it was."""
    await read(db, korean(categories=("filed in director",)), minute=1)
    url = "https://www.hanbit-peace.example/press/2"
    await read(db, english(url=url, categories=("filed in press",)), policy=PRESS, minute=2)
    first, second = await the(db, 1), await the(db, 2, "press")
    async with db.begin() as tx:
        await pair(tx, first, second, by=JoinedBy.OPERATOR, now=at(3))
    return first


async def separate(db: Database, one: int = 1, other: int | None = None, minute: float = 20) -> None:
    first, second = await the(db, one), None if other is None else await the(db, other)
    async with db.begin() as tx:
        await part(tx, first, second, now=at(minute))


async def public(db: Database, language: str | None = None) -> list[Entry]:
    async with db.read() as tx:
        marks = await shelves.newest(tx, shelves.Selection(language=language), 50)
        return await entries.find(tx, ids=[entry_id for entry_id, _ in marks])


async def drafted(db: Database, minute: float = 30) -> Edition | None:
    async with db.begin() as tx:
        return (await compose(tx, WEEKLY, by="clock", now=at(minute))).edition


async def mailed(db: Database, minute: float = 30) -> list[str]:
    """Compose, approve and release; gives the keys of what it held."""
    edition = await drafted(db, minute)
    if edition is None:
        return []
    async with db.begin() as tx:
        await editions.approve(tx, edition.id, by="clock", now=at(minute))
        await release(
            tx, await editions.get(tx, edition.id), WEEKLY, HOUSE, by="clock", grace=timedelta(0), now=at(minute)
        )
        await editions.stop(tx, edition.id, now=at(minute))
    return [entry.source_key for entry in edition.entries]


@pytest.fixture
async def started(db: Database) -> Database:
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", at(-10))
    await enlist(db, "reader@hanbit-peace.example", "ko+en", minute=-5)
    return db


# ── Joined ───────────────────────────────────────────────────────────────────


async def test_the_older_entry_is_kept_with_both_faces(db: Database) -> None:
    await fill(db, english(), minute=1)
    await fill(db, korean(), minute=2)
    before = await the(db, 2)
    kept = await join(db)
    assert (kept.public_id, kept.atom_id, kept.arrived_at) == (before.public_id, before.atom_id, before.arrived_at)
    assert set(kept.faces) == {"ko", "en"}
    assert [(joined.source_key, joined.by) for joined in kept.joined] == [("1", "operator")]
    assert kept.updated_at == at(10)


async def test_a_pair_stands_once_in_every_feed(db: Database) -> None:
    await fill(db, korean(), english())
    kept = await join(db)
    for language in (None, "ko", "en"):
        assert [entry.atom_id for entry in await public(db, language)] == [kept.atom_id]
    assert (await the(db, 2)).joined_to == kept.public_id


async def test_feeds_hear_of_a_pair(db: Database) -> None:
    await fill(db, korean(), english())
    async with db.read() as tx:
        before = await shelves.changes(tx)
    await join(db)
    async with db.read() as tx:
        assert await shelves.changes(tx) != before


async def test_each_face_keeps_its_own_citation_and_author(db: Database) -> None:
    first = Citation(outlet="한빛일보", date=date(2026, 3, 1), url="https://www.hanbit.example/1")
    second = Citation(outlet="Hanbit Daily", date=date(2026, 3, 2), url="https://www.hanbit.example/en/1")
    await fill(db, korean(citation=first, author="김하늘"), english(citation=second, author="Kim Haneul"))
    kept = await join(db)
    assert [kept.citation_of(kept.faces[name]) for name in ("ko", "en")] == [first, second]
    assert [kept.faces[name].author for name in ("ko", "en")] == ["김하늘", "Kim Haneul"]


async def test_what_hangs_on_both_is_shown_once(db: Database) -> None:
    beside = replace(PAPER, name="summary.hwp", size=5, needs_session=True, url="https://x.example/download")
    other = replace(PAPER, url="https://www.hanbit-peace.example/2.pdf")
    await fill(db, korean(attachments=(PAPER,), categories=("칼럼", "평화")))
    await fill(db, english(attachments=(other, beside), categories=("Column", "평화")))
    kept = await join(db)
    assert [(file.name, file.page) for file in kept.attachments] == [
        ("paper.pdf", None),
        ("summary.hwp", english().url),
    ]
    assert kept.categories == ("칼럼", "평화", "Column")


async def test_an_edit_of_the_joined_version_shows(db: Database) -> None:
    await read(db, korean(), english(), minute=1)
    await join(db)
    face = replace(english().faces["en"], title="A better title")
    await read(db, korean(), english(faces={"en": face}, digest="edited"), minute=40)
    kept = await the(db, 1)
    assert (kept.faces["en"].title, kept.faces["ko"].title) == ("A better title", korean().title)
    assert kept.updated_at == at(40)


async def test_a_pair_of_two_archives_stands_in_both(db: Database) -> None:
    first = await pair_of_two_archives(db)
    async with db.read() as tx:
        for archive in ("director", "press"):
            assert [entry.public_id for entry in await entries.in_public(tx, archives=[archive])] == [first.public_id]


# ── Refused ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (1, 1, "is one entry"),
        (1, 3, "are both in Korean"),
        (1, 4, "holds both languages already"),
    ],
)
async def test_what_is_no_pair_is_refused_with_its_reason(db: Database, one: int, other: int, reason: str) -> None:
    await fill(db, korean(), english(), item(3), item(4, language=MIXED))
    with pytest.raises(NotAllowed, match=reason):
        await join(db, one, other)


async def test_a_third_is_refused(db: Database) -> None:
    await fill(db, korean(), english(), item(3), item(5, language="en"))
    await join(db)
    for one, other in ((1, 5), (2, 3), (3, 1), (2, 1)):
        with pytest.raises(NotAllowed, match=r"is joined with .*`publisher entries unpair"):
            await join(db, one, other)


async def test_what_is_retracted_is_refused(db: Database) -> None:
    await fill(db, korean(), english())
    await take_away(db, 2, Why.SECRET)
    with pytest.raises(NotAllowed, match="is retracted"):
        await join(db)


async def test_a_flood_swallows_nothing(db: Database) -> None:
    await fill(db, korean(), held=Held.FLOOD)
    await fill(db, english())
    with pytest.raises(NotAllowed, match="flood: `publisher entries admit"):
        await join(db)


# ── Parted ───────────────────────────────────────────────────────────────────


async def test_parting_gives_back_both_as_they_were(db: Database) -> None:
    await fill(db, korean(), english())
    before = [await the(db, 1), await the(db, 2)]
    await join(db)
    await separate(db, 2)
    after = [await the(db, 1), await the(db, 2)]
    assert [replace(entry, updated_at=at()) for entry in after] == [replace(entry, updated_at=at()) for entry in before]
    assert {entry.updated_at for entry in after} == {at(20)}


async def test_there_is_nothing_to_part_twice(db: Database) -> None:
    await fill(db, korean(), english())
    await join(db)
    await separate(db)
    with pytest.raises(NotAllowed, match="is not joined"):
        await separate(db)


async def test_two_that_were_parted_can_be_joined_again(db: Database) -> None:
    await fill(db, korean(), english())
    await join(db)
    await separate(db)
    await join(db, minute=30)
    async with db.read() as tx:
        assert not await pairs.kept_apart(tx)


# ── Letters ──────────────────────────────────────────────────────────────────


async def test_a_draft_with_both_holds_the_pair_once_and_loses_its_approval(started: Database) -> None:
    await fill(started, korean(), english(), item(3))
    edition = await drafted(started)
    assert edition is not None
    async with started.begin() as tx:
        await editions.approve(tx, edition.id, by="editor", now=at(30))
    await join(started, minute=31)
    async with started.read() as tx:
        after = await editions.get(tx, edition.id)
    assert {entry.source_key for entry in after.entries} == {"1", "3"}
    assert (after.status, after.approved_by) == (EditionStatus.DRAFT, None)


async def test_a_draft_with_the_younger_one_holds_the_pair_instead(started: Database) -> None:
    await fill(started, english(), minute=5)
    edition = await drafted(started)
    assert edition is not None
    await fill(started, korean(), minute=4)
    await join(started, minute=31)
    async with started.read() as tx:
        assert [set(entry.faces) for entry in (await editions.get(tx, edition.id)).entries] == [{"ko", "en"}]


async def test_a_version_that_comes_after_the_letter_is_no_news(started: Database) -> None:
    await fill(started, korean(), minute=1)
    assert await mailed(started) == ["1"]
    await fill(started, english(), minute=40)
    await join(started, minute=41)
    assert await mailed(started, 50) == []


async def test_what_the_list_had_of_the_younger_one_does_not_come_with_the_older(started: Database) -> None:
    await fill(started, korean(), held=Held.FIRST)
    await fill(started, english(), minute=1)
    assert await mailed(started) == ["2"]
    kept = await join(started, minute=40)
    async with started.begin() as tx:
        await arrivals.admit(tx, [kept.id], now=at(41))
    assert await mailed(started, 50) == []


async def test_a_pair_goes_by_the_kept_one(started: Database) -> None:
    await fill(started, korean(), held=Held.FIRST)
    await fill(started, english(), minute=1)
    kept = await join(started)
    assert await mailed(started) == []
    async with started.begin() as tx:
        await arrivals.admit(tx, [kept.id], now=at(31))
    assert await mailed(started, 50) == ["1"]


async def test_what_was_mailed_as_a_face_does_not_come_again_when_parted(started: Database) -> None:
    await fill(started, korean(), english())
    await join(started)
    assert await mailed(started) == ["1"]
    await separate(started, minute=40)
    assert await mailed(started, 50) == []


async def test_what_was_joined_after_the_letter_and_parted_is_news(started: Database) -> None:
    await fill(started, korean(), minute=1)
    assert await mailed(started) == ["1"]
    await fill(started, english(), minute=40)
    await join(started, minute=41)
    await separate(started, minute=42)
    assert await mailed(started, 50) == ["2"]


# ── Gone ─────────────────────────────────────────────────────────────────────


async def take_away(db: Database, key: int, why: Why, minute: float = 12, policy: ArchivePolicy = DIRECTOR) -> None:
    told = Gone(source_key=str(key), url="https://www.hanbit-peace.example/", reason=why)
    for again in range(2):
        await ingest(db, Says(told, Finished(cursor={}, is_sweep=True)), policy, host=SITE.host, now=at(minute + again))


@pytest.mark.parametrize(("gone", "left"), [(1, "en"), (2, "ko")])
@pytest.mark.parametrize("why", list(Why))
async def test_of_a_pair_the_version_that_is_gone_is_not_shown(db: Database, gone: int, left: str, why: Why) -> None:
    await fill(db, korean(), english())
    kept = await join(db)
    await take_away(db, gone, why)
    (shown,) = await public(db)
    assert (shown.public_id, set(shown.faces), shown.status) == (kept.public_id, {left}, "live")
    assert await public(db, "ko" if left == "en" else "en") == []


@pytest.mark.parametrize(("gone", "left"), [("director", "press"), ("press", "director")])
async def test_an_archive_shows_no_pair_whose_version_is_gone_there(db: Database, gone: str, left: str) -> None:
    await pair_of_two_archives(db)
    key, policy = (1, DIRECTOR) if gone == "director" else (2, PRESS)
    await take_away(db, key, Why.DELETED, policy=policy)
    async with db.read() as tx:
        for archive, count in ((gone, 0), (left, 1)):
            selection = shelves.Selection(archives=(archive,))
            assert len(await shelves.newest(tx, selection, 50)) == count
            assert len(await entries.in_public(tx, archives=[archive])) == count
            assert await browsing.count(tx, [archive]) == count
            assert [*await browsing.categories(tx, archive)] == [f"filed in {left}"][:count]
            assert await browsing.category_names(tx, archive) == set(await browsing.categories(tx, archive))
        for text, count in ((f'["filed in {gone}"]', 0), (f'["filed in {left}"]', 1)):
            assert len(await shelves.newest(tx, shelves.Selection(categories=(text,)), 50)) == count


async def test_a_pair_whose_kept_version_is_gone_keeps_its_place_between_others(db: Database) -> None:
    await fill(db, *(item(key, published_at=at(-key)) for key in (1, 3, 4)), item(2, language="en"))
    kept = await join(db)
    await take_away(db, 1, Why.DELETED)
    (shown,) = [entry for entry in await public(db) if entry.public_id == kept.public_id]
    order = [entry.id for entry in await public(db)]
    async with db.read() as tx:
        assert await browsing.neighbours(tx, shown) == (None, order[order.index(shown.id) + 1])


async def test_maps_tell_when_either_version_changed(db: Database) -> None:
    first = await pair_of_two_archives(db)
    edited = english(url="https://www.hanbit-peace.example/press/2", digest="another", author="다른 사람")
    await read(db, edited, policy=PRESS, minute=40)
    async with db.read() as tx:
        (place,) = await browsing.places(tx, limit=10)
        assert (place.public_id, place.updated_at) == (first.public_id, at(40))
        assert await browsing.newest_change(tx) == {"director": at(40), "press": at(40)}  # both show the pair


async def test_a_pair_is_gone_with_both_and_back_with_one(db: Database) -> None:
    await fill(db, korean(), english())
    await join(db)
    await take_away(db, 1, Why.DELETED)
    await take_away(db, 2, Why.DELETED, minute=15)
    assert await public(db) == []
    async with db.read() as tx:
        assert [entry.source_key for entry in await entries.listed(tx, status="retracted")] == ["1"]
    await ingest(db, Says(Found(item=english()), Finished(cursor={})), DIRECTOR, host=SITE.host, now=at(20))
    assert [set(entry.faces) for entry in await public(db)] == [{"en"}]


async def test_a_draft_keeps_what_is_left_of_a_pair_without_its_approval(started: Database) -> None:
    await fill(started, korean(), english())
    await join(started)
    edition = await drafted(started)
    assert edition is not None
    async with started.begin() as tx:
        await editions.approve(tx, edition.id, by="editor", now=at(30))
    await take_away(started, 1, Why.SECRET, minute=31)
    async with started.read() as tx:
        after = await editions.get(tx, edition.id)
    assert ([set(entry.faces) for entry in after.entries], after.status) == ([{"en"}], "draft")


# ── Gone after it was mailed ─────────────────────────────────────────────────


async def released(db: Database, minute: float = 30) -> Edition:
    """Compose, approve and release; the copies wait."""
    edition = await drafted(db, minute)
    assert edition is not None
    return await let_go(db, edition, minute)


async def let_go(db: Database, edition: Edition, minute: float = 30) -> Edition:
    async with db.begin() as tx:
        await editions.approve(tx, edition.id, by="clock", now=at(minute))
        approved = await editions.get(tx, edition.id)
        return (await release(tx, approved, WEEKLY, HOUSE, by="clock", grace=timedelta(0), now=at(minute))).edition


async def covered(db: Database, edition: Edition) -> tuple[set[str], bool]:
    """The source keys of what its page covers, and whether it is paused."""
    async with db.read() as tx:
        withdrawn = (await texts.withdrawn_from(tx, [edition.id])).get(edition.id, {})
        paused = (await editions.get(tx, edition.id)).status is EditionStatus.PAUSED
    return {str(key) for key in (1, 2, 3) if arrivals.public_id_of("director", str(key)) in withdrawn}, paused


@pytest.mark.parametrize("secret", [1, 2])
async def test_an_edition_covers_a_pair_when_either_version_becomes_secret(started: Database, secret: int) -> None:
    await fill(started, korean(), english(), item(3))
    await join(started)
    edition = await released(started)
    await take_away(started, secret, Why.SECRET, minute=31)
    assert await covered(started, edition) == ({"1"}, True)


async def test_a_pair_that_was_mailed_and_parted_is_still_covered(started: Database) -> None:
    await fill(started, korean(), english(), item(3))
    await join(started)
    edition = await released(started)
    await separate(started, minute=31)
    await take_away(started, 2, Why.SECRET, minute=32)
    assert await covered(started, edition) == ({"1"}, True)


async def test_parting_and_joining_anew_uncovers_nothing(started: Database) -> None:
    await fill(started, korean(), english(), item(3))
    await join(started)
    edition = await released(started)
    await separate(started, minute=31)
    await join(started, minute=32)
    await take_away(started, 2, Why.SECRET, minute=33)
    assert await covered(started, edition) == ({"1"}, True)


async def test_what_was_mailed_for_itself_and_joined_later_is_covered_where_it_stood(started: Database) -> None:
    await fill(started, english(), minute=1)
    edition = await released(started)
    await fill(started, korean(), minute=0)
    await join(started, minute=32)
    await take_away(started, 2, Why.SECRET, minute=33)
    assert await covered(started, edition) == ({"2"}, True)


async def test_an_edition_from_before_the_pair_does_not_cover_the_version_that_it_never_had(started: Database) -> None:
    await fill(started, korean(), minute=1)
    edition = await released(started)
    await fill(started, english(), minute=31)
    await join(started, minute=32)
    await take_away(started, 2, Why.SECRET, minute=33)
    assert await covered(started, edition) == (set(), False)


async def test_a_version_that_was_secret_before_the_letter_is_not_covered_in_it(started: Database) -> None:
    await fill(started, korean(), english())
    await join(started)
    await take_away(started, 1, Why.SECRET, minute=20)
    edition = await released(started)
    assert await covered(started, edition) == (set(), False)


async def test_each_edition_that_showed_a_version_covers_it(started: Database) -> None:
    """The younger one was mailed for itself; the next edition, in which the older one stood already, showed it too."""
    await fill(started, english(), minute=2)
    first = await released(started, 30)
    async with started.begin() as tx:
        await editions.stop(tx, first.id, now=at(31))
    await fill(started, korean(), minute=1)
    second = await drafted(started, 40)
    assert second is not None
    await join(started, minute=41)
    second = await let_go(started, second, 42)
    await separate(started, minute=43)
    await take_away(started, 2, Why.SECRET, minute=44)
    assert await covered(started, first) == ({"2"}, False)
    assert await covered(started, second) == ({"1"}, True)


async def test_an_edit_of_the_joined_version_is_a_correction_of_the_pair(started: Database) -> None:
    await fill(started, korean(), english())
    await join(started)
    assert await mailed(started, 30) == ["1"]
    await read(started, english(title="A Corrected Title", digest="b"), minute=40)
    await fill(started, item(3), minute=41)
    for settle, noted in ((timedelta(minutes=20), []), (timedelta(0), ["1"])):
        async with started.begin() as tx:
            edition = (await compose(tx, WEEKLY, by="clock", now=at(50), noting={"director": settle})).edition
        assert edition is not None
        assert [one.entry.source_key for one in edition.corrections] == noted


async def test_the_categories_of_a_version_that_is_gone_are_gone_too(db: Database) -> None:
    await fill(db, korean(categories=("비공개 회의",)), english(categories=("Papers",)))
    await join(db)
    await take_away(db, 1, Why.SECRET)
    async with db.read() as tx:
        assert set(await browsing.categories(tx, "director")) == {"Papers"}
        found = {
            text: len(await shelves.newest(tx, shelves.Selection(categories=(text,)), 9))
            for text in (await shelves.categories(tx))["director"]
        }
    assert {json.loads(text)[0]: number for text, number in found.items()} == {"비공개 회의": 0, "Papers": 1}


async def test_a_correction_of_a_pair_is_covered_too(started: Database) -> None:
    await fill(started, korean(), english())
    await join(started)
    assert await mailed(started, 30) == ["1"]
    await read(started, korean(title="바로잡은 제목", digest="b"), minute=40)
    await fill(started, item(3), minute=41)
    async with started.begin() as tx:
        noting = {"director": timedelta(0)}
        edition = (await compose(tx, WEEKLY, by="clock", now=at(50), noting=noting)).edition
    assert edition is not None
    assert [one.entry.source_key for one in edition.corrections] == ["1"]
    edition = await let_go(started, edition, 50)
    await take_away(started, 2, Why.SECRET, minute=51)
    assert await covered(started, edition) == ({"1"}, True)


async def test_a_letter_that_was_taken_back_showed_nothing(started: Database) -> None:
    await fill(started, korean(), english())
    await join(started)
    edition = await released(started)
    async with started.begin() as tx:
        assert await editions.take_back(tx, edition.id, now=at(31))
    await take_away(started, 2, Why.SECRET, minute=32)
    assert await covered(started, edition) == (set(), False)


# ── The source's own word ────────────────────────────────────────────────────


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
@pytest.mark.parametrize("says", [1, 2])
@pytest.mark.parametrize("by", ["key", "address"])
async def test_what_the_source_calls_one_text_is_joined(
    db: Database, order: tuple[int, int], says: int, by: str
) -> None:
    named = {"key": {1: "2", 2: "1"}, "address": {1: english().url, 2: korean().url + "#top"}}[by]
    items = {1: korean(), 2: english()}
    items[says] = replace(items[says], counterparts=(named[says],))
    results = [await read(db, items[key], minute=minute) for minute, key in enumerate(order)]
    assert [result.joined for result in results] == [0, 1]
    assert [entry.source_key for entry in await public(db)] == [str(order[0])]
    assert (await public(db))[0].joined[0].by is JoinedBy.SOURCE


async def test_an_address_that_many_pieces_share_names_none(db: Database) -> None:
    front = "https://www.hanbit-peace.example/letters"
    await read(db, korean(url=front), item(3, url=front), minute=1)
    assert (await read(db, english(url=front, counterparts=(front,)), minute=2)).joined == 0


@pytest.mark.parametrize("said", ["http://[", "", "https://x.example", "\x00", "a" * 5000])
async def test_what_is_neither_a_key_nor_an_address_names_none(db: Database, said: str) -> None:
    assert (await read(db, korean(), english(counterparts=(said,)))).joined == 0


async def test_both_that_come_at_once_are_joined(db: Database) -> None:
    assert (await read(db, korean(counterparts=("2",)), english(counterparts=("1",)))).joined == 1
    assert len(await public(db)) == 1


async def test_across_archives_both_must_say_so(db: Database) -> None:
    one, other = korean(), english(url="https://www.hanbit-peace.example/press/2")
    await read(db, one, minute=1)
    await read(db, replace(other, counterparts=(one.url,)), policy=PRESS, minute=2)
    assert len(await public(db)) == 2
    await read(db, replace(one, counterparts=(other.url,), digest="edited"), minute=3)
    assert len(await public(db)) == 1


async def test_a_key_means_nothing_in_another_archive(db: Database) -> None:
    await read(db, korean(counterparts=("2",)), minute=1)
    other = english(url="https://www.hanbit-peace.example/press/2", counterparts=("1",))
    assert (await read(db, other, policy=PRESS, minute=2)).joined == 0


async def test_what_the_operator_parted_no_source_joins(db: Database) -> None:
    await read(db, korean(), english(counterparts=("1",)), minute=1)
    await separate(db)
    await read(db, korean(), english(counterparts=("1",), digest="edited"), minute=30)
    assert len(await public(db)) == 2


async def test_what_the_operator_called_two_no_source_joins(db: Database) -> None:
    await read(db, korean(), minute=1)
    await read(db, english(), minute=2)
    await separate(db, 1, 2)
    await read(db, english(counterparts=("1",), digest="edited"), minute=30)
    assert len(await public(db)) == 2


async def test_two_of_one_language_stay_two_whatever_the_source_says(db: Database) -> None:
    assert (await read(db, korean(), item(3, counterparts=("1",)))).joined == 0


async def test_a_third_version_stays_for_itself(db: Database) -> None:
    items = (korean(counterparts=("2", "5")), english(), item(5, language="en"))
    assert (await read(db, *items)).joined == 1
    assert len(await public(db)) == 2


async def test_a_joined_version_under_a_new_key_is_no_new_entry(db: Database) -> None:
    await read(db, korean(), english(counterparts=("1",)), minute=1)
    again = replace(english(), source_key="9", url="https://x.example/9", digest="other")
    assert (await read(db, korean(), english(), again, minute=30)).new == 0
    assert len(await public(db)) == 1


async def test_a_pair_kept_out_as_a_flood_is_let_in_whole(db: Database) -> None:
    await fill(db, korean(), english(), held=Held.FLOOD)
    kept = await join(db)
    assert await public(db) == []
    async with db.begin() as tx:
        await arrivals.admit(tx, [kept.id], now=at(11))
    assert [set(entry.faces) for entry in await public(db)] == [{"ko", "en"}]
    await separate(db)
    assert len(await public(db)) == 2
