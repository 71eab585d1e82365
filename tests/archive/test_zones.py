"""A date that names no zone is read by the archive's own clock, whatever brought it."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from publisher.archive import open_source
from publisher.archive.moments import read_moment
from publisher.archive.source import ArchivePolicy
from publisher.archive.wordpress.posts import Post, read_post
from tests.archive.boardroom import read_source
from tests.archive.site import NOW, Answer, Site, policy_of, read, site
from tests.boards.paper import URL, PaperBoard, post

BERLIN = ArchivePolicy(name="press", kind="rss", timezone="Europe/Berlin")


@pytest.fixture
async def naru() -> AsyncIterator[Site]:
    async with site() as made:
        yield made


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2025.07.05 18:40", "2025-07-05T18:40:00+02:00"),
        ("2025년 11월 5일 오후 6시 40분", "2025-11-05T18:40:00+01:00"),
        ("2025-11-05", "2025-11-05T00:00:00+01:00"),
        ("2025-11-05T18:40:00", "2025-11-05T18:40:00+01:00"),
        ("5 Nov 2025 18:40", "2025-11-05T18:40:00+01:00"),
        ("2025-11-05 18:40 KST", "2025-11-05T10:40:00+01:00"),
        ("Wed, 05 Nov 2025 18:40:00 GMT", "2025-11-05T19:40:00+01:00"),
    ],
)
def test_a_zone_that_is_named_counts_and_else_the_archives(written: str, read: str) -> None:
    moment = read_moment(written, NOW, BERLIN.zone)
    assert moment is not None
    assert moment.isoformat() == read


async def test_of_a_feed(naru: Site) -> None:
    item = "<item><title>t</title><pubDate>2025.11.05 18:40</pubDate></item>"
    naru.pages["/feed"] = Answer(f"<rss version='2.0'><channel>{item}</channel></rss>".encode())
    reading = await read(policy_of("rss", naru.url("/feed"), timezone="Europe/Berlin"), naru.place)
    assert [told.published_at for told in reading.items.values()] == [datetime(2025, 11, 5, 18, 40, tzinfo=BERLIN.zone)]


def test_of_a_wordpress_site_that_tells_only_its_own_time() -> None:
    said = {"id": 1, "title": {"rendered": "t"}, "date": "2025-11-05T18:40:00"}
    found = read_post(Post(key="1", said=said), "https://naru.example", NOW, BERLIN.zone)
    assert found.item.published_at == datetime(2025, 11, 5, 18, 40, tzinfo=BERLIN.zone)  # type: ignore[union-attr]  # open


async def test_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ndate: 2025-11-05 18:40\n---\n# t\n")
    policy = ArchivePolicy(name="press", kind="folder", path=str(tmp_path), timezone="Europe/Berlin")
    board = PaperBoard([])
    (item,) = (await read_source(open_source(policy, board, lambda: NOW))).items.values()
    assert item.published_at == datetime(2025, 11, 5, 18, 40, tzinfo=BERLIN.zone)


@pytest.mark.parametrize("has_feed", [True, False])
async def test_of_a_gnuboard(has_feed: bool) -> None:
    board = PaperBoard([post(1, written="2025-11-05 18:40:00")])
    board.rss = has_feed
    policy = ArchivePolicy(name="press", kind="gnuboard", url=URL, pause=timedelta(0), timezone="Europe/Berlin")
    (item,) = (await read_source(open_source(policy, board, lambda: NOW))).items.values()
    assert item.published_at == datetime(2025, 11, 5, 18, 40, tzinfo=BERLIN.zone)
