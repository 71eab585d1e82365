"""A reader's own page: what a letter's link allows, what needs a fresh one, and the way back."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx2
import pytest

from publisher.app import App, open_app
from publisher.flows.erase import finish_erasures
from publisher.flows.lapse import look_after_requests
from publisher.i18n import format_date
from publisher.store import audience
from publisher.web import create
from subscribers.model import EndedWhy, SubscriptionStatus
from tests.web.house import LISTENING, Page, visitor
from tests.web.readers import Got, come, everything, filled_in, post, standing, two_lists

ADDRESS = "haneul@readers.example"
SAVE = {"do": "save", "list": "weekly", "languages": "ko", "pause": ""}


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    async with open_app(two_lists(tmp_path), {}) as app:
        yield app


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    async with visitor(app) as client:
        yield client


@pytest.fixture
async def welcome(app: App, client: httpx2.AsyncClient) -> Got:
    return await come(app, client)


def later(app: App, **ago: float) -> httpx2.AsyncClient:
    """A visitor of the same house, some time from now."""
    moved = replace(app, clock=replace(app.clock, offset=timedelta(**ago)))
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=create(moved)), base_url=LISTENING)


async def fresh_link(app: App, client: httpx2.AsyncClient, address: str = ADDRESS) -> str:
    await client.post("/preferences", data={"email": address})
    [letter] = await post(app)
    return letter.link("/preferences/")


async def test_languages_and_a_pause_are_changed_by_a_letters_link(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    until = (app.now() + timedelta(days=30)).date().isoformat()
    wanted = {**SAVE, "languages": "en+ko", "pause": until}
    answer = await client.post(welcome.link("/preferences/"), data=wanted)
    async with app.db.read() as tx:
        assert await audience.reachable(tx, "weekly", now=app.now()) == {}
        assert await audience.reachable(tx, "weekly", now=app.now() + timedelta(days=31)) == {"en+ko": 1}
    assert f"receive letters again from {format_date(date.fromisoformat(until), 'en', 'UTC')}." in answer.text
    found = await standing(app)
    assert found is not None
    assert found.languages == "en+ko"
    assert found.paused_until is not None
    assert Page(answer.text).all("input", type="date")[0]["value"] == until
    await client.post(welcome.link("/preferences/"), data={**SAVE, "languages": "en+ko"})
    assert (await standing(app)).paused_until is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"pause": "soon"}, "내일부터 1년 안의 날짜를 입력해 주세요."),
        ({"pause": "2020-01-01"}, "내일부터 1년 안의 날짜를 입력해 주세요."),
        ({"pause": "9999-12-31"}, "내일부터 1년 안의 날짜를 입력해 주세요."),
        ({"languages": "fr"}, "이 편지가 나오는 언어 가운데에서 골라 주세요."),
    ],
)
async def test_what_cannot_be_is_told_and_nothing_is_changed(
    app: App, client: httpx2.AsyncClient, welcome: Got, wrong: dict[str, str], said: str
) -> None:
    before = await everything(app)
    answer = await client.post(welcome.link("/preferences/"), data={**SAVE, **wrong})
    assert answer.status_code == 422
    assert said in Page(answer.text).text
    assert await everything(app) == before


async def test_a_letters_link_shows_no_address_and_cannot_erase_move_or_read_data(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    link = welcome.link("/preferences/")
    page = await client.get(link)
    assert "haneul" not in page.text
    assert (await client.get(f"{link}/data")).status_code == 404
    for body in ({"do": "erase"}, {"do": "move", "email": "mallory@elsewhere.example"}):
        await client.post(link, data=body)
    assert {letter.to for letter in await post(app)} == {ADDRESS}, "a link went to the owner, and to nobody else"
    assert (await standing(app)).status is SubscriptionStatus.ACTIVE  # type: ignore[union-attr]


async def test_less_often_moves_to_the_list_that_the_configuration_names(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    await client.post(welcome.link("/preferences/"), data={**SAVE, "do": "less"})
    old, new = await standing(app), await standing(app, list_name="monthly")
    assert old is not None
    assert new is not None
    assert (old.status, old.ended_why) == (SubscriptionStatus.ENDED, EndedWhy.REPLACED)
    assert (new.status, new.languages) == (SubscriptionStatus.ACTIVE, "ko")


async def test_less_often_does_not_lift_a_refusal_of_the_other_list(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    monthly = await come(app, client, list="monthly")
    await client.post(monthly.link("/unsubscribe/"))
    answer = await client.post(welcome.link("/preferences/"), data={**SAVE, "do": "less"})
    assert "전에 수신거부하신 편지입니다." in answer.text
    assert (await standing(app)).status is SubscriptionStatus.ACTIVE  # type: ignore[union-attr]
    assert (await standing(app, list_name="monthly")).status is SubscriptionStatus.ENDED  # type: ignore[union-attr]


async def test_leaving_says_goodbye_once_and_asking_anew_is_the_way_back(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    for _ in range(2):
        await client.post(welcome.link("/unsubscribe/"), data={"List-Unsubscribe": "One-Click"})
    [goodbye] = await post(app)
    assert "수신거부가 처리되었습니다" in goodbye.subject
    assert "주간 브리핑" in " ".join(goodbye.text.split())
    assert goodbye.links == ["/subscribe"]
    await come(app, client)
    assert (await standing(app)).status is SubscriptionStatus.ACTIVE  # type: ignore[union-attr]


async def test_who_comes_back_is_not_paused_by_what_they_chose_before(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    until = (app.now() + timedelta(days=300)).date().isoformat()
    await client.post(welcome.link("/preferences/"), data={**SAVE, "pause": until})
    await client.post(welcome.link("/unsubscribe/"))
    await post(app)
    await come(app, client)
    async with app.db.read() as tx:
        assert await audience.reachable(tx, "weekly", now=app.now()) == {"ko": 1}


async def test_stopping_everything_ends_all_lists_and_is_only_lifted_by_the_person(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    await come(app, client, list="monthly")
    answer = await client.post(welcome.link("/unsubscribe/"), data={"do": "stop"})
    assert "어떤 편지도 보내 드리지 않습니다" in answer.text
    async with app.db.read() as tx:
        assert await audience.reachable(tx, "weekly") == await audience.reachable(tx, "monthly") == {}
        found = await standing(app)
        assert found is not None
        person = await audience.person(tx, found.subscriber_id)
        suppression = await audience.suppression_of(tx, person.address_hash)
    assert suppression is not None
    assert suppression.reason == "stopped"
    assert len(await post(app)) == 1, "one goodbye for all"
    await come(app, client)
    async with app.db.read() as tx:
        assert await audience.reachable(tx, "weekly") == {"ko": 1}
        assert await audience.reachable(tx, "monthly") == {}


# ── What is not in one's language ────────────────────────────────────────────


async def wish(client: httpx2.AsyncClient, welcome: Got, **fields: str) -> httpx2.Response:
    return await client.post(welcome.link("/preferences/"), data={**SAVE, **fields})


def wished(answer: httpx2.Response) -> dict[str, bool]:
    """What may be wished of a missing piece, and whether it is chosen."""
    return {one["value"]: "checked" in one for one in Page(answer.text).all("input", name="missing")}


async def test_what_becomes_of_pieces_in_another_language_is_wished_by_a_letters_link_and_taken_back(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    before = wished(await client.get(welcome.link("/preferences/")))
    assert before == {"list": True, "show": False, "title": False, "omit": False}
    for missing in ("show", "title", "omit"):
        chosen = await wish(client, welcome, missing=missing)
        assert "저장했습니다" in chosen.text
        assert wished(chosen) == {**dict.fromkeys(before, False), missing: True}
        assert (await standing(app)).missing == missing  # type: ignore[union-attr]
        assert f"languages ko, missing {missing}" in str(await everything(app)), "the record of consents says so"
    assert wished(await wish(client, welcome, missing="list")) == before
    assert (await standing(app)).missing is None  # type: ignore[union-attr]


async def test_a_form_that_does_not_ask_for_the_wish_leaves_it(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    await wish(client, welcome, missing="title")
    await wish(client, welcome, languages="en")
    assert (await standing(app)).missing == "title"  # type: ignore[union-attr]


async def test_a_wish_that_nobody_offered_is_refused(app: App, client: httpx2.AsyncClient, welcome: Got) -> None:
    before = await everything(app)
    assert (await wish(client, welcome, missing="all")).status_code == 422
    assert await everything(app) == before


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("title", "이 편지의 기본 설정대로 (제목만 싣습니다)"),
        ("omit", "이 편지의 기본 설정대로 (싣지 않습니다)"),
    ],
)
async def test_the_page_says_what_the_letter_does_as_usual(tmp_path: Path, setting: str, said: str) -> None:
    async with open_app(two_lists(tmp_path, f"    missing: {setting}\n"), {}) as app, visitor(app) as client:
        welcome = await come(app, client, list="monthly")
        page = await client.get(welcome.link("/preferences/"))
    assert said in Page(page.text).text


async def test_a_letter_that_only_comes_in_two_languages_asks_for_no_wish(tmp_path: Path) -> None:
    path = two_lists(tmp_path)
    path.write_text(path.read_text("utf-8").replace("languages: [ko, en]\n", 'languages: ["ko+en"]\n'), "utf-8")
    async with open_app(path, {}) as app, visitor(app) as client:
        welcome = await come(app, client, list="monthly", languages="ko+en")
        assert wished(await client.get(welcome.link("/preferences/"))) == {}


async def test_less_often_takes_the_wish_along(app: App, client: httpx2.AsyncClient, welcome: Got) -> None:
    await wish(client, welcome, missing="omit")
    await wish(client, welcome, do="less")
    assert (await standing(app, list_name="monthly")).missing == "omit"  # type: ignore[union-attr]


# ── Fresh links ──────────────────────────────────────────────────────────────


async def test_p6_a_fresh_link_shows_all_that_is_kept_as_json(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    answer = await client.get(f"{await fresh_link(app, client)}/data")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    kept = answer.json()
    assert kept["address"] == ADDRESS
    [shown] = {one["text_version"] for one in kept["consents"]}
    assert "편지를 보내 드리기 위해서입니다" in kept["consent_texts"][shown]["ko"]["purpose"]
    assert [(one["purpose"], one["lists"], one["outcome"]) for one in kept["requests"]] == [
        ("confirm", ["weekly"], "confirmed"),
        ("link", [], None),
    ]


async def test_p6_who_stopped_everything_still_gets_at_what_is_kept_and_no_more_than_once_a_day(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    await client.post(welcome.link("/unsubscribe/"), data={"do": "stop"})
    await post(app)
    link = await fresh_link(app, client)
    assert (await client.get(f"{link}/data")).json()["address"] == ADDRESS
    await client.post("/preferences", data={"email": ADDRESS})
    assert await post(app) == [], "whoever else types the address in writes to them once a day at most"
    await client.post(link, data={"do": "erase", "sure": "yes"})
    assert [letter.to for letter in await post(app)] == [ADDRESS]
    await client.post("/preferences", data={"email": ADDRESS})
    assert await post(app) == [], "nobody is there any more"


async def test_a_fresh_link_is_old_after_an_hour(app: App, client: httpx2.AsyncClient, welcome: Got) -> None:
    link = await fresh_link(app, client)
    async with later(app, minutes=61) as visitor_then:
        assert "오래되어 쓸 수 없는 링크입니다" in (await visitor_then.get(link)).text
        assert (await visitor_then.get(f"{link}/data")).status_code == 404
        await visitor_then.post(link, data={"do": "erase", "sure": "yes"})
    assert (await standing(app)).status is SubscriptionStatus.ACTIVE  # type: ignore[union-attr]


async def test_a_letters_link_is_old_after_three_months_and_then_mails_a_fresh_one(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    link = welcome.link("/preferences/")
    async with later(app, days=88) as then:
        assert "내 구독" in (await then.get(link)).text
    async with later(app, days=98) as then:
        assert "오래되어 쓸 수 없는 링크입니다" in (await then.get(link)).text
        await then.post(link, data={**SAVE, "languages": "en"})
        assert (await standing(app)).languages == "ko"  # type: ignore[union-attr]
        await then.post(link, data={"do": "link"})
        async with app.db.read() as tx:
            kinds = (await tx.exec_driver_sql("SELECT kind FROM deliveries WHERE status = 'waiting'")).scalars().all()
        assert kinds == ["link"]


async def test_p5_erasing_by_a_fresh_link_forgets_the_address(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    answer = await client.post(await fresh_link(app, client), data={"do": "erase", "sure": "yes"})
    assert "개인정보를 삭제하고 있습니다" in answer.text
    async with app.db.read() as tx:
        assert await audience.reachable(tx, "weekly") == {}
    [notice] = await post(app)
    assert notice.to == ADDRESS
    assert await finish_erasures(app.db, now=app.now()) == 1
    assert ADDRESS not in str(await everything(app))


async def test_what_cannot_be_undone_is_asked_once_more(app: App, client: httpx2.AsyncClient, welcome: Got) -> None:
    link = await fresh_link(app, client)
    answer = await client.post(link, data={"do": "erase"})
    assert "되돌릴 수 없으며" in answer.text
    assert (await standing(app)).status is SubscriptionStatus.ACTIVE  # type: ignore[union-attr]
    sure = {field["name"]: field["value"] for field in Page(answer.text).all("input", type="hidden")}
    await client.post(link, data={**sure, "do": "erase"})
    assert await standing(app) is None or (await standing(app)).status is not SubscriptionStatus.ACTIVE  # type: ignore[union-attr]


async def test_who_asks_anew_while_being_erased_is_answered_once_that_is_done(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    await client.post(await fresh_link(app, client), data={"do": "erase", "sure": "yes"})
    await client.post("/subscribe", data=await filled_in(client))
    assert ["삭제 안내" in letter.subject for letter in await post(app)] == [True]
    await finish_erasures(app.db, now=app.now())
    await app.look_after_requests()
    [asked] = await post(app)
    await client.post(asked.link("/confirm/"))
    assert (await standing(app)).status is SubscriptionStatus.ACTIVE  # type: ignore[union-attr]


async def test_a_request_of_before_brings_nobody_back_who_stopped_and_was_erased_then(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    link = await fresh_link(app, client)
    await client.post(welcome.link("/unsubscribe/"), data={"do": "stop"})
    await client.post("/subscribe", data=await filled_in(client))
    asked = next(letter for letter in await post(app) if any(one.startswith("/confirm/") for one in letter.links))
    await client.post(link, data={"do": "erase", "sure": "yes"})
    await client.post(asked.link("/confirm/"))
    async with app.db.read() as tx:
        assert await audience.reachable(tx, "weekly") == {}


async def test_what_is_wrong_with_an_address_is_said_where_one_is_asked_for(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    moving = await client.post(await fresh_link(app, client), data={"do": "move", "email": "foo@@bar"})
    asking = await client.post("/preferences", data={"email": "foo@@bar"})
    assert (moving.status_code, asking.status_code) == (422, 422)
    for answer in (moving, asking):
        assert "주소에 @ 기호가 두 개 이상 있습니다." in answer.text


async def test_unknown_addresses_get_the_same_page_and_no_letter(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    known = await client.post("/preferences", data={"email": ADDRESS})
    unknown = await client.post("/preferences", data={"email": "nobody@readers.example"})
    assert known.text == unknown.text
    assert [letter.to for letter in await post(app)] == [ADDRESS]


# ── Links that do not open ───────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/preferences/", "/confirm/"])
async def test_a_link_that_was_forged_cut_short_or_meant_for_something_else_tells_what_to_do(
    app: App, client: httpx2.AsyncClient, welcome: Got, path: str
) -> None:
    whole = welcome.link("/unsubscribe/").rpartition("/")[2]
    before = await everything(app)
    for token in (whole, whole[:-3], "A" * 47, "%ED%95%9C", whole[::-1]):
        for method in ("GET", "POST"):
            answer = await client.request(method, f"{path}{token}", data={"do": "leave", "list": "weekly"})
            assert answer.status_code == 404, token
            assert "사용할 수 없는 링크입니다" in Page(answer.text).text
    assert await everything(app) == before


async def test_a_confirmation_is_too_late_after_seven_days_and_pressing_twice_is_as_good_as_once(
    app: App, client: httpx2.AsyncClient
) -> None:
    await client.post("/subscribe", data=await filled_in(client))
    [asked] = await post(app)
    link = asked.link("/confirm/")
    async with later(app, days=7, seconds=1) as then:
        assert (await then.post(link)).status_code == 410
    async with later(app, days=6) as then:
        pages = [await then.post(link) for _ in range(2)]
    assert [page.status_code for page in pages] == [200, 200]
    assert len(await post(app)) == 0, "the welcome is due in six days"


async def test_a_confirmation_used_again_after_leaving_brings_nobody_back(app: App, client: httpx2.AsyncClient) -> None:
    await client.post("/subscribe", data=await filled_in(client))
    [asked] = await post(app)
    await client.post(asked.link("/confirm/"))
    [welcome] = await post(app)
    await client.post(welcome.link("/unsubscribe/"))
    assert (await client.post(asked.link("/confirm/"))).status_code == 410
    assert (await standing(app)).status is SubscriptionStatus.ENDED  # type: ignore[union-attr]


# ── Time ─────────────────────────────────────────────────────────────────────


async def test_who_does_not_confirm_is_reminded_once_and_then_let_be(app: App, client: httpx2.AsyncClient) -> None:
    await client.post("/subscribe", data=await filled_in(client))
    await post(app)
    reminded = [await look_after_requests(app.db, now=app.now() + timedelta(days=days)) for days in (1, 2.1, 3, 6)]
    assert reminded == [0, 1, 0, 0]
    await look_after_requests(app.db, now=app.now() + timedelta(days=7.1))
    assert (await standing(app)).status is SubscriptionStatus.EXPIRED  # type: ignore[union-attr]
    await look_after_requests(app.db, now=app.now() + timedelta(days=40))
    assert (await everything(app))["requests"] == []


async def test_who_asked_twice_and_confirmed_once_is_not_reminded(app: App, client: httpx2.AsyncClient) -> None:
    for _ in range(2):
        await client.post("/subscribe", data=await filled_in(client))
    first, _again = await post(app)
    await client.post(first.link("/confirm/"))
    assert await look_after_requests(app.db, now=app.now() + timedelta(days=3)) == 0


async def test_who_refused_is_asked_once_and_never_reminded(app: App, client: httpx2.AsyncClient, welcome: Got) -> None:
    await client.post(welcome.link("/unsubscribe/"))
    await post(app)
    for _ in range(3):
        await client.post("/subscribe", data=await filled_in(client))
    assert len(await post(app)) == 1
    assert await look_after_requests(app.db, now=app.now() + timedelta(days=5)) == 0


async def test_the_token_of_a_test_letter_opens_nothing(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/preferences/test")).status_code == 404
