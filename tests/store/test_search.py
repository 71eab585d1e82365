"""Looking for words in what is public."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from publisher.model import Face, Held, JoinedBy, SourceItem
from publisher.store import arrivals, entries, migrations, pairs, standing
from publisher.store.bigrams import phrases
from publisher.store.database import Database, open_database
from publisher.store.search import Found, search
from tests.samples import at, fill, item

HOSTILE = [
    '"', '""', '통일"', "AND", "OR NOT", "NEAR(a b)", "title:통일", "{title} : x", "통일*", "^통일", "(", "*", "-통일",
    "+", "a+b", "'; DROP TABLE entries; --", "%", "\x00", "?!…", "🕊️", "꽃", "平和", "통일 " * 2500, "가" * 10_000,
    "x" * 10_000, "\ud800", "\u1110\u1169\u11bc\u110b\u1175\u11af", "ㅌ", "٣", "ﷺ", "a" + "\u0301" * 500, "",
]  # fmt: skip


AN_ENTRY = """
    INSERT INTO entries (id, public_id, atom_id, archive, url, arrived_at, updated_at, due_at, status, language)
    VALUES (1, 'a', 'a', 'director', 'u', :now, :now, :now, 'live', 'ko')
"""
A_FACE = """
    INSERT INTO faces (entry_id, language, origin, item_id, title, summary, html, url)
    VALUES (1, 'ko', 'original', NULL, '옛 제목', '', '<p>남북통일</p>', 'u')
