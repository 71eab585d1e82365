"""`archives try`: what an address is, and lines that work as they are pasted."""

import json
from collections.abc import Iterator, Mapping
from contextlib import chdir
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result

from publisher.archive.sighting import Sighting
from publisher.cli import main
from publisher.config import load
from publisher.demo.app import board_app
from publisher.demo.posts import content
from publisher.flows.trial import config_lines
from tests.boards.recorded import RecordedBoard
from tests.serving import serving

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Hanbit Notes</title><link>https://hanbit.example</link>
<item><guid>1</guid><link>https://hanbit.example/1</link><title>A Map of the River</title>
<description>The river has two names.</description><pubDate>Mon, 23 Nov 2026 09:00:00 +0900</pubDate></item>
</channel></rss>"""
POST = {
    "id": 7,
    "date_gmt": "2026-11-20T00:00:00",
    "modified_gmt": "2026-11-20T00:00:00",
    "link": "https://hanbit.example/?p=7",
    "title": {"rendered": "겨울 철새 공동 조사"},
    "content": {"rendered": "<p>올해는 세 나라가 함께 세었다.</p>", "protected": False},
    "status": "publish",
}
HTML = "text/html"
FRONT = """<html><head><title>Hanbit</title><script>var g5_url = "";</script></head>
<a href="/bbs/board.php?bo_table=director">소장 칼럼</a> <a href="/bbs/board.php?bo_table=director&wr_id=3">글</a>
<a href="/press/12">새 소식</a> <a href="https://elsewhere.example/bbs/board.php?bo_table=x">x</a>"""
BLOG = b"""<html><head><title>Hanbit</title><link rel="https://api.w.org/" href="/blog/wp-json/">
<link rel="alternate" type="application/rss+xml" href="/blog/feed/"></head>"""
HOME = b'<html><head><link rel="alternate" type="application/rss+xml" href="/notes.xml" title="All"></head>'
ROW = "<tr><td><a href='/list/{0}'>강을 건너는 {0}번째 이야기</a></td><td>2026-11-0{0}</td></tr>"
LIST = f"<!doctype html><title>연구 노트</title><table class='notes'>{''.join(map(ROW.format, range(1, 8)))}</table>"
PIECE = f"<!doctype html><title>노트</title><article><p>{'강은 기다린다. ' * 30}</p></article>"
JSON_FEED = b'{"version": "https://jsonfeed.org/version/1.1", "title": "N", "items": []}'

PAGES: Mapping[str, tuple[int, str, bytes]] = {
    "/notes.xml": (200, "application/rss+xml", RSS),
    "/notes.json": (200, "application/feed+json", JSON_FEED),
    "/home": (200, HTML, HOME),
    "/blog/": (200, HTML, BLOG),
    "/blog/wp-json/": (200, "application/json", b'{"name": "Hanbit", "namespaces": ["wp/v2"]}'),
    "/blog/wp-json/wp/v2/posts": (200, "application/json", json.dumps([POST]).encode()),
    "/gnuboard": (200, HTML, FRONT.encode()),
    "/list": (200, HTML, LIST.encode()),
    **{f"/list/{number}": (200, HTML, PIECE.encode()) for number in range(1, 8)},
    "/paper": (200, "application/pdf", b"%PDF-1.7 \xff\xfe"),
    "/members": (200, HTML, b'<html><form><input type="password"></form>'),
    "/plain": (200, HTML, b"<!doctype html><ul><li><a href='/1'>One</a></ul>"),
    "/gone": (404, HTML, b"<html>"),
    "/forbidden": (403, HTML, b"<html>"),
    "/broken": (500, HTML, b"<html>"),
    "/picture": (200, "image/png", b"\x89PNG\r\n"),
}


async def site(scope: Any, _receive: Any, send: Any) -> None:
    status, media_type, body = PAGES.get(scope["path"], (404, "text/html", b""))
    headers = [(b"content-type", media_type.encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(site) as address:
        yield address.rstrip("/")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.flows.trial._PAUSE", timedelta(0))


def run(address: str, folder: Path, *more: str) -> Result:
    place = urlsplit(address).netloc
    with chdir(folder):  # where no config.yaml is
        return CliRunner().invoke(main, ["archives", "try", address, *(["--allow", place] if place else []), *more])


def ask(address: str, folder: Path) -> Any:
    result = run(address, folder, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize(
    ("path", "kind", "leads_to", "title"),
    [
        ("/notes.xml", "rss", "/notes.xml", "Hanbit Notes"),
        ("/notes.json", "rss", "/notes.json", "N"),
        ("/home", "rss", "/notes.xml", "All"),
        ("/blog/", "wordpress", "/blog", "Hanbit"),
        ("/blog/wp-json/", "wordpress", "/blog", "Hanbit"),
    ],
)
def test_an_address_is_called_what_it_is(
    url: str, tmp_path: Path, path: str, kind: str, leads_to: str, title: str | None
) -> None:
    told = ask(url + path, tmp_path)
    assert (told["kind"], told["url"], told["title"], told["failure"]) == (kind, url + leads_to, title, None)


def test_any_list_is_read_by_selectors_that_are_proposed(url: str, tmp_path: Path) -> None:
    told = ask(f"{url}/list", tmp_path)
    assert (told["kind"], told["title"], len(told["entries"])) == ("html", "연구 노트", 5)
    assert "    select: {item: " in told["config"]


def test_the_newest_entries_are_shown_as_they_would_be_read(url: str, tmp_path: Path) -> None:
    [entry] = ask(f"{url}/notes.xml", tmp_path)["entries"]
    assert (entry["title"], entry["language"], entry["published_at"]) == (
        "A Map of the River",
        "en",
        "2026-11-23T09:00:00+09:00",
    )
    assert [one["title"] for one in ask(f"{url}/blog/", tmp_path)["entries"]] == ["겨울 철새 공동 조사"]


def test_a_front_page_of_gnuboard_lists_its_boards(url: str, tmp_path: Path) -> None:
    told = ask(f"{url}/gnuboard", tmp_path)
    boards = [f"{url}/bbs/board.php?bo_table={table}" for table in ("director", "press")]
    assert (told["kind"], told["config"]) == (None, None)
    assert [(one["kind"], one["url"]) for one in told["also"]] == [("gnuboard", board) for board in boards]
    assert f"publisher archives try '{boards[0]}'" in run(f"{url}/gnuboard", tmp_path).output


@pytest.mark.parametrize(
    ("path", "says", "cure"),
    [
        ("/paper", "is a PDF file", "the page that lists"),
        ("/picture", "answers image/png", "the page that lists"),
        ("/members", "asks to sign in", "open the list"),
        ("/plain", "no board, feed, WordPress site or list", "kind: html"),
        ("/gone", "there is nothing (HTTP 404)", "the right one in a browser"),
        ("/forbidden", "HTTP 403", "requests of “Publisher”"),
        ("/broken", "HTTP 500", "whoever runs the site"),
    ],
)
def test_what_cannot_be_read_is_told_with_a_cure(url: str, tmp_path: Path, path: str, says: str, cure: str) -> None:
    result = run(url + path, tmp_path)
    assert result.exit_code == 1
    assert says in result.stderr
    assert cure in result.stderr.partition("What to do: ")[2]
    answer = json.loads(run(url + path, tmp_path, "--json").stdout)
    assert cure in answer["failure"]["cure"]


def test_a_private_address_is_refused_unless_it_is_named(url: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["archives", "try", f"{url}/notes.xml"])
    assert result.exit_code == 1
    assert "--allow" in result.stderr


@pytest.mark.parametrize(
    "address", ["", "ftp://hanbit.example/", "http://", "https:///", "hanbit", "www.hanbit.example/a"]
)
def test_what_is_neither_folder_nor_web_address_is_told_as_that(address: str) -> None:
    said = CliRunner().invoke(main, ["archives", "try", address])
    assert said.exit_code == 1
    assert "neither a folder here nor a whole web address" in said.stderr
    assert "private network" not in said.stderr
    assert ("; try https://www.hanbit.example/a" in said.stderr) == (address == "www.hanbit.example/a")


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("한빛 소식 / Hanbit News", {"ko": "한빛 소식", "en": "Hanbit News"}),
        ("Hanbit News | 한빛 소식", {"ko": "한빛 소식", "en": "Hanbit News"}),
        ("소식 / 칼럼", {"ko": "소식 / 칼럼", "en": "News"}),
        ("TCP/IP", {"ko": "TCP/IP", "en": "TCP/IP"}),
        ("Null", {"ko": "Null", "en": "Null"}),
    ],
)
def test_a_title_in_two_languages_becomes_a_name_in_each(tmp_path: Path, title: str, names: dict[str, str]) -> None:
    sighting = Sighting(kind="rss", url="https://hanbit.example/news.xml", title=title)
    config = tmp_path / "config.yaml"
    site = "site: {name: {ko: 한빛}, url: https://hanbit.example, sender: {email: a@hanbit.example}}"
    config.write_text(f"{site}\narchives:\n{config_lines(sighting)}\n", encoding="utf-8")
    assert load(config, {}).archives["news"].titles == names


def test_a_folder_is_one_too(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "2026-11-23-map.md").write_text("---\ntitle: A Map\n---\nThe river.", encoding="utf-8")
    told = ask("letters", tmp_path)
    assert (told["kind"], [one["title"] for one in told["entries"]]) == ("folder", ["A Map"])
    assert run("nowhere", tmp_path).exit_code == 1


@pytest.mark.parametrize("path", ["/notes.xml", "/blog/", "/list"])
def test_the_lines_for_config_yaml_are_understood_as_they_are(url: str, tmp_path: Path, path: str) -> None:
    lines = ask(url + path, tmp_path)["config"]
    config = tmp_path / "config.yaml"
    site = "site: {name: {ko: 한빛}, url: https://hanbit.example, sender: {email: a@hanbit.example}}"
    config.write_text(f"{site}\narchives:\n{lines}\n", encoding="utf-8")
    [policy] = load(config, {}).archives.values()
    assert policy.allow == (urlsplit(url).netloc,)


def test_the_demos_board_is_found_from_its_front_page_and_nothing_is_written(tmp_path: Path) -> None:
    board = board_app(content(datetime.now(UTC)), lambda: datetime.now(UTC))
    with serving(board) as address:
        told = ask(address, tmp_path)
    assert (told["kind"], told["title"], len(told["entries"])) == ("gnuboard", "원장 자료실", 5)
    assert {one["reason"] for one in told["skipped"]} == {"secret"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.recorded
@pytest.mark.parametrize(("table", "entries"), [("data_son", 5), ("gallery_act", 5), ("data_memb", 0)])
def test_recorded_boards_are_known(recordings: Path, tmp_path: Path, table: str, entries: int) -> None:
    with RecordedBoard(recordings) as board:
        told = ask(board.board_url(table), tmp_path)
    assert (told["kind"], bool(told["title"]), len(told["entries"])) == ("gnuboard", True, entries)


@pytest.mark.recorded
def test_a_closed_board_is_told_as_closed(recordings: Path, tmp_path: Path) -> None:
    with RecordedBoard(recordings) as board:
        result = run(board.board_url("data_close"), tmp_path)
    assert result.exit_code == 1
    assert "(closed)" in result.stderr
