"""What is documented is so: commands, options, links, and nothing that is not for the reader."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from publisher.cli import main

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands(group: click.Group = main, before: str = "") -> dict[str, click.Command]:
    """Every command by its full name: `entries list`."""
    context = click.Context(group)
    found: dict[str, click.Command] = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            found |= commands(command, f"{before}{name} ")
        else:
            found[before + name] = command
    return found


def named_in(text: str) -> set[str]:
    """The commands that a page names as `publisher …`."""
    known = commands()
    found = set()
    for words in re.findall(r"publisher(?: --config \S+)? ((?:[a-z]+ ?){1,2})", text):
        first, _, second = words.strip().partition(" ")
        found.add(f"{first} {second}" if f"{first} {second}" in known else first)
    return found


def test_every_command_stands_in_the_table_and_the_table_names_no_other() -> None:
    table = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `publisher ([^`]+)`", table, re.MULTILINE)
    documented = {name for row in rows for name in named_in(f"publisher {row}")}
    assert documented == set(commands())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_only_commands_that_there_are(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL) + re.findall(r"`(publisher [^`]+)`", text))
    known = set(commands()) | {name.split()[0] for name in commands()}
    assert named_in(code.replace("COMMAND", "")) <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_links_only_to_what_there_is(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(main, [*name.split(), "--help"])
    assert result.exit_code == 0
    assert commands()[name].help, "a sentence that says what it does"


def test_options_in_the_table_are_options_of_their_command() -> None:
    table = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    known = commands()
    for row, text in re.findall(r"^\| `publisher ([^`]+)` \|(.*)\|$", table, re.MULTILINE):
        (name,) = named_in(f"publisher {row}")
        options = {option for parameter in known[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", row + text)) <= options


def test_a_wrong_command_is_answered_with_what_there_is() -> None:
    result = CliRunner().invoke(main, ["digest"])
    assert result.exit_code == 2
    assert "No such command 'digest'" in result.output


def test_without_a_configuration_the_cure_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--config", str(tmp_path / "none.yaml"), "status"])
    assert result.exit_code == 1
    assert "publisher init DIR" in result.output


def test_init_writes_a_configuration_that_check_accepts(tmp_path: Path) -> None:
    house, board = tmp_path / "letters", tmp_path / "board"
    board.mkdir()
    assert CliRunner().invoke(main, ["init", str(house)]).exit_code == 0
    # The sample's board is invented: it is not asked, a folder takes its place.
    environ = {"PUBLISHER_ARCHIVES__DIRECTOR__KIND": "folder", "PUBLISHER_ARCHIVES__DIRECTOR__PATH": str(board)}
    told = CliRunner().invoke(main, ["--config", str(house / "config.yaml"), "check"], env=environ)
    assert told.exit_code == 0, told.output
    again = CliRunner().invoke(main, ["init", str(house)])
    assert again.exit_code == 1
