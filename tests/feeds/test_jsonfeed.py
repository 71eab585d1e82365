"""JSON Feed against the rules of jsonfeed.org/version/1.1, as far as they can be checked by looking."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from publisher.feeds.publish import render
from tests.feeds.example import FEEDS, RIGHTS, SITE, entry, face, feed, house

OF_A_FEED = {
    "version": str, "title": str, "home_page_url": str, "feed_url": str, "description": str,
    "authors": list, "language": str, "items": list,
}  # fmt: skip
OF_AN_ITEM = {
    "id": str, "url": str, "external_url": str, "title": str, "content_html": str, "summary": str,
    "date_published": str, "date_modified": str, "authors": list, "tags": list, "language": str, "attachments": list,
}  # fmt: skip
OF_A_FILE = {"url": str, "mime_type": str, "title": str, "size_in_bytes": int}
OF_AN_AUTHOR = {"name": str, "url": str}


def read(slug: str) -> Any:
    return json.loads(render(feed(slug), "json", house(), SITE, RIGHTS).content)


def keeps(told: dict[str, Any], rules: Mapping[str, type], needs: set[str]) -> None:
    """Only known keys, each of its type and not empty; those that must be there are."""
    assert set(told) <= set(rules), f"unknown keys: {set(told) - set(rules)}"
    assert needs <= set(told), f"missing keys: {needs - set(told)}"
    for key, value in told.items():
        assert type(value) is rules[key], key
        assert value or key in ("items", "size_in_bytes"), key


@pytest.mark.parametrize("slug", [each.slug for each in FEEDS])
def test_every_feed_keeps_the_rules(slug: str) -> None:
    told = read(slug)
    keeps(told, OF_A_FEED, {"version", "title", "items"})
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert told["feed_url"] == f"https://gaon.example/news/feeds/{slug}.json"
    for item in told["items"]:
        keeps(item, OF_AN_ITEM, {"id", "content_html"})
        for key in {"date_published", "date_modified"} & set(item):
            assert datetime.fromisoformat(item[key]).tzinfo
        for author in item.get("authors", []):
            keeps(author, OF_AN_AUTHOR, {"name"})
        for file in item.get("attachments", []):
            keeps(file, OF_A_FILE, {"url", "mime_type"})
    assert len({item["id"] for item in told["items"]}) == len(told["items"])


def test_the_ids_are_those_of_the_other_formats() -> None:
    assert [item["id"] for item in read("all")["items"]] == [each.atom_id for each in reversed(house())]


def test_what_is_not_known_is_left_out() -> None:
    by_id = {item["id"][-1]: item for item in read("all")["items"]}
    assert "date_published" not in by_id["4"]
    assert "authors" not in by_id["3"]
    assert "attachments" not in by_id["1"]
    assert "language" not in read("all")
    assert read("all-en")["language"] == "en"


def test_the_original_is_the_external_address() -> None:
    by_id = {item["id"][-1]: item["external_url"] for item in read("all")["items"]}
    assert by_id["1"] == "https://hanbit.example/view?id=7&sec=2"
    assert by_id["4"] == "https://board.example/bbs/board.php?bo_table=columns&wr_id=1&lang=ko"


def test_files_have_type_and_size() -> None:
    papers = read("papers-en")["items"][0]
    assert papers["attachments"] == [
        {
            "url": "https://board.example/data/%EB%AC%BC%EB%95%8C%20%ED%91%9C.pdf",
            "mime_type": "application/pdf",
            "title": "물때표.pdf",
            "size_in_bytes": 482113,
        },
        {"url": "https://board.example/data/t.csv", "mime_type": "text/csv", "title": "tables.csv", "size_in_bytes": 0},
    ]


def test_korean_stands_as_it_is_and_controls_are_gone() -> None:
    content = render(feed("all"), "json", [entry(1, face("ko", "강\x07\ud800은"))], SITE, {}).content
    assert '"title": "강은"'.encode() in content
