"""The page that everything started from: one text dump becomes one entry, in feeds and letters."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from publisher.cli import main
from publisher.markup import text_of

pytestmark = pytest.mark.recorded

CONFIG = """\
site:
  {{name: {{ko: 연구소, en: Institute}}, url: "https://letters.example", sender: {{email: letters@letters.example}}}}
archives:
  director: {{kind: folder, path: "{path}", first_read: mail, settle: 0s, name: {{ko: 자료실, en: Archive}}}}
lists:
  weekly: {{name: {{ko: 주간, en: Weekly}}, archives: [director]}}
"""


@pytest.fixture
def seed(recordings: Path, tmp_path: Path) -> Path:
    folder = recordings.parent / "seed"
    assert any(folder.glob("*.txt")), f"no seed beside the recordings: {folder}"
    (tmp_path / "config.yaml").write_text(CONFIG.format(path=folder), encoding="utf-8")
    return tmp_path


@pytest.fixture
def fact(recordings: Path) -> dict[str, Any]:
    """What was labelled by hand about the same text on the recorded board."""
    facts = json.loads((recordings / "facts.json").read_text(encoding="utf-8"))["t1"]
    (found,) = (one for one in facts if one["id"] == {"bo_table": "data_son", "wr_id": 75})
    return dict(found)


def publisher(house: Path, *words: str) -> str:
    result = CliRunner().invoke(main, ["--config", str(house / "config.yaml"), *words])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_seed_becomes_one_entry_with_everything_it_tells(
    seed: Path, fact: dict[str, Any], recordings: Path
) -> None:
    publisher(seed, "ingest")
    (entry,) = json.loads(publisher(seed, "entries", "list", "--json"))
    told: dict[str, Any] = {
        "title": fact["title"],
        "outlet": "Korea JoongAng Daily",
        "outlet_date": "2025-05-07",
        "original_url": fact["original_link"],
        "author": "최고관리자",
        "published_at": "2025-05-07T20:35:00+09:00",
        "language": "en",
        "status": "live",
        "held": None,
    }
    assert {name: entry[name] for name in told} == told
    assert entry["title"].startswith('"')
    assert entry["title"].endswith('"')
    assert list(entry["faces"]) == ["en"]
    (dump,) = (recordings.parent / "seed").glob("*.txt")
    paragraphs = [line for line in dump.read_text(encoding="utf-8").splitlines() if len(line) > 200]
    shown = text_of(entry["faces"]["en"]["html"])
    assert all(paragraph.strip() in shown for paragraph in paragraphs)
    assert "등록된 댓글" not in shown


def test_the_seed_stands_in_the_english_feeds_and_not_in_the_korean_ones(seed: Path, fact: dict[str, Any]) -> None:
    publisher(seed, "ingest")
    publisher(seed, "feeds", "--out", str(seed / "feeds"))
    for slug, count in {"all": 1, "all-en": 1, "director-en": 1, "all-ko": 0, "director-ko": 0}.items():
        items = json.loads((seed / "feeds" / f"{slug}.json").read_text(encoding="utf-8"))["items"]
        assert [item["title"] for item in items] == [fact["title"]] * count, slug
    assert "최고관리자" not in (seed / "feeds" / "all.atom").read_text(encoding="utf-8")


def test_the_seed_stands_in_the_korean_letter_under_its_mark(seed: Path, fact: dict[str, Any]) -> None:
    publisher(seed, "ingest")
    publisher(seed, "compose", "weekly")
    for key in ("ko", "en"):
        publisher(seed, "preview", "weekly", "1", "--language", key, "--out", str(seed / f"{key}.txt"))
    korean, english = ((seed / f"{key}.txt").read_text(encoding="utf-8") for key in ("ko", "en"))
    mark = "영어 원문만 있습니다"
    assert mark in korean
    assert "English only" in korean
    assert mark not in english
    for letter in (korean, english):
        assert fact["title"].strip('"')[:40] in letter
        assert "최고관리자" not in letter
