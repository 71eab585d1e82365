"""Released editions on the web: the frozen letter and nothing but it."""

import pytest
from sqlalchemy import text

from publisher.app import App
from publisher.archive.source import Gone, Why
from publisher.digest.render import letter_hash, web_view
from publisher.flows.withdraw import withdraw
from publisher.model import LanguageKey, Letter
from publisher.store import editions
from tests.samples import at, item
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
    assert answer.text == web_view(letter, f"{PUBLIC}/unsubscribe", f"{PUBLIC}/preferences")


async def test_a_letter_that_readers_wished_for_has_its_own_page_and_leads_to_it(app: App) -> None:
    drafted = await compose(app, *await publish(app, item(1), item(2, language="en")))
    edition = await release(app, drafted, (*KEYS, "ko:omit"))
    async with visitor(app) as client:
        usual, wished = [
            (await client.get(f"/ko/editions/weekly/1{query}")).text for query in ("", "?letter=ko%3Aomit")
        ]
        about = (await client.get("/en/editions/weekly/1/about")).text
    letter = await frozen(app, edition.id, "ko:omit")
    assert wished == web_view(letter, f"{PUBLIC}/unsubscribe", f"{PUBLIC}/preferences")
    assert ("Spring in" in usual, "Spring in" in wished) == (True, False)
    assert f"{PUBLIC}/ko/editions/weekly/1?letter=ko%3Aomit" in Page(wished).links()
    assert "?letter=ko%3Aomit" in about
    assert "(without pieces in other languages)" in about


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
        "img-src": ["'self'", f"{app.site.url}/media/"],
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


# ── What became secret since ─────────────────────────────────────────────────

LETTERS = ("/ko/editions/weekly/1", "/en/editions/weekly/1", "/ko/editions/weekly/1?letter=ko%2Ben")


async def hide(app: App, key: int, why: Why = Why.SECRET) -> None:
    async with app.db.begin() as tx:
        told = Gone(source_key=str(key), url="https://www.hanbit-peace.example/", reason=why)
        await withdraw(tx, "director", [told], believed=True, now=at(60))


@pytest.mark.parametrize("path", LETTERS)
async def test_what_became_secret_is_covered_and_the_page_says_so_in_both_languages(app: App, path: str) -> None:
    edition = await release(app, await compose(app, *await publish(app, item(1, title="감춘 글"), item(2))))
    await hide(app, 1)
    key = "ko+en" if "?" in path else path[1:3]
    letter = await frozen(app, edition.id, key)
    async with visitor(app) as client:
        html = (await client.get(path)).text
    page = Page(html)
    assert "감춘 글" not in html
    assert "비무장지대의 봄 2" in html
    assert "이 글은 2026년 3월 2일에 철회되었습니다." in page.text
    assert "This piece was withdrawn on 2 March 2026." in page.text
    assert "This page differs from the letter that was sent" in page.text
    assert letter_hash(letter) in page.text
    assert "감춘 글" in web_view(letter, "", "")  # the frozen bytes stay
    assert (await frozen_hash(app, edition.id)) == edition.content_hash


async def frozen_hash(app: App, edition_id: int) -> str | None:
    async with app.db.read() as tx:
        return (await editions.get(tx, edition_id)).content_hash


async def test_no_list_of_letters_names_what_became_secret(app: App) -> None:
    await release(app, await compose(app, *await publish(app, item(1, title="감춘 글"))))
    await hide(app, 1)
    async with visitor(app) as client:
        for path in ("/ko/", "/en/", "/ko/editions/weekly", "/en/editions/weekly"):
            html = (await client.get(path)).text
            assert "감춘 글" not in html
        assert "제1호" in (await client.get("/ko/editions/weekly")).text


async def test_what_was_deleted_stays_in_the_letter_that_told_it(app: App) -> None:
    edition = await release(app, await compose(app, *await publish(app, item(1))))
    await hide(app, 1, Why.DELETED)
    async with visitor(app) as client:
        answer = await client.get("/ko/editions/weekly/1")
    assert answer.text == web_view(
        await frozen(app, edition.id, "ko"), f"{PUBLIC}/unsubscribe", f"{PUBLIC}/preferences"
    )


async def test_a_letter_that_cannot_be_covered_is_not_shown(app: App) -> None:
    edition = await release(app, await compose(app, *await publish(app, item(1, title="감춘 글"), item(2))))
    async with app.db.begin() as tx:
        await tx.execute(text("UPDATE letters SET covers = '{}'"))  # as released before there were covers
    await hide(app, 1)
    async with visitor(app) as client:
        for path in LETTERS:
            answer = await client.get(path)
            assert "비무장지대" not in answer.text
            assert "감춘 글" not in answer.text
            assert "it holds a piece that was withdrawn on 2 March 2026" in Page(answer.text).text
            assert answer.headers["x-robots-tag"] == "noindex"
    assert letter_hash(await frozen(app, edition.id, "ko")) in (await page_of(app, LETTERS[0]))


async def page_of(app: App, path: str) -> str:
    async with visitor(app) as client:
        return (await client.get(path)).text
