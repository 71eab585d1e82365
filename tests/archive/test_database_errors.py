"""What can be wrong with a database is said by a stable reason, with what to do, and never with the password."""

import asyncio
import sys
from pathlib import Path

import pytest

from publisher.archive import open_source
from publisher.archive.source import ArchivePolicy, DatabasePolicy
from publisher.errors import SourceError
from publisher.flows.ingest import ingest
from publisher.net import Fetcher
from publisher.store.database import Database
from tests.archive.tablesroom import INVENTED, NOON, SITE, read_tables
from tests.mariadb import MariaDB

PASSWORD = "correct horse battery staple"


@pytest.fixture
def database(mariadb: MariaDB) -> str:
    return mariadb.database(INVENTED)


async def failure(mariadb: MariaDB, database: str, table: str = "director", **changes: object) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await read_tables(mariadb, database, table, **changes)
    assert "\n" not in str(caught.value)
    assert PASSWORD not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("changes", "reason", "cure"),
    [
        ({"user": "nobody", "password": PASSWORD}, "access denied", "check user and password"),
        ({"name": "elsewhere"}, "database missing", "check `name`"),
        ({"prefix": "g4_"}, "table missing", "check `prefix`"),
        ({"socket": "/nowhere/socket"}, "database down", "check host, port or socket"),
        ({"socket": "", "host": "127.0.0.1", "port": 1}, "database down", "check host, port or socket"),
        ({"socket": "", "host": "no-such-host.invalid"}, "database down", "check host, port or socket"),
    ],
)
async def test_a_wrong_setting_is_told(
    mariadb: MariaDB, database: str, changes: dict[str, object], reason: str, cure: str
) -> None:
    error = await failure(mariadb, database, **changes)
    assert error.reason == reason
    assert cure in str(error)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("ALTER TABLE g5_board DROP COLUMN bo_use_cert", "column missing"),
        ("ALTER TABLE g5_write_director DROP COLUMN wr_link2", "column missing"),
        ("DROP TABLE g5_write_director", "table missing"),
        ("DROP TABLE g5_board_file", "table missing"),
        ("DROP TABLE g5_group", "table missing"),
        ("DELETE FROM g5_write_director", "suspicious"),
        ("DELETE FROM g5_board", "board missing"),
        ("UPDATE g5_board SET bo_list_level = 2", "closed"),
    ],
)
async def test_a_damaged_or_closed_board_ends_the_read(
    mariadb: MariaDB, database: str, change: str, reason: str
) -> None:
    before = await read_tables(mariadb, database)
    mariadb.run(database, change)
    with pytest.raises(SourceError) as caught:
        await read_tables(mariadb, database, before=before)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("table", "reason"), [("closed", "closed"), ("nope", "board missing"), ("DIRECTOR", "board missing")]
)
async def test_a_board_that_cannot_be_read_says_why(mariadb: MariaDB, database: str, table: str, reason: str) -> None:
    assert (await failure(mariadb, database, table)).reason == reason


async def test_an_empty_table_that_the_board_counts_posts_in_is_not_believed(mariadb: MariaDB, database: str) -> None:
    assert (await failure(mariadb, database, "lost")).reason == "suspicious"


async def test_an_empty_board_is_read_as_empty(mariadb: MariaDB, database: str) -> None:
    mariadb.run(database, "UPDATE g5_board SET bo_count_write = 0 WHERE bo_table = 'lost'")
    assert (await read_tables(mariadb, database, "lost")).items == {}


async def test_a_right_that_is_missing_is_told(mariadb: MariaDB, database: str) -> None:
    mariadb.run("", f"CREATE OR REPLACE USER half@localhost; GRANT SELECT ON {database}.g5_board TO half@localhost")
    error = await failure(mariadb, database, user="half")
    mariadb.run("", "DROP USER half@localhost")
    assert error.reason == "access denied"
    assert "SELECT" in str(error)


@pytest.mark.parametrize(
    "greeting",
    [
        b"",
        b"SSH-2.0-x\r\n",
        b"\x01\x00\x00\x00\x0a",
        b"\x05\x00\x00\x00\xff\xff\xffno",
        b"\x03\x00\x00\x07abc",
        b"\xff" * 64,
    ],
)
async def test_what_is_no_database_is_told(mariadb: MariaDB, database: str, greeting: bytes) -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        error = await failure(mariadb, database, socket="", port=server.sockets[0].getsockname()[1])
    assert error.reason in {"database down", "database error"}


async def test_without_the_driver_one_line_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    policy = ArchivePolicy(
        name="board",
        kind="gnuboard-db",
        url=f"{SITE}/bbs/board.php?bo_table=director",
        database=DatabasePolicy(name="hanbit", user="letters"),
    )
    async with Fetcher() as fetcher:
        with pytest.raises(SourceError, match=r"pip install archive-publisher\[gnuboard-db\]") as caught:
            await anext(aiter(open_source(policy, fetcher).read({}, {})))
    assert caught.value.reason == "driver missing"


async def test_a_failed_read_harms_nothing_that_is_stored(mariadb: MariaDB, database: str, db: Database) -> None:
    policy = ArchivePolicy(
        name="board",
        kind="gnuboard-db",
        url=f"{SITE}/bbs/board.php?bo_table=director",
        database=mariadb.policy(database),
    )
    async with Fetcher() as fetcher:
        source = open_source(policy, fetcher, lambda: NOON)
        first = await ingest(db, source, policy, host="letters.example", now=NOON)
        mariadb.run(database, "DROP TABLE g5_write_director")
        second = await ingest(db, source, policy, host="letters.example", now=NOON)
    assert (first.new, first.failure) == (8, None)
    assert second.failure is not None
    assert (second.failure.reason, second.new, second.changed) == ("table missing", 0, 0)


