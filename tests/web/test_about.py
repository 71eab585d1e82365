"""The page about an edition, and the images of letters."""

import io

import pytest
from PIL import Image

from publisher.app import App
from publisher.archive.source import Gone, Why
from publisher.flows.editing import compose_note
from publisher.flows.withdraw import withdraw
from publisher.pictures import for_letter
from publisher.store import editions, media
from tests.samples import at, item
from tests.web.house import PUBLIC, Page, compose, publish, release, visitor

ABOUT = "/ko/editions/weekly/1/about"


async def test_it_tells_what_the_letter_cannot_say_of_itself(app: App) -> None:
    edition = await release(app, await compose(app, *await publish(app, item(1), item(2, language="en"))))
    async with visitor(app) as client:
        korean, english = [(await client.get(f"/{one}/editions/weekly/1/about")).text for one in ("ko", "en")]
    assert edition.content_hash is not None
    assert edition.content_hash in korean
    assert "비무장지대의 봄 1" in korean
    assert "Spring in the Demilitarized Zone 2" in korean
    assert f"한빛평화연구소, 「주간 브리핑」 제1호, 2026년 3월 2일. {PUBLIC}/ko/editions/weekly/1" in korean
    assert f"Hanbit Peace Institute, “Weekly Briefing”, No. 1, 2 March 2026. {PUBLIC}/en/editions/weekly/1" in english
    assert "?letter=ko%2Ben" in english


async def test_the_letter_leads_to_it(app: App) -> None:
    await release(app, await compose(app, *await publish(app, item(1))))
    async with visitor(app) as client:
        page = Page((await client.get("/ko/editions/weekly/1")).text)
    assert f"{PUBLIC}{ABOUT}" in page.links()


async def test_what_became_secret_is_not_on_it(app: App) -> None:
    await release(app, await compose(app, *await publish(app, item(1), item(2))))
    async with app.db.begin() as tx:
        await withdraw(
            tx,
            "director",
            [Gone(source_key="1", url="https://x.example/", reason=Why.SECRET)],
            believed=True,
            now=at(9),
        )
    async with visitor(app) as client:
        page = (await client.get(ABOUT)).text
    assert "비무장지대의 봄 2" in page
    assert "비무장지대의 봄 1" not in page


async def test_one_without_a_number_is_cited_by_its_day(app: App) -> None:
    async with app.db.begin() as tx:
        mailing_list = app.mailing_list("weekly")
        drafted = await compose_note(tx, mailing_list, {"ko": "설 인사"}, is_numbered=False, by="test", now=at())
    assert drafted.number == 20260302
    await release(app, drafted)
    async with visitor(app) as client:
        page = (await client.get("/ko/editions/weekly/20260302/about")).text
        listed = (await client.get("/ko/editions/weekly")).text
    assert "「주간 브리핑」, 2026년 3월 2일. " in page
    assert "제2026" not in page
    assert "설 인사" in listed


@pytest.mark.parametrize("path", [ABOUT, "/ko/editions/weekly/99999999999/about", "/ko/editions/daily/1/about"])
async def test_nothing_is_known_of_an_edition_before_its_release(app: App, path: str) -> None:
    await compose(app, *await publish(app, item(1)))
    async with visitor(app) as client:
        assert (await client.get(path)).status_code == 404


async def test_images_are_served_by_their_hash_for_ever(app: App) -> None:
    out = io.BytesIO()
    Image.new("RGB", (100, 60), "teal").save(out, "PNG")
    copy = for_letter(out.getvalue())
    async with app.db.begin() as tx:
        await media.keep(tx, copy, now=at())
        await media.keep(tx, copy, now=at())
    async with visitor(app) as client:
        answer = await client.get(f"/media/{copy.picture.hash}")
        missing = await client.get(f"/media/{'0' * 64}")
    assert answer.content == copy.content
    assert answer.headers["content-type"] == "image/png"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert missing.status_code == 404


async def test_numbers_go_on_past_the_days(app: App) -> None:
    async with app.db.begin() as tx:
        mailing_list = app.mailing_list("weekly")
        first = await compose_note(tx, mailing_list, {"ko": "하나"}, is_numbered=False, by="test", now=at())
        await editions.cancel(tx, first.id, now=at())
        again = await compose_note(tx, mailing_list, {"ko": "둘"}, is_numbered=False, by="test", now=at(1))
        await editions.cancel(tx, again.id, now=at(1))
        numbered = await compose_note(tx, mailing_list, {"ko": "셋"}, is_numbered=True, by="test", now=at(2))
    assert (first.number, again.number, numbered.number) == (20260302, 20260302, 1)
