"""`archives.<name>.select` and `timezone`: a list that is read by CSS selectors, and the clock of its dates."""

from pathlib import Path

import pytest

from publisher.config import Config
from tests.config.house import SMALL, load_text, problems_of

LIST = '{kind: html, url: "https://x.example/news", select: %s}'


def house(archive: str) -> str:
    lines = (f"  director: {archive}" if line.startswith("  director:") else line for line in SMALL.splitlines())
    return "\n".join(lines)


def loaded(folder: Path, select: str) -> Config:
    return load_text(folder, house(LIST % select))


def test_the_row_is_enough(tmp_path: Path) -> None:
    select = loaded(tmp_path, "{item: tr.row}").archives["director"].select
    assert select is not None
    assert (select.item, select.link, select.body, select.page) == ("tr.row", "", "", "")


@pytest.mark.parametrize(
    ("select", "told"),
    [
        ("{}", "archives.director.select.item: is missing; expected the CSS selector of a row"),
        ("{item: 'tr['}", "archives.director.select.item: expected a CSS selector such as 'tr.row'"),
        ("{item: tr, body: '..text'}", "archives.director.select.body: expected a CSS selector"),
        ("{item: tr, title: \"a:contains('x')\"}", "archives.director.select.title: expected a CSS selector"),
        ("{item: tr, page: '?page='}", "archives.director.select.page: expected the parameter"),
        ("{item: tr, next: a.next, page: page}", "archives.director.select.page: stands beside next"),
        ("{item: tr, text: p}", "archives.director.select.text: unknown key; did you mean 'next'?"),
    ],
)
def test_each_mistake_is_one_line(tmp_path: Path, select: str, told: str) -> None:
    (problem,) = problems_of(tmp_path, house(LIST % select))
    assert told in problem


def test_a_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    written = house(LIST % "{item: '1tr'}")
    line = next(number for number, text in enumerate(written.splitlines(), 1) if "1tr" in text)
    column = written.splitlines()[line - 1].index("'1tr'") + 1
    assert f":{line}:{column}: archives.director.select.item" in problems_of(tmp_path, written)[0]


def test_selectors_beside_another_kind_are_remarked(tmp_path: Path) -> None:
    config = load_text(tmp_path, house('{kind: rss, url: "https://x.example/feed", select: {item: tr}}'))
    assert config.archives["director"].select is None
    assert "is not read by selectors" in str(config.remarks[0])


def test_dates_are_read_by_the_sites_clock_unless_the_archive_has_its_own(tmp_path: Path) -> None:
    written = house(LIST % "{item: tr}").replace("  sender:", "  timezone: Europe/Berlin\n  sender:")
    assert load_text(tmp_path, written).archives["director"].timezone == "Europe/Berlin"
    own = written.replace("select:", "timezone: Asia/Seoul, select:")
    assert load_text(tmp_path, own).archives["director"].timezone == "Asia/Seoul"


def test_gnuboard_6_needs_no_database(tmp_path: Path) -> None:
    board = '{kind: gnuboard6, url: "https://x.example/board/director"}'
    assert load_text(tmp_path, house(board)).archives["director"].database is None
    begun = board.replace("}", ", database: {host: db.x.example}}")
    assert "archives.director.database.name: is missing" in problems_of(tmp_path, house(begun))[0]
