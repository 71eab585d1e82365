"""What validators and another's parser find in our feeds: nothing, whatever stands in the archive."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest
from hypothesis import given as generated
from hypothesis import settings
from hypothesis import strategies as st

from publisher.archive import open_source
from publisher.archive.source import ArchivePolicy
from publisher.feeds.publish import Rendered, render
from publisher.flows.ingest import ingest
from publisher.flows.press import Imprint, Press
from publisher.markup import clean
from publisher.model import Attachment, Citation, Entry
from publisher.net import Fetcher
from publisher.store.database import Database, open_database
from tests.archive.boardroom import MOMENTS
from tests.bench.house import make_archive, url_of
from tests.boards import RecordedBoard
from tests.feeds.example import FEEDS, RIGHTS, SITE, documents, entry, face, feed
from tests.feeds.store import sign
from tests.feeds.validator import faults

BASE = "https://board.example/bbs/board.php?wr_id=1"
HOSTILE_HTML = (
    "<script>alert(1)</script><p onclick='x()'>강</p>",
    "<a href='javascript:alert(1)'>x</a><a href='/relative'>y</a><img src=x onerror=alert(1)>",
    "]]><![CDATA[<b>", "<!--", "<p>" * 500, "&#0;&#x1b;\x00\x07\ud800\uffff", "<svg><style><img src=x></style>",
    "<table><tr><td>" * 50, "<iframe src='https://e.example'></iframe>", "<p style='position:fixed'>x", "",
)  # fmt: skip


def check(document: Rendered) -> None:
    assert faults(document.content, document.extension) == []
    if document.extension != "json":
        parsed = feedparser.parse(document.content, response_headers={"content-type": document.media_type})
        assert not parsed.bozo, parsed.get("bozo_exception")


def test_nothing_is_wrong_with_the_feeds_of_a_house() -> None:
    for document in documents():
        if document.extension != "opml":
            check(document)


def hostile() -> list[Entry]:
    """The worst that a board can hold, harmless as far as the door makes it so."""
    nasty = [
        entry(number, face("ko", html[:50], html[:80], clean(html.replace("\ud800", ""), base_url=BASE)))
        for number, html in enumerate(HOSTILE_HTML, 1)
    ]
    huge = clean("<p>" + "한강 <b>물</b> & 바람 " * 100_000 + "</p>", base_url=BASE)
    files = (
        Attachment(name="가\x00나.pdf", url="https://board.example/가.pdf", size=10, type="nonsense"),
        Attachment(name="x", url="javascript:alert(1)", size=1),
        Attachment(name="y", url="//board.example/y", size=2),
    )
    cited = Citation(outlet="\x07<b>", url="https://[bad/")
    return [
        *nasty,
        entry(50, face("ko", "", "", huge)),
        entry(51, published_at=None, author=None, printed_author={}, attachments=files, citation=cited),
        entry(52, categories=("", "\x01", "가" * 5000, "<b>&")),
        entry(53, face("ko", "\x00\ud800", "\uffff", "")),
    ]


@pytest.mark.parametrize("rights", ["full", "summary"])
@pytest.mark.parametrize("extension", ["atom", "rss", "json"])
def test_nothing_is_wrong_with_the_feeds_of_a_hostile_archive(extension: str, rights: str) -> None:
    check(render(feed("all"), extension, hostile(), SITE, {"columns": rights}))


_LINE = st.text(max_size=40)


@generated(_LINE, _LINE, _LINE, _LINE, _LINE, st.lists(_LINE, max_size=3))
@settings(deadline=None, max_examples=25)
def test_nothing_is_wrong_whatever_the_strings(
    title: str, summary: str, html: str, author: str, address: str, categories: Sequence[str]
) -> None:
    one = entry(
        1,
        face("ko", title, summary, clean(html.encode(errors="ignore").decode(), base_url=BASE)),
        printed_author={"ko": author},
        citation=Citation(outlet=author, url=f"https://e.example/{address}"),
        categories=tuple(categories),
        attachments=(Attachment(name=title, url=f"https://e.example/{address}", size=3, type=address),),
    )
    for extension in ("atom", "rss", "json"):
        check(
            render(
                feed("all"), extension, [one, replace(one, atom_id="tag:e.example,2026:b")], SITE, {"columns": "full"}
            )
        )


@pytest.mark.parametrize("extension", ["rss", "atom"])
def test_enclosures_read_back_as_enclosures(extension: str) -> None:
    kinds = {
        "물때.pdf": "application/pdf", "원고.hwp": "application/x-hwp", "원고.hwpx": "application/hwp+zip",
        "강.jpg": "image/jpeg", "강.png": "image/png",
    }  # fmt: skip
    for number, (name, kind) in enumerate(kinds.items(), 1):
        file = Attachment(name=name, url=f"https://board.example/data/{number}", size=number * 1000)
        content = render(feed("all"), extension, [entry(1, attachments=(file,))], SITE, {}).content
        (enclosure,) = feedparser.parse(content).entries[0].enclosures
        assert (enclosure.href, enclosure.type, enclosure.length) == (file.url, kind, str(file.size))


async def printed(db: Database, press: Press, feed_slug: str = "all") -> list[Rendered]:
    async with db.read() as tx:
        return [each for each in await press.everything(tx) if each.slug.partition("/")[0] == feed_slug]


async def test_nothing_is_wrong_with_an_archive_of_ten_thousand_entries(tmp_path: Path) -> None:
    db = await open_database(url_of(await _made(tmp_path / "archive.db")))
    just_all = tuple(each for each in FEEDS if each.slug == "all")
    press = Press(Imprint(feeds=just_all, titles={}, site=SITE, rights=RIGHTS), sign)
    found = await printed(db, press)
    assert len(found) == 3 * (1 + 400)
    for document in found[:3] + found[3::97]:
        check(document)
    pages = b"".join(each.content for each in found if each.extension == "atom" and "/" in each.slug)
    held = set(re.findall(rb"<id>(tag:[^<]+)</id>", pages))
    assert len(held) == 10_000
    await db.close()


async def _made(store: Path) -> Path:
    return await asyncio.to_thread(make_archive, store, 10_000)  # it has a loop of its own


@pytest.mark.recorded
@pytest.mark.parametrize("rights", ["full", "summary"])
async def test_nothing_is_wrong_with_the_feeds_of_the_recorded_boards(
    recordings: Path, db: Database, rights: str
) -> None:
    names = ("data_son", "data_pds")
    with RecordedBoard(recordings) as board:
        for name in names:
            now = MOMENTS[board.moment]
            policy = ArchivePolicy(
                name=name.replace("_", ""),
                kind="gnuboard",
                url=board.board_url(name),
                allow=(board.place,),
                pause=timedelta(0),
                settle=timedelta(0),
            )
            async with Fetcher(allow=policy.allow) as fetcher:
                source = open_source(policy, fetcher, lambda now=now: now)
                assert (await ingest(db, source, policy, host="gaon.example", now=now)).failure is None
    titles = {name.replace("_", ""): {"ko": name} for name in names}
    press = Press(Imprint(feeds=FEEDS, titles=titles, site=SITE, rights=dict.fromkeys(titles, rights)), sign)
    async with db.read() as tx:
        found = await press.everything(tx)
    assert sum(each.content.count(b"<entry") for each in found if each.name == "all.atom") > 20
    for document in found:
        if document.extension != "opml":
            check(document)
