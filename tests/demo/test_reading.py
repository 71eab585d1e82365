"""The real reader reads the demo's board over HTTP."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import uvicorn

from publisher.archive import open_source
from publisher.archive.source import ArchivePolicy, Found, Skipped
from publisher.demo.app import BoardApp, board_app
from publisher.demo.posts import content
from publisher.net import Fetcher


@pytest.fixture
def app(start) -> BoardApp:
    return board_app(content(start), lambda: start)


@pytest.fixture
async def address(app) -> AsyncIterator[str]:
    """Where the board is served: a loopback host and a port that was free."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on", ws="none"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:  # noqa: ASYNC110 (uvicorn offers nothing to wait for)
            await asyncio.sleep(0.01)
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


async def read(address, start, known=None, cursor=None):
    policy = ArchivePolicy(
        name="director",
        kind="gnuboard",
        url=f"http://{address}/bbs/board.php?bo_table=director",
        allow=(address,),
        pause=timedelta(0),
    )
    async with Fetcher(allow=policy.allow) as fetcher:
        return [event async for event in open_source(policy, fetcher, lambda: start).read(known or {}, cursor or {})]


def items(events):
    return {int(event.item.source_key): event.item for event in events if isinstance(event, Found)}


async def test_it_finds_24_posts_whole_and_leaves_the_secret_one(address, start):
    events = await read(address, start)
    found = items(events)
    expected = {post.wr_id: post for post in content(start).standing if not post.is_secret}
    assert {number: item.title for number, item in found.items()} == {n: p.title for n, p in expected.items()}
    assert {number: item.author for number, item in found.items()} == {n: p.author for n, p in expected.items()}
    assert all(found[n].published_at == post.written_at for n, post in expected.items())
    assert [(event.source_key, event.reason) for event in events if isinstance(event, Skipped)] == [("73", "secret")]


async def test_it_tells_the_languages_apart(address, start):
    found = items(await read(address, start))
    by_language = {
        language: {number for number, item in found.items() if item.language == language}
        for language in ("ko", "en", "mixed")
    }
    assert by_language["mixed"] == {17, 35, 55, 76}
    assert by_language["en"] == {8, 15, 26, 33, 41, 47, 52, 70, 79}
    assert len(by_language["ko"]) == 11


async def test_a_post_in_two_languages_gives_each_reader_their_own(address, start):
    found = items(await read(address, start))
    for number in (17, 35, 55, 76):
        korean, english = found[number].faces["ko"], found[number].faces["en"]
        assert korean.title == english.title
        assert not re.search("[가-힣]", english.html + english.summary)
        assert "[English version]" not in korean.html
        assert english.summary in english.html
        assert len(re.findall("[가-힣]", korean.summary)) > 60


async def test_it_reads_citations_files_links_and_the_notice(address, start):
    found = items(await read(address, start))
    cranes = found[5].citation
    assert (cranes.outlet, cranes.date) == ("한빛일보", (found[5].published_at - timedelta(days=1)).date())
    assert cranes.url.endswith("/cranes-and-maps")
    assert [file.name for file in found[30].attachments] == ["구술채록 안내서.pdf", "구술 동의서 양식.hwp"]
    assert [file.name for file in found[38].attachments] == ["강의자료_독일통일.hwpx"]
    assert "https://www.hanbit-peace.example/people/director" in found[44].links
    assert [number for number, item in found.items() if item.is_notice] == [3]


async def test_reading_again_finds_nothing_and_then_the_four_that_arrive(app, address, start):
    first = await read(address, start)
    known = {item.source_key: item.digest for item in items(first).values()}
    again = await read(address, start, known, first[-1].cursor)
    assert items(again) == {}
    app.publish_more()
    more = items(await read(address, start, known, again[-1].cursor))
    assert {number: item.language for number, item in more.items()} == {85: "ko", 86: "en", 88: "mixed", 90: "ko"}
    assert [file.name.rpartition(".")[2] for file in more[90].attachments] == ["pdf", "hwp"]
