"""Corrections and withdrawn entries as the operator sees them, on a folder of texts."""

import asyncio
import json
from pathlib import Path

from click.testing import CliRunner

from publisher.app import open_app
from publisher.archive.source import Gone, Why
from publisher.cli import main
from publisher.flows.withdraw import withdraw

_CONFIG = """
site:
  name: {ko: 한빛평화연구소, en: Hanbit}
  url: https://letters.hanbit-peace.example
  sender: {email: letters@hanbit-peace.example}
archives: {notes: {kind: folder, path: notes, first_read: mail, settle: 0s, corrections: note}}
lists: {weekly: {name: {ko: 주간, en: Weekly}, archives: [notes], cadence: null, grace: 0s}}
"""


def write(folder: Path, name: str, title: str) -> None:
    text = f"---\ntitle: {title}\ndate: 2026-03-02 10:00\nlanguage: ko\n---\n{name}: 산새가 먼저 돌아왔다.\n"
    (folder / "notes").mkdir(exist_ok=True)
    (folder / "notes" / f"{name}.md").write_text(text, encoding="utf-8")


def run(folder: Path, *words: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["--config", str(folder / "config.yaml"), *words])
    assert result.exit_code == code, result.output
    return result.output


async def _hide(folder: Path, key: str) -> None:
    async with open_app(folder / "config.yaml") as app, app.db.begin() as tx:
        told = Gone(source_key=key, url="https://www.hanbit-peace.example/", reason=Why.SECRET)
        await withdraw(tx, "notes", [told], believed=False, now=app.now())


def test_a_correction_is_named_and_a_secret_in_it_told_with_what_can_be_done(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(_CONFIG, encoding="utf-8")
    run(tmp_path, "status")  # the list begins
    write(tmp_path, "one", "옛 제목")
    run(tmp_path, "ingest")
    run(
        tmp_path,
        "subscribers",
        "add",
        "a@reader.example",
        "--list",
        "weekly",
        "--languages",
        "ko",
        "--consent",
        "asked",
    )
    run(tmp_path, "send", "weekly", "--yes")
    write(tmp_path, "one", "새 제목")
    write(tmp_path, "two", "새 글")
    run(tmp_path, "ingest")
    assert "corrects No. 1 “옛 제목”: title, now “새 제목”" in run(tmp_path, "compose", "weekly")
    [line] = json.loads(run(tmp_path, "show", "weekly", "2", "--json"))["corrections"]
    assert (line["number"], line["title"], line["changed"], line["new_title"]) == (1, "옛 제목", ["title"], "새 제목")

    run(tmp_path, "approve", "weekly", "2")
    asyncio.run(_hide(tmp_path, "one"))
    assert "it lost its approval, because an entry became secret" in run(tmp_path, "show", "weekly", "2")
    assert "it lost its approval" in run(tmp_path, "status")

    run(tmp_path, "approve", "weekly", "2")
    run(tmp_path, "release", "weekly", "2")
    asyncio.run(_hide(tmp_path, "two"))
    for told in (run(tmp_path, "show", "weekly", "2"), run(tmp_path, "status")):
        assert "`publisher resume weekly 2` sends the letter as it is, with that entry in it" in told
    assert len(json.loads(run(tmp_path, "show", "weekly", "2", "--json"))["withdrawn"]) == 1
    assert "with 1 entry in it that became secret" in run(tmp_path, "resume", "weekly", "2")


def test_the_times_of_entries_are_those_of_the_house(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(_CONFIG, encoding="utf-8")
    write(tmp_path, "one", "새벽")
    early = tmp_path / "notes" / "one.md"
    early.write_text(early.read_text(encoding="utf-8").replace("10:00", "01:00"), encoding="utf-8")
    run(tmp_path, "ingest")
    listed = run(tmp_path, "entries", "list")
    assert "2026-03-02" in listed
    assert "2026-03-02 01:00 KST" in run(tmp_path, "entries", "show", listed.split()[0])
