"""A folder of pieces that somebody wrote: Markdown with front matter, HTML, plain text, files beside them."""

import time
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.archive.folder.documents import read_document
from publisher.archive.folder.frontmatter import BadFrontMatter
from publisher.archive.source import ArchivePolicy
from publisher.model import SourceItem
from tests.archive.boardroom import Reading
from tests.archive.site import NOW
from tests.archive.site import read as read_policy

PIECE = """---
title: "다리 위의 겨울: 둘"
date: 2025-11-05 18:40
author: 한나루
language: ko
outlet: 나루신문
outlet_date: 2025. 11. 4.
original_url: https://press.example/12
categories: [칼럼, 다리]
layout: post
---
# 다리

두 마을이 **다리**를 놓았다. [더 읽기](https://naru.example/more)

| 마을 | 집 |
|---|---|
| 나루 | 12 |
"""


async def read(folder: Path, before: Reading | None = None, url: str = "") -> Reading:
    return await read_policy(ArchivePolicy(name="pieces", kind="folder", path=str(folder), url=url), "x:1", before)


async def the_one(folder: Path, name: str, text: str | bytes, url: str = "") -> SourceItem:
    content = text if isinstance(text, bytes) else text.encode()
    (folder / name).write_bytes(content)
    (item,) = (await read(folder, url=url)).items.values()
    return item


# ── Markdown and its front matter ────────────────────────────────────────────


async def test_markdown_with_front_matter_is_read_whole(tmp_path: Path) -> None:
    item = await the_one(tmp_path, "bridges.md", PIECE)
    assert (item.source_key, item.title, item.author, item.language) == (
        "bridges",
        "다리 위의 겨울: 둘",
        "한나루",
        "ko",
    )
    assert item.published_at is not None
    assert item.published_at.isoformat() == "2025-11-05T18:40:00+09:00"
    assert (item.citation.outlet, item.citation.date) == ("나루신문", date(2025, 11, 4))
    assert item.url == item.citation.url == "https://press.example/12"
    assert item.categories == ("칼럼", "다리")
    html = item.faces["ko"].html
    assert "<strong>다리</strong>" in html
    assert '<a href="https://naru.example/more"' in html
    assert "<td>12</td>" in html
    assert "layout" not in html


async def test_without_front_matter_heading_and_file_name_tell_title_and_day(tmp_path: Path) -> None:
    item = await the_one(tmp_path, "2025-11-05-bridges.md", "# Two villages\n\nThey built a bridge.\n")
    assert item.title == "Two villages"
    assert item.published_at is not None
    assert item.published_at.isoformat() == "2025-11-05T00:00:00+09:00"
    assert item.faces["en"].summary == "They built a bridge."


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("date: soon", "date: expected a date"),
        ("date: 2026-05-01", "that is not ahead"),
        ("original_url: javascript:alert(1)", "original_url: expected an address"),
        ("language: 우리말", "language: expected ko, en"),
        ("title: [unended", "line"),
        ("title: &a x\nauthor: *a", "aliases"),
        ("- a list", "expected lines such as"),
        ("title: !!python/object/apply:os.system [ls]\ndate: x", "date: expected"),
        (f"title: {'[' * 9000}", "not YAML|line"),
    ],
)
async def test_front_matter_that_cannot_be_used_is_a_reason(tmp_path: Path, line: str, reason: str) -> None:
    (tmp_path / "a.md").write_text(f"---\n{line}\n---\ntext\n")
    reading = await read(tmp_path)
    assert reading.items == {}
    with pytest.raises(AssertionError, match=f"front matter: .*({reason})"):
        raise AssertionError(reading.skipped["a"])


