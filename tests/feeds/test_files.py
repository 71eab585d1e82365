import os
from pathlib import Path

import pytest

from publisher.errors import PublisherError
from publisher.feeds.files import write_files
from tests.feeds.example import documents, entry, house


def visible(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


def test_files_have_the_names_they_have_over_http(tmp_path: Path) -> None:
    out = tmp_path / "site" / "feeds"
    written = write_files(documents(), out)
    assert {"all.rss", "all-ko.atom", "columns-en.json", "rivers.rss", "feeds.opml"} <= visible(out)
    assert set(written.changed) == visible(out)
    assert (out / "all.rss").read_bytes() == documents()[0].content


def test_a_second_run_writes_nothing(tmp_path: Path) -> None:
    write_files(documents(), tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    again = write_files(documents(), tmp_path)
    assert (again.changed, again.removed) == ((), ())
    assert len(again.unchanged) == len(documents())
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_only_the_feeds_with_a_new_entry_are_written(tmp_path: Path) -> None:
    write_files(documents(), tmp_path)
    written = write_files(documents([*house(), entry(5)]), tmp_path)
    assert set(written.changed) == {
        f"{slug}.{extension}"
        for slug in ("all", "all-ko", "columns", "columns-ko")
        for extension in ("rss", "atom", "json")
    }


def test_feeds_that_are_no_more_are_removed_and_nothing_else(tmp_path: Path) -> None:
    write_files(documents(), tmp_path)
    others = {tmp_path / name: "theirs" for name in ("index.html", "news.rss", "manifest.json")}
    for path, text in others.items():
        path.write_text(text)
    written = write_files([each for each in documents() if each.slug != "rivers"], tmp_path)
    assert written.removed == ("rivers.atom", "rivers.json", "rivers.rss")
    assert "rivers.rss" not in visible(tmp_path)
    assert [path.read_text() for path in others] == ["theirs"] * 3


def test_a_doctored_list_of_files_removes_nothing_outside(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_files([], out)
    (tmp_path / "precious.rss").write_text("x")
    (out / ".publisher-feeds").write_bytes(b"../precious.rss\n/etc/passwd\n\xff\n.hidden.rss\n")
    assert write_files([], out).removed == ()
    assert (tmp_path / "precious.rss").exists()


@pytest.mark.parametrize(("number", "reason"), [(28, "No space left on device"), (13, "Permission denied")])
def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: str
) -> None:
    (tmp_path / "all.rss").write_text("the old one")

    def fail(_descriptor: int) -> None:
        raise OSError(number, reason)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(PublisherError, match=reason):
        write_files(documents(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["all.rss"]
    assert (tmp_path / "all.rss").read_text() == "the old one"


@pytest.mark.parametrize("place", ["taken", "taken/feeds"])
def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "taken").write_text("x")
    with pytest.raises(PublisherError, match=r"taken.*: is not a folder"):
        write_files(documents(), tmp_path / place)
