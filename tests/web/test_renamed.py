"""Addresses under an archive's former name lead to its present one."""

from pathlib import Path

import pytest

from publisher.app import open_app
from publisher.web.renamed import present_address
from tests.web.house import configured, visitor

FORMERLY = {"column": "director"}


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/feeds/column.rss", "/feeds/director.rss"),
        ("/feeds/column-ko.atom", "/feeds/director-ko.atom"),
        ("/feeds/column-c-abcdefgh-en.json", "/feeds/director-c-abcdefgh-en.json"),
        ("/ko/archives/column", "/ko/archives/director"),
        ("/en/archives/column/칼럼", "/en/archives/director/칼럼"),
        ("/feeds/columns.rss", None),
        ("/feeds/all-column.rss", None),
        ("/feeds/director.rss", None),
        ("/ko/entries/column", None),
        ("/column", None),
    ],
)
def test_the_archives_name_is_replaced_where_it_stands(path: str, leads_to: str | None) -> None:
    assert present_address(path, FORMERLY) == leads_to


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ("/letters/feeds/column.rss", "/letters/feeds/director.rss"),
        ("/feeds/column-ko.rss?x=1", "/letters/feeds/director-ko.rss?x=1"),
        ("/letters/ko/archives/column?x=1", "/letters/ko/archives/director?x=1"),
    ],
)
async def test_old_addresses_are_sent_on_for_ever(tmp_path: Path, asked: str, location: str) -> None:
    path = configured(tmp_path, "https://www.hanbit-peace.example/letters")
    text = path.read_text(encoding="utf-8").replace("  director:\n", "  director:\n    formerly: column\n")
    path.write_text(text, encoding="utf-8")
    async with open_app(path, {}) as app, visitor(app) as reader:
        answer = await reader.get(asked)
        assert (answer.status_code, answer.headers["location"]) == (301, location)
        assert (await reader.get(location)).status_code == 200
        assert (await reader.post(asked)).status_code in {404, 405}
