"""Joining two versions of one text at the terminal: found, joined, looked at, parted."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from publisher.cli import main

CONFIG = """\
site: {name: {ko: 연구소, en: Institute}, url: "https://letters.example", sender: {email: letters@letters.example}}
archives: {director: {kind: folder, path: texts, first_read: mail, settle: 0s}}
lists: {weekly: {archives: [director]}}
"""
FRONT = "---\noriginal_url: https://press.example/1\n---\n"
TEXTS = {
    "2026-03-02-spring.md": f"{FRONT}# 비무장지대의 봄\n\n산새가 먼저 돌아왔다.",
    "2026-03-02-birds.md": f"{FRONT}# Spring\n\nThe birds came back first.",
    "2026-03-01-winter.ko.md": "# 다리 위의 겨울\n\n겨울이 왔다.",
    "2026-03-01-winter.en.md": "# Winter on the bridge\n\nWinter has come.",
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "texts").mkdir()
    for name, text in TEXTS.items():
        (tmp_path / "texts" / name).write_text(text, encoding="utf-8")
    return tmp_path


def publisher(house: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(house / "config.yaml"), *words])


def test_two_versions_are_found_joined_and_parted(house: Path) -> None:
    assert json.loads(publisher(house, "ingest", "--json").stdout)["archives"][0]["joined"] == 1
    (found,) = json.loads(publisher(house, "entries", "suggest", "--json").stdout)
    one, other = [entry["id"] for entry in found["entries"]]
    assert found["command"] == f"publisher entries pair {one} {other}"
    assert "first appeared at the same address" in publisher(house, "entries", "suggest").stdout
    kept = json.loads(publisher(house, "entries", "pair", one, other, "--json").stdout)
    assert (kept["id"], set(kept["faces"]), [part["id"] for part in kept["joined"]]) == (one, {"ko", "en"}, [other])
    assert f"joined             {other} (" in publisher(house, "entries", "show", one).stdout
    assert f"joined to          {one}" in publisher(house, "entries", "show", other).stdout
    assert json.loads(publisher(house, "entries", "show", other, "--json").stdout)["joined_to"] == one
    parted = json.loads(publisher(house, "entries", "unpair", other, "--json").stdout)
    assert parted == {"kept": one, "other": other, "were_one": True}
    assert json.loads(publisher(house, "entries", "suggest", "--json").stdout) == []


def test_two_that_are_not_one_are_suggested_no_more(house: Path) -> None:
    publisher(house, "ingest")
    (found,) = json.loads(publisher(house, "entries", "suggest", "--json").stdout)
    ids = [entry["id"] for entry in found["entries"]]
    assert "stay two" in publisher(house, "entries", "unpair", *ids).stdout
    assert publisher(house, "entries", "suggest").stderr == "No two entries look like one text in two languages.\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("pair", "ONE", "ONE"), "ONE is one entry"),
        (("pair", "ONE", "nobody"), "no entry has the id 'nobody'"),
        (("unpair", "ONE"), "ONE is not joined with another entry"),
        (("unpair", "ONE", "ONE"), "ONE is one entry"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(house: Path, words: tuple[str, ...], told: str) -> None:
    publisher(house, "ingest")
    (found,) = json.loads(publisher(house, "entries", "suggest", "--json").stdout)
    one = found["entries"][0]["id"]
    answer = publisher(house, "entries", *(word.replace("ONE", one) for word in words))
    assert (answer.exit_code, answer.stderr.count("\n")) == (1, 1)
    assert told.replace("ONE", one) in answer.stderr
