"""Looking for words on the pages."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from publisher.app import App
from publisher.model import SourceItem
from tests.samples import item
from tests.web.house import Page, publish, visitor

BODY = (
    "<p>산새가 먼저 돌아왔다. "
    + "사람의 발길이 끊긴 자리다. " * 20
    + "남북통일을 말하는 사람은 적다. "
    + "봄은 온다. " * 40
    + "</p>"
)


def telling(key: int, body: str, **changes: object) -> SourceItem:
    one = item(key, **changes)  # type: ignore[arg-type]  # its own keywords
    return replace(one, faces={tag: replace(face, html=body) for tag, face in one.faces.items()})


async def asked(app: App, address: str) -> Page:
    async with visitor(app) as client:
        answer = await client.get(address)
    assert answer.status_code == 200
    return Page(answer.text)


async def test_what_is_found_is_shown_with_the_words_around_it(app: App) -> None:
    [public_id] = await publish(app, telling(1, BODY))
    page = await asked(app, "/ko/search?q=통일")
    assert f"../ko/entries/{public_id}" in page.links()
    assert len(page.all("mark")) == 1
    assert "남북통일을 말하는" in page.text
    assert "산새가 먼저" not in page.text
    assert "찾은 글: 1건" in page.text


async def test_a_piece_of_the_other_language_is_found_and_marked(app: App) -> None:
    [public_id] = await publish(app, telling(1, "<p>Cranes over the wall</p>", language="en"))
    page = await asked(app, "/ko/search?q=CRANES")
    assert f"../en/entries/{public_id}" in page.links()
    assert "영어 원문만 있습니다" in page.text


async def test_the_face_that_answers_is_shown(app: App) -> None:
    await publish(app, item(1, language="mixed"))
    page = await asked(app, "/ko/search?q=demilitarized")
    assert page.all("h2", lang="en")
    assert "영어 원문만 있습니다" not in page.text


async def test_what_is_shown_of_a_text_has_no_addresses_and_its_author_speaks_the_pages_language(app: App) -> None:
    body = "<p>나루신문 https://naru.example/opinion/2026/123456 남북통일을 말하는 사람</p>"
    await publish(app, telling(1, body, author="문가람"))
    page = await asked(app, "/en/search?q=통일")
    assert "나루신문 남북통일을 말하는 사람" in page.text
    assert "Mun Garam" in page.text


async def test_one_archive_can_be_searched(app: App) -> None:
    await publish(app, item(1))
    await publish(app, item(2), archive="papers")
    assert "찾은 글: 2건" in (await asked(app, "/ko/search?q=비무장")).text
    page = await asked(app, "/ko/search?q=비무장&archive=papers")
    assert "찾은 글: 1건" in page.text
    assert page.all("option", value="papers")[0]["selected"] == ""


async def test_many_answers_are_told_in_parts(app: App) -> None:
    await publish(app, *(item(key) for key in range(1, 46)))
    async with visitor(app) as client:
        pages = [Page((await client.get(f"/ko/search?q=비무장&page={number}")).text) for number in (1, 2, 3)]
        assert (await client.get("/ko/search?q=비무장&page=4")).status_code == 404
    assert [len(page.all("article")) for page in pages] == [20, 20, 5]
    [older] = pages[0].all("a", rel="next")
    assert older["href"].endswith("page=2")
    assert "q=%EB%B9%84" in older["href"]


@pytest.mark.parametrize(
    ("question", "korean", "english"),
    [
        ("", "낱말 하나나 그 일부만", "One word is enough"),
        ("?!…", "찾을 수 있는 낱말이 없습니다", "There is nothing in this to search for"),
        ("없는낱말", "찾지 못했습니다", "Nothing was found"),
    ],
)
async def test_an_empty_answer_says_what_to_try(app: App, question: str, korean: str, english: str) -> None:
    assert korean in (await asked(app, f"/ko/search?q={question}")).text
    assert english in (await asked(app, f"/en/search?q={question}")).text


@pytest.mark.parametrize(
    "query",
    [
        "q=" + "가" * 6_000, "q=" + "x" * 30_000, "q=%22%22%22", "q=a%20OR%20NEAR(b)", "q=%FF%FE%00", "q=%ED%A0%80",
        "q=1&q=2", "q[]=1", "=", "q=%3Cscript%3Ealert(1)%3C/script%3E", "q=%22%20autofocus%20onfocus=alert(1)%20x=%22",
        "q={{7*7}}", "archive=../x", "q=x&archive=%00", "q=x" + "&a=1" * 3000, "q=%F0%9F%95%8A",
        "q=%E1%84%90%E1%85%A9%E1%86%BC%E1%84%8B%E1%85%B5%E1%86%AF",
    ],
)  # fmt: skip
async def test_no_question_is_an_error_or_becomes_markup(app: App, query: str) -> None:
    await publish(app, item(1))
    async with visitor(app) as client:
        answer = await client.get(f"/ko/search?{query}")
    assert answer.status_code == 200
    page = Page(answer.text)
    assert not page.all("script")
    assert not [one for _, one in page.elements if "onfocus" in one]
    assert 'value="49"' not in answer.text


async def test_searches_are_in_no_index_and_in_no_log(app: App) -> None:
    await publish(app, item(1))
    with capture_logs() as logs:
        async with visitor(app) as client:
            answer = await client.get("/ko/search?q=비밀스러운")
            async with app.db.begin() as tx:
                await tx.exec_driver_sql("DROP TABLE search_index")
            failed = await client.get("/ko/search?q=비밀스러운")
    assert answer.headers["x-robots-tag"] == "noindex"
    assert not Page(answer.text).all("link", rel="canonical")
    assert failed.status_code == 500
    assert "비밀스러운" not in str(logs)
    assert "%EB%B9%84" not in str(logs)
