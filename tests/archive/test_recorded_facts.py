"""A real board of the first moment, read whole by every road, against facts labelled by hand."""

import json
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from publisher.markup import fold
from publisher.model import SourceItem
from tests.archive.boardroom import read_board
from tests.boards import RecordedBoard

pytestmark = pytest.mark.recorded

ROADS = [(device, rss) for device in ("pc", "mobile") for rss in (True, False)]
READABLE = ("data_son", "data_pds", "gallery_act")
SPAM_TESTS = {"hostile_html", "hostile_plain", "crlf_title"}


def facts_of(recordings: Path, moment: str, table: str) -> list[dict[str, Any]]:
    facts = json.loads((recordings / "facts.json").read_text(encoding="utf-8"))[moment]
    return [fact for fact in facts if fact["id"]["bo_table"] == table]


def key_of(fact: dict[str, Any]) -> str:
    return str(fact["id"]["wr_id"])


@pytest.fixture(params=ROADS, ids=[f"{device}-{'rss' if rss else 'lists'}" for device, rss in ROADS], scope="module")
def road(request: pytest.FixtureRequest) -> tuple[str, bool]:
    device, rss = request.param
    return device, rss


@pytest.mark.parametrize("table", READABLE)
async def test_every_fact_of_the_first_moment_is_read(recordings: Path, road: tuple[str, bool], table: str) -> None:
    device, rss = road
    with RecordedBoard(recordings, device=device, rss=rss) as board:
        reading = await read_board(board, table)
        site = board.site
    facts = facts_of(recordings, "t1", table)
    readable = {key_of(fact): fact for fact in facts if not fact.get("must_skip")}
    assert set(reading.items) == set(readable)
    assert set(reading.skipped) == {key_of(fact) for fact in facts if fact.get("must_skip")}
    for key, fact in readable.items():
        _agrees(reading.items[key], fact, site)


def _agrees(item: SourceItem, fact: dict[str, Any], site: str) -> None:
    name = fact["key"]
    assert item.url == fact["url"].replace("https://peace.example.org", site), name
    assert item.title == (fold(fact["title"]) or item.title), name
    assert item.title, name
    assert _same_author(item.author or "", fact["author"]), name
    if fact["created"] is None:
        assert item.published_at is None, name
    else:
        created = datetime.fromisoformat(fact["created"])
        assert item.published_at is not None, name
        assert item.published_at.utcoffset() == created.utcoffset(), name
        assert item.published_at.replace(second=0) == created.replace(second=0), name
        assert item.published_at.second in {0, created.second}, name
    assert item.language == fact["language"], name
    assert set(item.faces) == ({"ko", "en"} if item.language == "mixed" else {item.language}), name
    assert item.categories == ((fact["category"],) if fact["category"] else ()), name
    assert item.is_notice == fact["is_notice"], name
    assert [_plain(each.name) for each in item.attachments if each.needs_session] == [
        _plain(each["name"]) for each in fact["attachments"] if not each["image"]
    ], name
    assert len(item.attachments) == len(fact["attachments"]), name
    if name != "odd_cites":  # six citations: what to report is left open
        assert item.citation.outlet == fact["outlet"], name
        assert (item.citation.date.isoformat() if item.citation.date else None) == fact["outlet_date"], name
        assert item.citation.url == fact["original_link"], name


def _same_author(read: str, stated: str) -> bool:
    """Pages cut names at 15 characters."""
    return read == stated or (read.endswith("…") and stated.startswith(read[:-1]))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name)
