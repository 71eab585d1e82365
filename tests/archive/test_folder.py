"""A folder of saved board pages."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from publisher.archive import open_source
from publisher.archive.source import ArchivePolicy
from publisher.errors import SourceError
from publisher.net import Fetcher
from tests.archive.boardroom import Reading

SAVED = Path(__file__).parent.parent / "fixtures" / "board" / "saved"
PAGE = (SAVED / "naru-bridges.txt").read_text(encoding="utf-8")


async def read(folder: Path, known: Mapping[str, str] | None = None, url: str = "") -> Reading:
    policy = ArchivePolicy(name="saved", kind="folder", path=str(folder), url=url)
    reading = Reading()
    async with Fetcher() as fetcher:
        source = open_source(policy, fetcher, lambda: datetime(2025, 12, 1, tzinfo=UTC))
        async for event in source.read(known or {}, {}):
            reading.take(event)
    return reading


async def test_a_saved_page_is_read_whole() -> None:
    item = (await read(SAVED)).items["naru-bridges"]
    assert item.title == '"The bridge that two villages built before anyone had asked them to"'
    assert (item.author, item.language) == ("자료실 담당", "en")
    assert item.published_at is not None
    assert item.published_at.isoformat() == "2025-11-05T18:40:00+09:00"
    assert (item.citation.outlet, item.citation.date) == ("The Naru Review", date(2025, 11, 4))
    assert item.citation.url == item.url == "https://www.narureview.example/2025/bridges"
    assert item.links == ("https://naru.example/more",)
    assert [(file.name, file.size, file.needs_session) for file in item.attachments] == [("bridge.pdf", 1536, True)]


async def test_the_text_keeps_its_paragraphs_and_line_breaks_and_is_harmless() -> None:
    html = (await read(SAVED)).items["naru-bridges"].faces["en"].html
    assert "&lt;nobody&gt; had signed a paper.<br>What was left was a habit.</p>" in html
    assert "댓글" not in html
    assert "3회 다운로드" not in html


async def test_the_summary_is_the_text_without_citation_and_addresses() -> None:
    summary = (await read(SAVED)).items["naru-bridges"].faces["en"].summary
    assert summary.startswith("Two villages")
    assert "narureview" not in summary


async def test_the_configured_address_stands_before_the_original() -> None:
    assert (await read(SAVED, url="https://naru.example/archive")).items["naru-bridges"].url == (
        "https://naru.example/archive"
    )


async def test_a_known_file_is_yielded_again_only_when_it_changed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(PAGE, encoding="utf-8")
    before = await read(tmp_path)
    assert (await read(tmp_path, before.known)).items == {}
    (tmp_path / "a.txt").write_text(PAGE.replace("a habit", "a custom"), encoding="utf-8")
    assert list((await read(tmp_path, before.known)).items) == ["a"]


@pytest.mark.parametrize(
    ("name", "above", "key"),
    [
        ("post_wr_id=75.txt", "", "75"),
        ("other.txt", "https://naru.example/bbs/board.php?bo_table=director&wr_id=42\n", "42"),
        ("plain-name.txt", "", "plain-name"),
    ],
)
async def test_the_key_is_the_number_where_name_or_address_give_one(
    tmp_path: Path, name: str, above: str, key: str
) -> None:
    (tmp_path / name).write_text(above + PAGE, encoding="utf-8")
    assert list((await read(tmp_path)).items) == [key]


async def test_the_same_post_in_two_files_is_read_once(tmp_path: Path) -> None:
    for name in ("a_wr_id=7.txt", "b_wr_id=7.txt"):
        (tmp_path / name).write_text(PAGE, encoding="utf-8")
    reading = await read(tmp_path)
    assert list(reading.items) == ["7"]
    assert reading.skipped == {"a_wr_id=7": "the same post stands in another file"}


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "cp949"])
async def test_files_of_old_editors_are_read(tmp_path: Path, charset: str) -> None:
    (tmp_path / "a.txt").write_bytes(PAGE.replace("\u00a0", " ").encode(charset, "replace"))
    assert (await read(tmp_path)).items["a"].author == "자료실 담당"


async def test_other_files_are_passed_over_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\x00\x01")
    (tmp_path / "empty.txt").write_text("페이지 정보\n본문\n댓글목록\n", encoding="utf-8")
    (tmp_path / "notes.rst").write_text("not read at all", encoding="utf-8")
    (tmp_path / "README.md").write_text("# What lies here", encoding="utf-8")
    reading = await read(tmp_path)
    assert reading.items == {}
    assert reading.skipped == {
        "picture": "not a text file",
        "empty": "empty",
    }


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such folder") as caught:
        await read(tmp_path / "nowhere")
    assert caught.value.reason == "folder missing"


@pytest.mark.parametrize("kind", ["feed", "", "Gnuboard"])
def test_an_unknown_kind_names_those_that_exist(kind: str) -> None:
    with pytest.raises(SourceError, match="folder, gnuboard") as caught:
        open_source(ArchivePolicy(name="x", kind=kind), None)  # type: ignore[arg-type]  # refused before it is used
    assert caught.value.reason == "unknown kind"


@pytest.mark.recorded
async def test_the_seed_is_read_exactly(recordings: Path) -> None:
    """The text file that the project was begun with, beside the recordings, against its labelled facts."""
    facts = json.loads((recordings / "facts.json").read_text(encoding="utf-8"))["t1"]
    seed = next(fact for fact in facts if fact["key"] == "seed")
    (item,) = (await read(recordings.parent / "seed")).items.values()
    assert (item.title, item.title[0], item.title[-1]) == (seed["title"], '"', '"')
    assert item.citation.outlet == seed["outlet"]
    assert item.citation.date == date.fromisoformat(seed["outlet_date"])
    assert item.url == item.citation.url == seed["original_link"]
    assert (item.author, item.language, list(item.faces)) == (seed["author"], "en", ["en"])
    assert item.published_at == datetime.fromisoformat(seed["created"]).replace(second=0)


# ── Versions ─────────────────────────────────────────────────────────────────


async def counterparts(folder: Path, **files: str) -> dict[str, tuple[str, ...]]:
    """Which counterparts each file names; `__` in a name stands for a dot, `_in_` for a folder."""
    for name, text in files.items():
        place = folder / f"{name.replace('_in_', '/').replace('__', '.')}.md"
        place.parent.mkdir(exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return {key: item.counterparts for key, item in (await read(folder)).items.items()}


async def test_files_beside_each_other_that_differ_in_language_are_one_text(tmp_path: Path) -> None:
    found = await counterparts(tmp_path, spring__ko="# 봄", spring__en="# Spring", summer__en="# Summer", other="# 밖")
    assert found == {"spring.ko": ("spring.en",), "spring.en": ("spring.ko",), "summer.en": (), "other": ()}


async def test_a_file_without_a_language_in_its_name_may_have_versions(tmp_path: Path) -> None:
    found = await counterparts(tmp_path, spring="# 봄", spring__en="# Spring")
    assert found == {"spring": ("spring.en",), "spring.en": ("spring",)}


async def test_the_name_says_the_language_where_the_file_does_not(tmp_path: Path) -> None:
    (tmp_path / "spring.en.md").write_text("# 2026", encoding="utf-8")
    (tmp_path / "summer.en.md").write_text("---\nlanguage: ko\n---\n# 2026", encoding="utf-8")
    items = (await read(tmp_path)).items
    assert (items["spring.en"].language, items["summer.en"].language) == ("en", "ko")


@pytest.mark.parametrize(
    ("front", "named"),
    [
        ("translation_of: spring.md", ("columns/spring", "spring")),
        ("translation_of: ../spring", ("spring",)),
        ("translation_of: /press/spring.html", ("press/spring",)),
        ("translations: [spring-ko.md]", ("columns/spring-ko", "spring-ko")),
        ("translations: {ko: spring.md}", ("columns/spring", "spring")),
        ("translations:\n  - https://www.hanbit.example/ko/1", ("https://www.hanbit.example/ko/1",)),
        ("translation_of: 42", ("columns/42", "42")),
        ("translation_of: ../../../etc/passwd", ()),
        ("translation_of: here.md", ("here",)),
        ("translation_of: [[x], {y: z}]", ()),
    ],
)
async def test_the_front_matter_names_the_other_version(tmp_path: Path, front: str, named: tuple[str, ...]) -> None:
    found = await counterparts(tmp_path, columns_in_here=f"---\n{front}\n---\n# Spring")
    assert found == {"columns/here": named}


async def test_a_page_names_its_versions_by_hreflang(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        "<html lang=en><head><title>Spring</title>"
        "<link rel=alternate hreflang=ko href='b.html'><link rel=alternate hreflang=en href='a.html'>"
        "<link rel=alternate hreflang=x-default href='/'><link rel=alternate type='application/rss+xml' href='/feed'>"
        "</head><body><p>Text</p></body></html>",
        encoding="utf-8",
    )
    assert (await read(tmp_path)).items["a"].counterparts == ("b",)
