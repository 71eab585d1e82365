"""What a visitor hears when there is no page to show."""

import pytest
from structlog.testing import capture_logs

from publisher.app import App
from subscribers.tokens import Purpose
from tests.samples import item
from tests.web.house import Page, publish, visitor


@pytest.mark.parametrize(
    ("method", "path", "status", "korean", "english"),
    [
        ("GET", "/ko/nothing", 404, "찾으시는 페이지가 없습니다", "This page does not exist"),
        ("GET", "/fr", 404, "찾으시는 페이지가 없습니다", "This page does not exist"),
        ("GET", "/ko/entries/abcdefghijkl", 404, "찾으시는 페이지가 없습니다", "This page does not exist"),
        ("GET", "/ko/archives/unknown", 404, "찾으시는 페이지가 없습니다", "This page does not exist"),
        ("GET", "/ko/?page=99", 404, "찾으시는 페이지가 없습니다", "This page does not exist"),
        (
            "GET",
            "/ko/editions/weekly/99999999999999999999",
            404,
            "찾으시는 페이지가 없습니다",
            "This page does not exist",
        ),
        ("GET", "/static/..%2f..%2fconfig.yaml", 404, "찾으시는 페이지가 없습니다", "This page does not exist"),
        ("POST", "/ko/", 405, "이 주소에서는 할 수 없는 요청입니다", "This cannot be done here"),
        ("DELETE", "/feeds", 405, "이 주소에서는 할 수 없는 요청입니다", "This cannot be done here"),
        ("GET", "/ko/?page=zero", 422, "요청을 이해하지 못했습니다", "We could not understand this request"),
        ("GET", "/ko/?page=-1", 422, "요청을 이해하지 못했습니다", "We could not understand this request"),
    ],
)
async def test_an_error_is_told_in_both_languages_under_its_status(
    app: App, method: str, path: str, status: int, korean: str, english: str
) -> None:
    async with visitor(app) as client:
        answer = await client.request(method, path)
    assert answer.status_code == status
    page = Page(answer.text)
    assert korean in page.text
    assert english in page.text
    assert answer.headers["x-robots-tag"] == "noindex"
    if status == 405:
        assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("path", "accepted", "first"), [("/en/archives/x", "ko", "en"), ("/xyz", "en", "en"), ("/xyz", "ko", "ko")]
)
async def test_an_error_speaks_the_language_of_the_address_then_the_visitors(
    app: App, path: str, accepted: str, first: str
) -> None:
    async with visitor(app) as client:
        answer = await client.get(path, headers={"Accept-Language": accepted})
    assert Page(answer.text).all("html") == [{"lang": first}]


async def test_a_fault_of_ours_shows_nothing_of_what_went_wrong(app: App) -> None:
    await publish(app, item())
    async with app.db.begin() as tx:
        await tx.exec_driver_sql("DROP TABLE faces")
    async with visitor(app) as client:
        answer = await client.get("/ko/")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "처리 중에 문제가 생겼습니다" in answer.text
    for inner in ("faces", "Traceback", "sqlite", "OperationalError"):
        assert inner not in answer.text


async def test_a_fault_of_ours_is_logged_by_its_place_and_not_by_its_words(app: App) -> None:
    async with app.db.begin() as tx:
        await tx.exec_driver_sql("DROP TABLE subscriptions")
    token = app.token(Purpose.UNSUBSCRIBE, b"sixteen bytes...")
    with capture_logs() as logs:
        async with visitor(app) as client:
            assert (await client.get(f"/unsubscribe/{token}")).status_code == 500
    [told] = [one for one in logs if one["event"] == "page failed"]
    assert told["error"] == "OperationalError"
    assert "audience.py" in "".join(told["at"])
    assert token not in str(logs)
    assert "sixteen" not in str(logs)
    assert "no such table" not in str(logs)


async def test_what_a_visitor_typed_is_never_markup(app: App) -> None:
    async with visitor(app) as client:
        for path in ("/ko/<script>alert(1)</script>", '/ko/?page="><script>', '/unsubscribe/"><script>'):
            assert "<script" not in (await client.get(path)).text