async def test_a_read_that_is_left_early_signs_out(mariadb: MariaDB, database: str) -> None:
    policy = ArchivePolicy(
        name="board",
        kind="gnuboard-db",
        url=f"{SITE}/bbs/board.php?bo_table=director",
        database=mariadb.policy(database),
    )
    async with Fetcher() as fetcher:
        reading = open_source(policy, fetcher).read({}, {})
        await anext(reading)
        await reading.aclose()
    mariadb.wait_until_left(database)


# ── What an old database may hold ────────────────────────────────────────────


async def test_euc_kr_in_a_latin_1_table_is_mended(mariadb: MariaDB) -> None:
    database = mariadb.database(INVENTED)
    for column, kind in (("wr_subject", "varchar(255)"), ("wr_content", "text"), ("wr_name", "varchar(255)")):
        mariadb.run(database, f"ALTER TABLE g5_write_director MODIFY {column} {kind} CHARACTER SET latin1 NOT NULL")
    typed = {"wr_subject": "남북 기본협정을 다시 읽다", "wr_content": "<p>똠방각하의 평화</p>", "wr_name": "관리자"}
    stored = ", ".join(f"{column} = 0x{text.encode('cp949').hex()}" for column, text in typed.items())
    mariadb.run(database, f"UPDATE g5_write_director SET {stored} WHERE wr_id = 1")
    item = (await read_tables(mariadb, database)).items["1"]
    assert (item.title, item.author) == (typed["wr_subject"], "관리자")
    assert "똠방각하의 평화" in item.faces["ko"].html


async def test_utf_8_that_was_stored_as_latin_1_is_mended(mariadb: MariaDB, database: str) -> None:
    twice = "강을 함께 쓰는 법 🌱".encode().hex()
    mariadb.run(database, f"UPDATE g5_write_director SET wr_subject = _latin1 0x{twice} WHERE wr_id = 1")
    mariadb.run(database, "UPDATE g5_write_director SET wr_subject = 'Für Éluard' WHERE wr_id = 2")
    items = (await read_tables(mariadb, database)).items
    assert items["1"].title == "강을 함께 쓰는 법 🌱"
    assert items["2"].title == "Für Éluard"


async def test_a_table_in_euc_kr_is_read_as_it_is(mariadb: MariaDB, database: str) -> None:
    mariadb.run(database, "UPDATE g5_write_director SET wr_subject = '한글' WHERE wr_id = 10")
    mariadb.run(database, "ALTER TABLE g5_write_director CONVERT TO CHARACTER SET euckr")
    assert (await read_tables(mariadb, database)).items["3"].title == "강을 함께 쓰는 법"


async def test_tables_that_moved_at_different_times_need_not_agree(mariadb: MariaDB, database: str) -> None:
    mariadb.run(
        database,
        "ALTER TABLE g5_group CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;"
        "ALTER TABLE g5_board CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;"
        "ALTER TABLE g5_write_director MODIFY wr_subject varchar(255) COLLATE utf8mb4_unicode_ci NOT NULL",
    )
    assert len((await read_tables(mariadb, database)).items) == 8


async def test_an_emoji_is_lost_in_a_three_byte_table_and_kept_in_a_wider_one(mariadb: MariaDB) -> None:
    narrow = mariadb.database(INVENTED, charset="utf8mb3")
    wide = mariadb.database(INVENTED)
    assert (await read_tables(mariadb, wide)).items["10"].title == "Shared rivers 🌱"
    assert "?" in (await read_tables(mariadb, narrow)).items["10"].title


async def test_one_row_of_broken_bytes_harms_no_other(mariadb: MariaDB, database: str) -> None:
    mariadb.run(
        database,
        "ALTER TABLE g5_write_director MODIFY wr_subject varbinary(255) NOT NULL;"
        "UPDATE g5_write_director SET wr_subject = 0xEAB095FF20EC9D84EBB3B4EBA19D WHERE wr_id = 1",
    )
    items = (await read_tables(mariadb, database)).items
    assert items["3"].title == "강을 함께 쓰는 법"
    assert "을보록" in items["1"].title


async def test_a_huge_post_and_wild_dates_are_taken_as_they_are(mariadb: MariaDB, database: str) -> None:
    mariadb.run(
        database,
        "ALTER TABLE g5_write_director MODIFY wr_content mediumtext NOT NULL, MODIFY wr_datetime varchar(40) NOT NULL;"
        "UPDATE g5_write_director SET wr_content = REPEAT('<div>평화', 300000), wr_datetime = '9999-99-99 99:99:99'"
        " WHERE wr_id = 1;"
        "UPDATE g5_write_director SET wr_subject = 'x\\r\\nBcc: victim@example.org', wr_link1 = 'http://['"
        " WHERE wr_id = 2",
    )
    items = (await read_tables(mariadb, database)).items
    assert items["1"].published_at is None
    assert items["2"].title == "x Bcc: victim@example.org"
    assert items["2"].links == ()


def test_the_fixture_has_what_must_never_be_asked_for() -> None:
    for word in ("wr_password", "wr_ip", "wr_email", "g5_member"):
        assert word in INVENTED
        assert word not in (Path(__file__).parents[2] / "publisher/archive/gnuboard/mysql.py").read_text()
