"""The archive of a feed (RFC 5005): every entry down to the first, on pages that stay as they are."""

from datetime import timedelta

import pytest
from lxml import etree
from sqlalchemy import text

from publisher.feeds.format import LARGEST_DOCUMENT
from publisher.feeds.plan import slug_of
from publisher.flows.press import MOST_ENTRIES
from publisher.store.database import Database
from publisher.store.shelves import PAGE
from tests.feeds.example import face
from tests.feeds.store import add, given, item, press, shelf, titles, walk
from tests.feeds.validator import faults

ATOM = "{http://www.w3.org/2005/Atom}"
MANY = MOST_ENTRIES + 2 * PAGE + 3


async def fill(db: Database, count: int, first: int = 1) -> None:
    await add(db, *(item(number) for number in range(first, first + count)))


async def links(db: Database, number: int | None, extension: str = "atom") -> dict[str, str]:
    document = await given(shelf(db), "all", number, extension)
    found = etree.fromstring(document.content).iter(f"{ATOM}link")
    return {
        link.get("rel"): link.get("href") for link in found if link.get("rel") not in ("alternate", "related", "via")
    }


async def test_everything_can_be_walked_to_and_nothing_is_missing(db: Database) -> None:
    await fill(db, MANY)
    documents = await walk(shelf(db))
    assert len(documents[0]) == MOST_ENTRIES
    assert all(len(page) == PAGE for page in documents[1:])
    found = {each for document in documents for each in document}
    assert len(found) == MANY


@pytest.mark.parametrize("extension", ["atom", "rss"])
async def test_pages_know_their_neighbours(db: Database, extension: str) -> None:
    await fill(db, 3 * PAGE + 1)
    at = "https://gaon.example/news/feeds/all"
    assert await links(db, None, extension) == {"self": f"{at}.{extension}", "prev-archive": f"{at}/3.{extension}"}
    assert await links(db, 3, extension) == {
        "self": f"{at}/3.{extension}",
        "current": f"{at}.{extension}",
        "prev-archive": f"{at}/2.{extension}",
    }
    assert await links(db, 1, extension) == {
        "self": f"{at}/1.{extension}",
        "current": f"{at}.{extension}",
        "next-archive": f"{at}/2.{extension}",
    }


async def test_a_page_stays_as_it_is_whatever_comes(db: Database) -> None:
    await fill(db, 2 * PAGE)
    before = [(await given(shelf(db), "all", 1, extension)).content for extension in ("atom", "rss", "json")]
    await fill(db, 3 * PAGE, first=1000)
    await add(db, *(item(number, published_at=item(0).published_at) for number in range(5000, 5100)))  # old parts of it
    assert [(await given(shelf(db), "all", 1, extension)).content for extension in ("atom", "rss", "json")] == before


async def test_the_page_that_is_filling_is_linked_only_when_it_is_full(db: Database) -> None:
    await fill(db, PAGE - 1)
    assert "prev-archive" not in await links(db, None)
    await fill(db, 1, first=PAGE)
    assert (await links(db, None))["prev-archive"].endswith("/all/1.atom")


async def test_what_stands_neither_among_the_newest_nor_on_a_full_page_is_found_all_the_same(db: Database) -> None:
    await fill(db, MOST_ENTRIES)
    await add(db, item(9_999, published_at=item(1).published_at - timedelta(days=9000)))  # an old part, read only now
    documents = await walk(shelf(db))
    assert len({each for document in documents for each in document}) == MOST_ENTRIES + 1
    assert len(documents[1]) == 1


async def test_what_is_retracted_is_gone_from_every_page(db: Database) -> None:
    await fill(db, MANY)
    served = shelf(db)
    before = await walk(served)
    async with db.begin() as tx:
        await tx.execute(text("UPDATE entries SET status = 'retracted' WHERE id IN (1, 30, 250)"))
    after = await walk(served)
    gone = {each for document in before for each in document} - {each for document in after for each in document}
    assert len(gone) == 3
    assert [len(page) for page in after[-2:]] == [PAGE - 1, PAGE - 1]
    assert [set(page) - gone for page in before[1:]] == [set(page) for page in after[1:]]


async def test_a_page_with_nothing_on_it_is_passed_over_and_does_not_exist(db: Database) -> None:
    await fill(db, 3 * PAGE + 1)
    async with db.begin() as tx:
        await tx.execute(
            text("UPDATE entries SET status = 'retracted' WHERE id > :from AND id <= :to"),
            {"from": PAGE, "to": 2 * PAGE},
        )
    assert (await links(db, 3))["prev-archive"].endswith("/all/1.atom")
    assert (await links(db, 1))["next-archive"].endswith("/all/3.atom")
    assert await shelf(db).get("all", "atom", 2) is None
    assert await shelf(db).get("all", "atom", 99) is None


async def test_pages_of_a_language_and_a_category_hold_only_theirs(db: Database) -> None:
    for number in range(1, 3 * PAGE):
        tongue = "ko" if number % 3 else "en"
        await add(db, item(number, tongue, categories=("강과 습지",) if number % 5 == 0 else ()))
    both = {tongue: await walk(shelf(db), f"columns-{tongue}") for tongue in ("ko", "en")}
    assert len({each for page in both["en"] for each in page}) == PAGE - 1
    assert len({each for page in both["ko"] for each in page}) == 2 * PAGE
    slug = slug_of("columns", "강과 습지", "ko")
    assert len({each for page in await walk(shelf(db), slug) for each in page}) == 10


async def test_a_document_is_no_larger_than_readers_take_and_the_rest_stands_on_pages(db: Database) -> None:
    long = "<p>" + "강가에서 " * 6_000 + "</p>"
    pieces = [item(number, faces={"ko": face("ko", f"강 {number}", "요약.", long)}) for number in range(1, 40)]
    await add(db, *pieces, archive="papers")
    for extension in ("atom", "rss", "json"):
        document = await given(shelf(db), "all", None, extension)
        assert len(document.content) < LARGEST_DOCUMENT
        assert faults(document.content, extension) == []
    documents = await walk(shelf(db))
    assert len({each for one in documents for each in one}) == 39


async def test_every_category_of_an_archive_has_its_feed_without_being_configured(db: Database) -> None:
    await add(db, item(1, categories=("동향", "칼럼")), item(2, categories=("동  향",)), item(3))
    await add(db, item(4, "en", categories=("동향",)), archive="papers")
    held = {
        slug: await titles(shelf(db), slug)
        for slug in (
            slug_of("columns", "동향"),
            slug_of("columns", "동 향"),
            slug_of(None, "동향"),
            slug_of(None, "동향", "en"),
            slug_of("papers", "동향", "ko"),
        )
    }
    assert list(held.values()) == [["강 1"], ["강 2"], ["강 4", "강 1"], ["강 4"], []]
    async with db.read() as tx:
        filed = {each.slug for each in await press().everything(tx)}
    assert set(held) <= filed
    for unknown in ("columns-c-aaaaaaaa", "nowhere-c-aaaaaaaa-ko", slug_of("papers", "칼럼"), f"{min(held)}-fr"):
        assert await shelf(db).get(unknown, "rss") is None