@pytest.mark.parametrize("line", ["draft: true", "published: false", "draft: yes"])
async def test_a_draft_is_not_read(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.md").write_text(f"---\ntitle: Secret plans\n{line}\n---\ntext\n")
    reading = await read(tmp_path)
    assert (reading.items, reading.skipped) == ({}, {"a": "draft"})


@pytest.mark.parametrize(
    ("written", "language"), [("English", "en"), ("ko-KR", "ko"), ("한국어", "ko"), ("ko+en", "mixed")]
)
async def test_the_language_that_is_written_goes_before_the_one_that_is_seen(
    tmp_path: Path, written: str, language: str
) -> None:
    item = await the_one(tmp_path, "a.md", f"---\nlanguage: {written}\n---\nHello 안녕하세요\n")
    assert item.language == language


async def test_a_ruler_in_the_text_is_no_front_matter(tmp_path: Path) -> None:
    item = await the_one(tmp_path, "a.md", "Words.\n\n---\n\nMore: words\n\n---\n")
    assert "More: words" in item.faces["en"].html


async def test_hostile_markdown_is_cleaned(tmp_path: Path) -> None:
    text = (
        '---\ntitle: "T\\r\\nBcc: all <script>"\n---\n<script>x()</script>\n\n[a](javascript:x()) '
        "![p](http://e.example/1.gif){onload=x()}\n\n<p onclick='x()'>{{ 7*7 }}</p>\n"
    )
    face = (await the_one(tmp_path, "a.md", text)).faces["en"]
    assert face.title == "T Bcc: all <script>"
    assert all(word not in face.html for word in ("<script", "javascript:", "onclick"))


@pytest.mark.parametrize(
    "text", [">" * 25_000, "[" * 25_000, "[a](" * 6_000, "*a_" * 8_000, "> a\n\n" * 40_000, "- a\n" * 70_000]
)
async def test_markdown_built_to_cost_time_does_not(tmp_path: Path, text: str) -> None:
    began = time.monotonic()
    await the_one(tmp_path, "a.md", f"---\ntitle: t\n---\n{text}\n\nend\n")
    assert time.monotonic() - began < 20


@settings(deadline=None)  # the first one loads the parsers
@given(st.text(max_size=300))
def test_any_text_can_stand_in_a_file(text: str) -> None:
    for ending in (".md", ".html", ".txt"):
        for whole in (text, f"---\n{text}\n---\n"):
            with suppress(BadFrontMatter):
                read_document(whole, ending, "a", NOW)


async def test_a_long_text_keeps_its_marks_and_the_addresses_at_its_end(tmp_path: Path) -> None:
    text = "# Long\n\n" + "A **word** and [a place][1].\n\n" * 3000 + "[1]: https://naru.example/1\n"
    html = (await the_one(tmp_path, "a.md", text)).faces["en"].html
    assert html.count("<strong>word</strong>") == html.count('href="https://naru.example/1"') == 3000


# ── HTML and plain text ──────────────────────────────────────────────────────


async def test_an_html_file_is_read_by_its_own_marks(tmp_path: Path) -> None:
    page = """<!doctype html><html lang="ko"><head><meta charset="euc-kr"><title>나루 | 다리</title>
      <meta name="author" content="한나루"><meta property="article:published_time" content="2025-11-05T18:40:00+09:00">
      </head><body><nav>메뉴</nav><article><h1>다리 위의 겨울</h1><p>놓았다.</p><script>x()</script>
      </article></body></html>"""
    item = await the_one(tmp_path, "a.html", page.encode("cp949"), url="https://naru.example/")
    assert (item.title, item.author, item.language) == ("다리 위의 겨울", "한나루", "ko")
    assert item.published_at is not None
    assert item.published_at.hour == 18
    assert "놓았다" in item.faces["ko"].html
    assert "메뉴" not in item.faces["ko"].html
    assert item.url == "https://naru.example/"


async def test_plain_text_opens_with_its_title(tmp_path: Path) -> None:
    item = await the_one(tmp_path, "a.txt", "Two villages\n\nThey built <it>.\nSee https://naru.example/1에서\n")
    assert item.title == "Two villages"
    html = item.faces["en"].html
    assert "They built &lt;it&gt;.<br>" in html
    assert 'href="https://naru.example/1"' in html


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "cp949"])
async def test_text_of_old_editors_is_read(tmp_path: Path, charset: str) -> None:
    assert (await the_one(tmp_path, "a.txt", "다리 위의 겨울\n\n놓았다.\n".encode(charset))).title == "다리 위의 겨울"


# ── Files beside, keys, links ────────────────────────────────────────────────


async def test_files_in_the_folder_of_the_same_name_are_attachments(tmp_path: Path) -> None:
    (tmp_path / "bridges" / "deeper").mkdir(parents=True)
    (tmp_path / "bridges" / "보고서.hwp").write_bytes(b"x" * 12)
    (tmp_path / "bridges" / "notes.txt").write_text("an attachment, not a piece")
    (tmp_path / "bridges" / "deeper" / "more.md").write_text("not a piece either")
    (tmp_path / "bridges" / ".hidden").write_text("x")
    item = await the_one(tmp_path, "bridges.md", PIECE)
    assert [(file.name, file.size, file.type, file.needs_session) for file in item.attachments] == [
        ("notes.txt", 26, "text/plain", True),
        ("보고서.hwp", 12, "application/x-hwp", True),
    ]
    assert {file.url for file in item.attachments} == {item.url} or not item.attachments[0].url


async def test_pieces_in_folders_of_their_own_are_told_apart(tmp_path: Path) -> None:
    for year in ("2024", "2025"):
        (tmp_path / year).mkdir()
        (tmp_path / year / "index.md").write_text(f"# Year {year}\n")
    assert sorted((await read(tmp_path)).items) == ["2024/index", "2025/index"]


async def test_a_piece_in_two_forms_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# One\n")
    (tmp_path / "a.html").write_text("<h1>One</h1>")
    reading = await read(tmp_path)
    assert list(reading.items) == ["a"]
    assert reading.skipped == {"a": "the same post stands in another file"}


async def test_a_known_piece_comes_again_only_when_it_changed(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(PIECE)
    before = await read(tmp_path)
    assert (await read(tmp_path, before)).items == {}
    (tmp_path / "a.md").write_text(PIECE.replace("놓았다", "허물었다"))
    assert list((await read(tmp_path, before)).items) == ["a"]


async def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("a secret\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").symlink_to(tmp_path / "secret.txt")
    reading = await read(tmp_path / "in")
    assert (reading.items, reading.skipped) == ({}, {"a": "a link that leads out of the folder"})
