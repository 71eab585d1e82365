"""P1–P4, P7 and K9: what people are told before they agree, and what is asked of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from publisher.app import App, open_app
from publisher.store import consents
from subscribers import consent
from subscribers.model import SubscriptionStatus
from tests.web.house import Page, visitor
from tests.web.readers import come, everything, filled_in, post, standing, two_lists

ADDRESS = "haneul@readers.example"
ABROAD = (
    "subscribers: {consent: {abroad: {firm: Letterhouse Inc., country: {ko: 아일랜드, en: Ireland},"
    " purpose: {ko: 메일 발송, en: Sending mail}, period: {ko: 수신거부할 때까지, en: Until you unsubscribe}}}}\n"
)


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    async with open_app(two_lists(tmp_path), {}) as app:
        yield app


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    async with visitor(app) as client:
        yield client


async def test_p1_the_form_shows_purpose_items_retention_and_the_right_to_refuse(client: httpx2.AsyncClient) -> None:
    korean = Page((await client.get("/subscribe")).text)
    english = Page((await client.get("/subscribe?language=en")).text)
    for term in ("이용 목적", "수집 항목", "보유 기간", "거부할 권리", "매주 월요일", "매달 1일"):
        assert term in korean.text
    for term in ("Purpose", "What is kept", "For how long", "Your right to refuse", "Every Monday"):
        assert term in english.text
    assert [one["value"] for one in korean.all("input", name="languages")] == ["ko", "en", "ko+en", "en+ko"]


async def test_p1_each_consent_names_the_text_that_was_shown(app: App, client: httpx2.AsyncClient) -> None:
    await come(app, client)
    async with app.db.read() as tx:
        record = await consents.of_person(tx, 1)
        [(version, text)] = (await tx.exec_driver_sql("SELECT version, text FROM consent_texts")).all()
    assert [(one.event, one.text_version) for one in record] == [("asked", version), ("confirmed", version)]
    assert "고르신 한빛평화연구소 편지를 보내 드리기 위해서입니다." in text


async def test_p1_a_form_with_an_empty_term_is_not_published(tmp_path: Path) -> None:
    more = 'subscribers: {consent: {retention: {ko: "", en: For a year}}}\n'
    async with open_app(two_lists(tmp_path, more), {}) as app, visitor(app) as client:
        assert app.unpublished == ("retention.ko",)
        page = Page((await client.get("/subscribe")).text)
        assert not page.all("form")
        await client.post("/subscribe", data={"email": ADDRESS, "list": "weekly", "age": "yes", "agree": "yes"})
        assert await post(app) == []


async def test_p2_the_form_asks_for_an_address_languages_and_nothing_else(client: httpx2.AsyncClient) -> None:
    page = Page((await client.get("/subscribe")).text)
    fields = {one["name"] for one in page.all("input") if one.get("type") != "hidden"}
    assert fields == {"email", "list", "languages", "agree", "age", "website"}, "the last one is hidden from people"


async def test_p2_a_request_keeps_no_trace_of_where_it_came_from(app: App, client: httpx2.AsyncClient) -> None:
    await come(app, client)
    assert "127.0.0.1" not in str(await everything(app))


async def test_p3_advertising_is_not_asked_where_no_list_has_any(client: httpx2.AsyncClient) -> None:
    assert not Page((await client.get("/subscribe")).text).all("input", name="advertising")


async def test_p3_advertising_is_asked_apart_never_ticked_and_its_refusal_hinders_nothing(tmp_path: Path) -> None:
    more = "subscribers: {consent: {advertising: {ko: 행사 안내도 받겠습니다.}}}\n"
    async with open_app(two_lists(tmp_path, more), {}) as app, visitor(app) as client:
        [box] = Page((await client.get("/subscribe")).text).all("input", name="advertising")
        assert "checked" not in box
        assert "required" not in box
        await come(app, client)
        await come(app, client, "byul@readers.example", advertising="yes")
        async with app.db.read() as tx:
            scopes = [[one.scope for one in await consents.of_person(tx, number)] for number in (1, 2)]
    assert scopes == [["information"] * 2, ["information", "advertising"] * 2]


async def test_p3_a_reader_agrees_to_advertising_later_by_the_same_form_and_is_told_what_the_button_does(
    tmp_path: Path,
) -> None:
    more = "subscribers: {consent: {advertising: {ko: 행사 안내도 받겠습니다.}}}\n"
    async with open_app(two_lists(tmp_path, more), {}) as app, visitor(app) as client:
        await come(app, client)
        await client.post("/subscribe", data=await filled_in(client, advertising="yes"))
        assert (await standing(app)).status is SubscriptionStatus.ACTIVE  # type: ignore[union-attr]
        [asked] = await post(app)
        link = asked.link("/confirm/")
        assert "광고성 이메일을 받는 것에도 함께 동의하시게 됩니다." in Page((await client.get(link)).text).text
        await client.post(link)
        async with app.db.read() as tx:
            record = [(one.scope, one.event) for one in await consents.of_person(tx, 1)]
    assert record[2:] == [("advertising", "asked"), ("advertising", "confirmed")]


async def test_p4_who_does_not_say_that_they_are_14_leaves_no_record(app: App, client: httpx2.AsyncClient) -> None:
    before = await everything(app)
    for age in ("-", "", "  "):
        answer = await client.post("/subscribe", data=await filled_in(client, ADDRESS, age=age))
        assert answer.status_code == 422
        assert "만 14세 이상만 구독하실 수 있습니다." in answer.text
    assert await everything(app) == before
    [box] = Page((await client.get("/subscribe")).text).all("input", name="age")
    assert "checked" not in box


def carried_by(folder: Path, country: str, more: str = "") -> Path:
    """A house whose letters a firm in this country sends."""
    path = two_lists(folder, more)
    road = f"smtp: {{host: smtp.hangang.example, provider: {{name: Hangang Mail, country: {country}}}}}"
    path.write_text(path.read_text(encoding="utf-8") + f"delivery: {{{road}}}\n", encoding="utf-8")
    return path


async def test_k9_the_firm_that_sends_the_letters_is_named_before_anybody_agrees(tmp_path: Path) -> None:
    async with open_app(carried_by(tmp_path, "KR"), {}) as app, visitor(app) as client:
        assert "처리 위탁편지 발송: Hangang Mail (대한민국)." in Page((await client.get("/subscribe")).text).text
        assert "Sending the letters: Hangang Mail (South Korea)." in (await client.get("/subscribe?language=en")).text
        assert "Hangang Mail" in consent.as_json(app.terms), "it is part of the text that a consent names"


async def test_p7_a_firm_abroad_that_is_not_told_of_closes_the_form(tmp_path: Path) -> None:
    (tmp_path / "told").mkdir()
    (tmp_path / "untold").mkdir()
    async with open_app(carried_by(tmp_path / "untold", "IE"), {}) as app:
        assert app.unpublished == ("abroad.firm", "abroad.country", "abroad.purpose", "abroad.period")
    async with open_app(carried_by(tmp_path / "told", "IE", ABROAD), {}) as app, visitor(app) as client:
        assert app.unpublished == ()
        assert "Hangang Mail (아일랜드)" in (await client.get("/subscribe")).text


async def test_p7_who_keeps_addresses_abroad_is_named_or_there_is_no_form(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "half").mkdir()
    async with open_app(two_lists(tmp_path / "whole", ABROAD), {}) as app, visitor(app) as client:
        text = Page((await client.get("/subscribe")).text).text
        for word in ("Letterhouse Inc.", "아일랜드", "메일 발송", "수신거부할 때까지"):
            assert word in text
    half = "subscribers: {consent: {abroad: {firm: Letterhouse Inc.}}}\n"
    async with open_app(two_lists(tmp_path / "half", half), {}) as app:
        assert app.unpublished == ("abroad.country", "abroad.purpose", "abroad.period")
