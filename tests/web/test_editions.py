"""Released editions on the web: the frozen letter and nothing but it."""

import pytest

from publisher.app import App
from publisher.digest.render import web_view
from publisher.model import LanguageKey, Letter
from publisher.store import editions
from tests.samples import item
from tests.web.house import KEYS, PUBLIC, Page, compose, publish, release, visitor


async def frozen(app: App, edition_id: int, key: LanguageKey) -> Letter:
    async with app.db.read() as tx:
        letter = await editions.letter(tx, edition_id, key)
    assert letter is not None
    return letter


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/ko/editions/weekly/1", "ko"),
        ("/en/editions/weekly/1", "en"),
        ("/ko/editions/weekly/1?letter=ko%2Ben", "ko+en"),
        ("/ko/editions/weekly/1?letter=ko+en", "ko+en"),
        ("/en/editions/weekly/1?letter=en%2Bko", "en+ko"),
    ],
)
async def test_the_page_is_the_frozen_letter_byte_for_byte(app: App, path: str, key: LanguageKey) -> None:
    edition = await release(app, await compose(app, *await publish(app, item(1), item(2, language="en"))))
    letter = await frozen(app, edition.id, key)
    async with visitor(app) as client:
        answer = await client.get(path)
    assert answer.text == web_view(letter, f"{PUBLIC}/unsubscribe")


async def test_no_copy_of_a_readers_own_link_is_on_the_page(app: App) -> None:
    await release(app, await compose(app, *await publish(app, item(1))))
    async with visitor(app) as client:
        page = Page((await client.get("/ko/editions/weekly/1")).text)
    assert {link for link in page.links() if "unsubscribe" in link} == {f"{PUBLIC}/unsubscribe"}


async def test_nothing_is_known_of_an_edition_before_its_release(app: App) -> None:
    await compose(app, *await publish(app, item(1)))
    async with visitor(app) as client:
        for key in KEYS:
            answer = await client.get("/ko/editions/weekly/1", params={"letter": key})
            assert answer.status_code == 404
        assert "아직 보낸 편지가 없습니다." in (await client.get("/ko/editions/weekly")).text


@pytest.mark.parametrize(
    "path",
    ["/ko/editions/weekly/2", "/ko/editions/weekly/0", "/ko/editions/daily/1", "/ko/editions/weekly/1?letter=fr",
     "/ko/editions/weekly/1?letter=", "/ko/editions/weekly/one", "/ko/editions/weekly/-1", "/fr/editions/weekly/1"],
)  # fmt: skip
async def test_an_edition_that_is_not_there_is_not_found(app: App, path: str) -> None:
    await release(app, await compose(app, *await publish(app, item(1))))
    async with visitor(app) as client:
        answer = await client.get(path)
    assert answer.status_code == (200 if path.endswith("letter=") else 404)


async def test_a_letter_may_run_and_fetch_nothing(app: App) -> None:
    await release(app, await compose(app, *await publish(app, item(1))))
    async with visitor(app) as client:
        headers = (await client.get("/ko/editions/weekly/1")).headers
    policy = {part.split()[0]: part.split()[1:] for part in headers["content-security-policy"].split(";")}
    assert policy == {
        "default-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "img-src": ["data:"],
        "form-action": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }


async def test_a_letter_announces_feeds_in_its_headers(app: App) -> None:
    await release(app, await compose(app, *await publish(app, item(1))))
    async with visitor(app) as client:
        link = (await client.get("/ko/editions/weekly/1")).headers["link"]
    assert f'<{PUBLIC}/ko/editions/weekly/1>; rel="canonical"' in link
    assert f'<{PUBLIC}/feeds/all-ko.rss>; rel="alternate"; type="application/rss+xml"' in link


async def test_past_letters_stand_newest_first_in_the_pages_language(app: App) -> None:
    ids = await publish(app, item(1), item(2))
    for public_id in ids:
        await release(app, await compose(app, public_id))
    async with visitor(app) as client:
        page = Page((await client.get("/en/editions/weekly")).text)
    letters = [link for link in page.links() if link.startswith("../../en/editions/weekly/")]
    assert letters == ["../../en/editions/weekly/2", "../../en/editions/weekly/1"]
    assert "Weekly Briefing" in page.text
