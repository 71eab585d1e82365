"""The command `demo`: what it leaves behind, and whose ground it does not take."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from click.testing import CliRunner

from publisher.cli import main
from publisher.delivery.journal import lock


def demo(folder: Path, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["demo", "--once", "--dir", str(folder)])
    assert result.exit_code == code, result.output
    return result.output


def test_once_leaves_feeds_and_a_letter_for_each_reader_in_their_language(tmp_path: Path) -> None:
    told = demo(tmp_path / "demo")
    for extension in ("rss", "atom", "json"):
        assert (tmp_path / "demo/feeds" / f"all.{extension}").is_file()
    letters = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in (tmp_path / "demo/var/mailbox").glob("*.eml")
    ]
    assert sorted(letter["Content-Language"] for letter in letters) == ["en", "ko", "ko, en"]
    subjects = {letter["Content-Language"]: letter["Subject"] for letter in letters}
    assert subjects["ko"].startswith("제1호")
    assert subjects["en"].startswith("No. 1")
    assert told.count(".eml") == 3


def test_a_second_one_begins_anew(tmp_path: Path) -> None:
    demo(tmp_path)
    demo(tmp_path)
    assert len(list((tmp_path / "var/mailbox").glob("*.eml"))) == 3


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.hwp").write_text("years of work")
    assert "holds something else" in demo(tmp_path, code=1)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.hwp"]


def test_a_demo_that_is_running_keeps_its_ground(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    demo(tmp_path)
    held = (tmp_path / "lock").open("a")
    request.addfinalizer(held.close)
    assert lock(held.fileno())
    assert "a demo is running there" in demo(tmp_path, code=1)
    assert len(list((tmp_path / "var/mailbox").glob("*.eml"))) == 3
