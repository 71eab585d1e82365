"""The way out: looking changes nothing, one POST is enough, nothing is revealed."""

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publisher.app import App
from publisher.store import audience
from subscribers.model import EndedWhy, SubscriptionStatus
from tests.web.house import Page, subscribe, subscription, visitor

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
MULTIPART = "multipart/form-data; boundary=b"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_looking_changes_nothing(app: App, method: str) -> None:
    token = await subscribe(app)
    async with visitor(app) as client:
        for _ in range(3):
            assert (await client.request(method, f"/unsubscribe/{token}")).status_code == 200
    assert (await subscription(app)).status is SubscriptionStatus.ACTIVE
    async with app.db.read() as tx:
        assert not await audience.has_refused(tx, "hash of haneul@readers.example", "weekly")


async def test_the_page_shows_who_leaves_what_and_one_button(app: App) -> None:
    token = await subscribe(app, "haneul@readers.example")
    async with visitor(app) as client:
        answer = await client.get(f"/unsubscribe/{token}")
    page = Page(answer.text)
    assert "haneul" not in answer.text
    assert "h***@" in page.text
    assert "주간 브리핑" in page.text
    assert [one["method"] for one in page.all("form")] == ["post"]
    assert "../preferences?language=ko" in page.links(), (
        "the way to other letters, which this link must not open itself"
    )
    assert len(page.all("button")) == 1
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex"


async def test_one_click_leaves_at_once_without_cookie_or_sign_in(app: App) -> None:
    token = await subscribe(app)
    async with visitor(app) as client:
        answer = await client.post(f"/unsubscribe/{token}", data=ONE_CLICK)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    ended = await subscription(app)
    assert (ended.status, ended.ended_why) == (SubscriptionStatus.ENDED, EndedWhy.UNSUBSCRIBED)
    async with app.db.read() as tx:
        assert await audience.has_refused(tx, "hash of haneul@readers.example", "weekly")


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        (b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--', MULTIPART),
        (b"--never closed", "multipart/form-data"),
        (b'{"a":', "application/json"),
        (b"\xff\x00" * 100_000, "nonsense"),
    ],
)
async def test_whatever_the_body_says_a_post_leaves(app: App, body: bytes, media_type: str) -> None:
    token = await subscribe(app)
    async with visitor(app) as client:
        headers = {"Content-Type": media_type, "Origin": "null", "Sec-Fetch-Site": "cross-site"}
        answer = await client.post(f"/unsubscribe/{token}", content=body, headers=headers)
    assert answer.status_code == 200
    assert (await subscription(app)).status is SubscriptionStatus.ENDED


@pytest.mark.parametrize(("data", "means"), [(ONE_CLICK, "one-click"), ({}, "page")])
async def test_the_consent_log_tells_who_pressed(app: App, data: dict[str, str], means: str) -> None:
    token = await subscribe(app)
    async with visitor(app) as client:
        await client.post(f"/unsubscribe/{token}", data=data)
    async with app.db.read() as tx:
        rows = (await tx.exec_driver_sql("SELECT event, means FROM consents")).all()
    assert [tuple(row) for row in rows] == [("withdrawn", means)]


async def test_leaving_twice_is_as_good_as_once(app: App) -> None:
    token = await subscribe(app)
    async with visitor(app) as client:
        answers = [await client.post(f"/unsubscribe/{token}", data=ONE_CLICK) for _ in range(2)]
        looked = await client.get(f"/unsubscribe/{token}")
    assert [answer.status_code for answer in answers] == [200, 200]
    assert looked.status_code == 200
    page = Page(looked.text)
    assert len(page.all("button")) == 1, "the offer to stop everything"
    assert page.all("input", name="do") == [{"type": "hidden", "name": "do", "value": "stop"}]
    assert "수신거부가 처리되었습니다" in looked.text
    async with app.db.read() as tx:
        assert (await tx.exec_driver_sql("SELECT count(*) FROM consents")).scalar_one() == 1


async def test_a_slash_at_the_end_does_not_hinder_leaving(app: App) -> None:
    token = await subscribe(app)
    async with visitor(app) as client:
        assert (await client.post(f"/unsubscribe/{token}/", data=ONE_CLICK)).status_code == 200
    assert (await subscription(app)).status is SubscriptionStatus.ENDED


@pytest.mark.parametrize(("languages", "first"), [("ko", "ko"), ("en", "en"), ("en+ko", "en"), ("ko+en", "ko")])
async def test_the_pages_speak_the_readers_own_language_and_switch_to_the_other(
    app: App, languages: str, first: str
) -> None:
    token = await subscribe(app, languages=languages)
    other = "en" if first == "ko" else "ko"
    said = {"ko": "수신거부", "en": "Unsubscribe"}
    async with visitor(app) as client:
        for path, language in ((f"/unsubscribe/{token}", first), (f"/unsubscribe/{token}?language={other}", other)):
            for answer in (await client.get(path), await client.post(path)):
                page = Page(answer.text)
                assert page.all("html", lang=language)
                assert said[language] in page.text
                assert said["en" if language == "ko" else "ko"] not in page.text
                assert f"{token}?language={other}" in page.links()


async def test_after_erasure_the_link_still_lets_them_leave(app: App) -> None:
    token = await subscribe(app)
    async with app.db.begin() as tx:
        await tx.exec_driver_sql("UPDATE subscribers SET address = NULL, address_key = NULL, name = NULL")
    async with visitor(app) as client:
        assert "주간 브리핑" in (await client.get(f"/unsubscribe/{token}")).text
        assert (await client.post(f"/unsubscribe/{token}")).status_code == 200
    assert (await subscription(app)).status is SubscriptionStatus.ENDED


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_an_altered_link_tells_how_else_to_leave(app: App, method: str) -> None:
    token = await subscribe(app)
    altered = token[:-5] + ("A" if token[-5] != "A" else "B") + token[-4:]
    async with visitor(app) as client:
        answer = await client.request(method, f"/unsubscribe/{altered}")
    assert answer.status_code == 404
    assert (await subscription(app)).status is SubscriptionStatus.ACTIVE
    if method != "HEAD":
        page = Page(answer.text)
        assert "사용할 수 없는 링크입니다" in page.text
        assert "This link does not work" in page.text
        assert "mailto:letters@hanbit-peace.example" in page.links()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1, max_size=80).filter(lambda text: "/" not in text and text.strip(".")))
async def test_no_made_up_link_does_anything(app: App, text: str) -> None:
    path = f"/unsubscribe/{quote(text, errors='replace')}"
    async with visitor(app) as client:
        assert (await client.post(path)).status_code == 404


async def test_without_a_link_the_page_tells_where_to_find_it(app: App) -> None:
    async with visitor(app) as client:
        page = Page((await client.get("/unsubscribe?language=en")).text)
        assert "모든 편지의 끝에 ‘수신거부’ 링크가 있습니다." in Page((await client.get("/unsubscribe")).text).text
    assert "Every letter ends with the link “Unsubscribe”." in page.text
    assert not page.all("form")
