"""`archives.<name>.database`: a board in its own database."""

from pathlib import Path

import pytest

from publisher.config import Config
from tests.config.house import SMALL, load_text, problems_of

BOARD = '{kind: gnuboard-db, url: "https://x.example/bbs/board.php?bo_table=director", database: %s}'
SIX = '{kind: gnuboard6, url: "https://x.example/board/director", database: {name: hanbit, user: letters}}'


def house(archive: str) -> str:
    lines = (f"  director: {archive}" if line.startswith("  director:") else line for line in SMALL.splitlines())
    return "\n".join(lines)


def loaded(folder: Path, database: str, environ: dict[str, str] | None = None) -> Config:
    return load_text(folder, house(BOARD % database), environ)


def test_a_database_is_read_with_its_defaults(tmp_path: Path) -> None:
    database = loaded(tmp_path, "{name: hanbit, user: letters}").archives["director"].database
    assert database is not None
    assert (database.host, database.port, database.prefix, database.charset) == ("127.0.0.1", 3306, "g5_", "auto")


def test_gnuboard_6_has_its_own_prefix_and_form_of_address(tmp_path: Path) -> None:
    database = load_text(tmp_path, house(SIX)).archives["director"].database
    assert database is not None
    assert database.prefix == "g6_"
    (problem,) = problems_of(tmp_path, house(SIX.replace("/board/director", "/director")))
    assert "expected a board's address such as https://hanbit-peace.example/board/director" in problem


def test_the_password_comes_from_a_file_or_the_environment_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("wet paint\n")
    by_file = loaded(tmp_path, "{name: hanbit, user: letters, password_file: secret}")
    variable = {"PUBLISHER_ARCHIVES__DIRECTOR__DATABASE__PASSWORD": "wet paint"}
    by_variable = loaded(tmp_path, "{name: hanbit, user: letters}", variable)
    for config in (by_file, by_variable):
        database = config.archives["director"].database
        assert database is not None
        assert database.password == "wet paint"
        assert "wet paint" not in repr(config)


@pytest.mark.parametrize(
    ("database", "told"),
    [
        ("{user: letters}", "archives.director.database.name: is missing"),
        ("{name: hanbit}", "archives.director.database.user: is missing"),
        ("{name: hanbit, user: u, prefix: 'g5`_'}", "archives.director.database.prefix: expected letters"),
        ("{name: hanbit, user: u, prefix: 'g5_; --'}", "archives.director.database.prefix: expected letters"),
        ("{name: hanbit, user: u, port: 0}", "archives.director.database.port: expected a whole number"),
        ("{name: hanbit, user: u, charset: latin1}", "archives.director.database.charset: expected auto"),
        ("{name: hanbit, user: u, socket: mysqld.sock}", "archives.director.database.socket: expected the absolute"),
        ("{name: hanbit, user: u, password_file: nowhere}", "archives.director.database.password_file: cannot read"),
    ],
)
def test_each_mistake_is_one_line(tmp_path: Path, database: str, told: str) -> None:
    (problem,) = problems_of(tmp_path, house(BOARD % database))
    assert told in problem


def test_a_database_beside_another_kind_is_remarked(tmp_path: Path) -> None:
    archive = '{kind: gnuboard, url: "https://x.example/bbs/board.php?bo_table=director", database: {name: hanbit}}'
    config = load_text(tmp_path, house(archive))
    assert config.archives["director"].database is None
    assert "reads no database" in str(config.remarks[0])
