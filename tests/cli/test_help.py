"""What a newcomer types first: `--help`, `init`, `check`, a list on a terminal of 80 columns."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from publisher.archive import cures
from publisher.cli import main
from tests.cli.institute import ROOT, Institute


def groups(command: click.Command, *words: str) -> Iterator[tuple[str, ...]]:
    """The words of each command that has others below it."""
    if isinstance(command, click.Group):
        yield words
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from groups(below, *words, name)


@pytest.mark.parametrize("words", [*groups(main)], ids=" ".join)
def test_no_summary_is_cut_on_a_terminal_of_80_columns(words: tuple[str, ...]) -> None:
    told = CliRunner().invoke(main, [*words, "--help"], env={"COLUMNS": "80"}).output
    assert "..." not in told.partition("Commands:")[2]
    assert max(map(len, told.splitlines())) <= 80


def test_the_configuration_may_be_named_behind_the_command_too(tmp_path: Path) -> None:
    runner = CliRunner()
    assert runner.invoke(main, ["init", str(tmp_path / "house")]).exit_code == 0
    config = str(tmp_path / "house" / "config.yaml")
    for words in (
        ["--config", config, "editions"],
        ["editions", "--config", config],
        ["editions", f"--config={config}"],
    ):
        with chdir(tmp_path):
            assert runner.invoke(main, words).exit_code == 0, words
    assert runner.invoke(main, ["editions", "--config"]).exit_code == 2


def test_an_archive_that_cannot_be_read_is_checked_once_and_with_a_cure(institute: Institute) -> None:
    config = institute.folder / "config.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("bo_table=director", "bo_table=nothing"), encoding="utf-8")
    told = institute.run("check", code=1)
    [line] = [line for line in told.splitlines() if "archive director" in line]
    assert "board missing:" not in line
    assert f"→ {cures.cure_of('board missing')}" in told


def test_entries_are_listed_one_a_line_with_the_words_for_what_holds_them(institute: Institute) -> None:
    institute.run("ingest")
    lines = institute.run("entries", "list", COLUMNS="80").splitlines()
    entries = institute.ask("entries", "list")
    assert [line.split()[0] for line in lines[: len(entries)]] == [entry["id"] for entry in entries]
    assert "before: one that stood in the archive before it was first read" in lines[-1]


def test_a_reader_that_goes_away_ends_a_list_without_a_trace(institute: Institute) -> None:
    institute.run("ingest")
    reading, writing = os.pipe()
    os.close(reading)
    try:
        told = subprocess.run(
            [sys.executable, "-m", "publisher", "entries", "list"],
            cwd=institute.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writing)
    assert (told.returncode, told.stderr) == (1, "")


def test_delivering_nothing_says_why(institute: Institute) -> None:
    assert "Nothing was waiting" in institute.run("deliver")