"""


def telling(
    key: int, *, title: str = "제목", body: str = "본문", language: str = "ko", **changes: object
) -> SourceItem:
    one = item(key, language=language, **changes)
    face = replace(one.faces[language], title=title, html=f"<p>{body}</p>")
    return replace(one, faces={language: face}, digest=f"{title} {body}")


async def found(db: Database, question: str, **wishes: object) -> list[str]:
    """The titles of what answers, best first."""
    async with db.read() as tx:
        answer = await search(tx, question, **wishes)  # type: ignore[arg-type]  # its own keywords
        return [next(iter(one.faces.values())).title for one in await entries.find(tx, ids=answer.ids)]


@pytest.mark.parametrize("body", ["통일은 온다", "통일을 말한다", "남북통일", "<b>통</b>일", "통일"])
async def test_a_word_of_two_syllables_is_found_before_particles_and_in_compounds(db: Database, body: str) -> None:
    await fill(db, telling(1, body=body), telling(2, body="통신과 일상"))
    assert len(await found(db, "통일")) == 1


async def test_words_in_letters_are_found_by_their_beginning_and_without_case(db: Database) -> None:
    await fill(db, telling(1, body="Peaceful cafés", language="en"))
    for question in ("peace", "PEACEFUL", "Café", "cafe peace"):
        assert len(await found(db, question)) == 1, question
    assert await found(db, "eaceful") == []


async def test_every_word_must_be_there_in_whatever_language(db: Database) -> None:
    one = item(1, language="mixed")
    await fill(db, one)
    assert len(await found(db, "산새 birds")) == 1
    assert await found(db, "산새 butterflies") == []


async def test_titles_come_first_then_the_newest(db: Database) -> None:
    pieces = [
        telling(1, title="통일의 꿈"),
        telling(2, title="새 글", body="통일"),
        telling(3, title="통일은"),
        telling(4),
    ]
    await fill(db, *pieces, telling(5, title="더 새 글", body="통일"))
    assert await found(db, "통일") == ["통일은", "통일의 꿈", "더 새 글", "새 글"]


async def test_a_particle_hides_nothing_and_what_has_it_comes_first(db: Database) -> None:
    await fill(
        db,
        telling(1, title="어린이의 하루"),
        telling(2, title="옛 글", body="어린이가 왔다"),
        telling(3, title="어린 나무"),
        telling(4, title="새 글", body="어린 나무"),
        telling(5, title="어른"),
    )
    assert await found(db, "어린이") == ["어린이의 하루", "어린 나무", "옛 글", "새 글"]
    assert await found(db, "어린") == ["어린 나무", "어린이의 하루", "새 글", "옛 글"]


async def test_what_is_found_is_told_in_parts_with_its_number(db: Database) -> None:
    await fill(db, *(telling(key, title=f"통일 {key}") for key in range(1, 8)))
    async with db.read() as tx:
        answer = await search(tx, "통일", limit=3, offset=6)
    assert (answer.total, len(answer.ids)) == (7, 1)


async def test_archives_can_be_chosen(db: Database) -> None:
    await fill(db, telling(1, title="통일"))
    assert await found(db, "통일", archives=["director"]) == ["통일"]
    assert await found(db, "통일", archives=["papers"]) == []


async def test_what_changed_is_found_by_its_new_words_only(db: Database) -> None:
    await fill(db, telling(1, title="처음", body="평화"))
    async with db.begin() as tx:
        await arrivals.change(tx, "director", telling(1, title="나중", body="통일"), now=at(1))
    assert await found(db, "평화") == await found(db, "처음") == []
    assert await found(db, "통일") == ["나중"]


async def test_what_the_public_may_not_see_is_not_found(db: Database) -> None:
    await fill(db, telling(1, title="밀려온 통일"), held=Held.FLOOD)
    await fill(db, telling(2, title="숨겨진 통일"))
    async with db.begin() as tx:
        [gone] = await standing.items(tx, "director", ["2"])
        await standing.take_away(tx, gone, "secret", copies_count=False, now=at(1))
    assert await found(db, "통일") == []


async def joined(db: Database) -> None:
    await fill(db, telling(1, title="통일"), telling(2, title="Unification", language="en"))
    async with db.begin() as tx:
        assert await pairs.join(tx, 1, 2, by=JoinedBy.OPERATOR, now=at())


async def test_two_that_were_joined_are_found_once_and_by_the_words_of_either(db: Database) -> None:
    await joined(db)
    assert await found(db, "통일") == await found(db, "unification") == ["통일"]


@pytest.mark.parametrize(("key", "hidden", "shown"), [("2", "unification", "통일"), ("1", "통일", "unification")])
async def test_of_two_that_were_joined_the_one_that_became_secret_is_not_found(
    db: Database, key: str, hidden: str, shown: str
) -> None:
    await joined(db)
    async with db.begin() as tx:
        [gone] = await standing.items(tx, "director", [key])
        await standing.take_away(tx, gone, "secret", copies_count=False, now=at(1))
    assert await found(db, hidden) == []
    assert len(await found(db, shown)) == 1


async def test_the_index_goes_with_its_transaction(db: Database) -> None:
    async with db._engine.connect() as tx, tx.begin() as open_one:
        await arrivals.add(tx, "director", telling(1, title="통일"), host="h", now=at(), due_at=at(), held=None)
        await open_one.rollback()
    assert await found(db, "통일") == []


async def test_a_store_from_before_search_is_brought_up_to_it(tmp_path: Path) -> None:
    before = import_module("publisher.store.migrations.versions.0006_search").down_revision
    engine = create_engine(f"sqlite:///{tmp_path}/publisher.db")
    with engine.begin() as connection:
        migrations.upgrade(connection, to=before)
        connection.execute(text(AN_ENTRY), {"now": "2026-03-02 12:00:00.000000"})
        connection.execute(text(A_FACE))
    engine.dispose()
    db = await open_database(f"sqlite:///{tmp_path}/publisher.db")
    assert await found(db, "통일") == ["옛 제목"]
    await db.close()


@pytest.mark.parametrize("question", HOSTILE, ids=range(len(HOSTILE)))
async def test_no_question_is_an_error(db: Database, question: str) -> None:
    await fill(db, telling(1, title="통일"))
    async with db.read() as tx:
        assert isinstance(await search(tx, question), Found)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(title=st.text("통일은꽃평화 abcXYZé1.", min_size=1, max_size=30), question=st.text(max_size=30))
async def test_every_title_is_found_by_its_words(db: Database, title: str, question: str) -> None:
    async with db.begin() as tx:
        for table in ("faces", "search_terms", "source_items", "entries"):
            await tx.execute(text(f"DELETE FROM {table}"))
    await fill(db, telling(1, title=title))
    async with db.read() as tx:
        assert (await search(tx, title)).total == bool(phrases(title))
        assert (await search(tx, question)).total in (0, 1)


def test_a_face_has_what_is_indexed() -> None:
    assert {"title", "html"} <= set(Face.__dataclass_fields__)
