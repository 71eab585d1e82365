"""Asking: the same answer for everybody, nothing without the law's ticks, one letter, one POST."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from publisher.app import App, open_app
from subscribers.model import SubscriptionStatus
from tests.web.house import Page, visitor
from tests.web.readers import come, everything, filled_in, post, standing, two_lists

ADDRESS = "haneul@readers.example"
CROSS = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    async with open_app(two_lists(tmp_path), {}) as app:
        yield app


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    async with visitor(app) as client:
        yield client


async def test_asking_and_confirming_puts_a_reader_on_the_list_and_welcomes_them(
    app: App, client: httpx2.AsyncClient
) -> None:
    answer = await client.post("/subscribe", data=await filled_in(client, ADDRESS, languages="en+ko"))
    assert answer.status_code == 200
    assert (await standing(app)).status is SubscriptionStatus.PENDING  # type: ignore[union-attr]
    [asked] = await post(app)
    assert (asked.to, asked.subject) == (ADDRESS, "Please confirm your subscription: Hanbit Peace Institute")
    confirmed = await client.post(asked.link("/confirm/"))
    assert "Your subscription is confirmed" in confirmed.text
    [welcome] = await post(app)
    assert "letters@hanbit-peace.example" in welcome.text
    found = await standing(app)
    assert found is not None
    assert (found.status, found.languages) == (SubscriptionStatus.ACTIVE, "en+ko")
    assert (await client.get(welcome.link("/preferences/"))).status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email", " ", "이메일 주소를 입력해 주세요. 예: 이름@example.org"),
        ("email", "no address", "주소에 @ 기호가 없습니다. 이름@example.org와 같은 형식으로 입력해 주세요."),
        ("email", "foo@@bar", "주소에 @ 기호가 두 개 이상 있습니다."),
        ("email", "kim@x.example\r\nBcc: all@x.example", "주소에 @ 기호가 두 개 이상 있습니다."),
        ("email", "kim lee@x.example", "주소에 빈칸이 있습니다."),
        ("email", "kim@hanbit", "@ 뒷부분이 완전하지 않습니다."),
        ("email", "kim\x00@x.example", "편지를 보낼 수 있는 이메일 주소가 아닙니다."),
        ("list", "nothing of that name", "편지를 하나 이상 골라 주세요."),
        ("age", "-", "만 14세 이상만 구독하실 수 있습니다."),
        ("agree", "-", "개인정보 안내를 읽고 동의하시면 표시해 주세요."),
        ("version", "an older text", "이 안내는 페이지를 여신 뒤에 바뀌었습니다."),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    app: App, client: httpx2.AsyncClient, field: str, value: str, said: str
) -> None:
    before = await everything(app)
    answer = await client.post("/subscribe", data=await filled_in(client, ADDRESS, **{field: value}))
    assert answer.status_code == 422
    assert said in Page(answer.text).text
    assert await everything(app) == before


async def test_languages_that_a_chosen_list_does_not_have_are_told(app: App, client: httpx2.AsyncClient) -> None:
    fields = await filled_in(client, ADDRESS, list="monthly", languages="ko+en")
    answer = await client.post("/subscribe", data=fields)
    assert answer.status_code == 422
    assert "이 언어로 나오지 않는 것이 있습니다" in answer.text


@pytest.mark.parametrize("headers", [{}, CROSS])
async def test_what_was_agreed_to_before_the_text_changed_has_to_be_agreed_to_anew(
    client: httpx2.AsyncClient, tmp_path: Path, headers: dict[str, str]
) -> None:
    before = await filled_in(client, ADDRESS, list="monthly", languages="en", advertising="yes")
    changed = "subscribers: {consent: {purpose: {ko: 새 목적, en: New}, advertising: {ko: 새 광고, en: New}}}\n"
    async with open_app(two_lists(tmp_path, changed), {}) as app, visitor(app) as client:
        answer = await client.post("/subscribe", data=before, headers=headers)
        page = Page(answer.text)
        assert answer.status_code == 422
        assert "이 안내는 페이지를 여신 뒤에 바뀌었습니다. 다시 읽고 새로 정해 주세요." in page.text
        assert "새 목적" in page.text
        assert [one["name"] for one in page.all("input") if "checked" in one and one["type"] == "checkbox"] == [
            "list",
            "age",
        ]
        assert page.all("input", name="email")[0]["value"] == ADDRESS
        assert [one["value"] for one in page.all("input", type="radio") if "checked" in one] == ["en"]
        assert await post(app) == []
        fresh = {one["name"]: one["value"] for one in page.all("input", name="version")}
        again = await client.post("/subscribe", data={**before, **fresh}, headers=headers)
        assert again.status_code == 200
        assert len(await post(app)) == 1


async def test_what_else_is_wrong_leaves_a_tick_of_this_text_where_it_is(client: httpx2.AsyncClient) -> None:
    page = Page((await client.post("/subscribe", data=await filled_in(client, "no address"))).text)
    assert "checked" in page.all("input", name="agree")[0]


async def test_lists_have_one_order_on_every_page_and_in_every_letter(app: App, client: httpx2.AsyncClient) -> None:
    fields = {**await filled_in(client, ADDRESS), "list": ["monthly", "weekly"]}
    await client.post("/subscribe", data=fields)
    [asked] = await post(app)
    confirmed = Page((await client.post(asked.link("/confirm/"))).text)
    [welcome] = await post(app)
    own = Page((await client.get(welcome.link("/preferences/"))).text)
    assert "주간 브리핑, 월간 브리핑" in " ".join(asked.text.split())
    assert "주간 브리핑, 월간 브리핑" in " ".join(welcome.text.split())
    assert "주간 브리핑 월간 브리핑" in confirmed.text
    assert [one["value"] for one in own.all("input", type="hidden", name="list")] == ["weekly", "monthly"]


# ── No oracle ────────────────────────────────────────────────────────────────


async def test_known_and_unknown_addresses_get_the_same_page_and_the_same_row(
    app: App, client: httpx2.AsyncClient
) -> None:
    await come(app, client)
    known = await client.post("/subscribe", data=await filled_in(client))
    unknown = await client.post("/subscribe", data=await filled_in(client, "byul@readers.example"))
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    letters = {one.to: one for one in await post(app)}
    assert "이미 구독하고 계십니다" in letters[ADDRESS].subject
    assert "구독 신청을 확인해 주세요" in letters["byul@readers.example"].subject


async def test_who_is_subscribed_already_is_told_so_once_a_day(app: App, client: httpx2.AsyncClient) -> None:
    await come(app, client)
    for _ in range(3):
        await client.post("/subscribe", data=await filled_in(client))
    assert len(await post(app)) == 1


async def test_one_address_gets_three_letters_a_day_however_often_it_is_typed(
    app: App, client: httpx2.AsyncClient
) -> None:
    answers = [await client.post("/subscribe", data=await filled_in(client)) for _ in range(5)]
    assert len({answer.text for answer in answers}) == 1
    assert len(await post(app)) == 3


async def test_the_bait_is_taken_by_programs_only(app: App, client: httpx2.AsyncClient) -> None:
    real = await client.post("/subscribe", data=await filled_in(client, "byul@readers.example"))
    assert len(await post(app)) == 1
    before = await everything(app)
    baited = await client.post("/subscribe", data=await filled_in(client, website="https://spam.example"))
    assert baited.text == real.text
    assert await everything(app) == before


# ── Too often ────────────────────────────────────────────────────────────────


async def knock(client: httpx2.AsyncClient, times: int) -> httpx2.Response:
    for number in range(times):
        answer = await client.post("/subscribe", data=await filled_in(client, f"reader{number}@readers.example"))
    return answer


async def test_near_the_limit_a_proof_is_asked_and_taken_once(app: App, client: httpx2.AsyncClient) -> None:
    slowed = await knock(client, 11)
    assert slowed.status_code == 429
    assert "script-src 'self'" in slowed.headers["content-security-policy"]
    fields = {one["name"]: one["value"] for one in Page(slowed.text).all("input", type="hidden")}
    assert fields["email"] == "reader10@readers.example"
    numbers = range(10**9)
    hashes = ((n, hashlib.sha256(f"{fields['challenge']}:{n}".encode()).digest()) for n in numbers)
    answer = next(str(n) for n, digest in hashes if digest[:2] == b"\0\0")
    assert (await client.post("/subscribe", data={**fields, "answer": "x"})).status_code == 429
    assert (await client.post("/subscribe", data={**fields, "answer": answer})).status_code == 200
    assert (await client.post("/subscribe", data={**fields, "answer": answer})).status_code == 429
    assert len(await post(app)) == 11


async def test_a_challenge_of_ones_own_making_is_worth_nothing(client: httpx2.AsyncClient) -> None:
    await knock(client, 11)
    fields = await filled_in(client, challenge="A" * 43, answer="1")
    assert (await client.post("/subscribe", data=fields)).status_code == 429


# ── Other sites ──────────────────────────────────────────────────────────────


async def test_a_form_on_another_site_is_taken(app: App, client: httpx2.AsyncClient) -> None:
    answer = await client.post("/subscribe", data=await filled_in(client), headers=CROSS)
    assert answer.status_code == 200
    assert len(await post(app)) == 1


async def test_the_form_to_be_embedded_holds_all_that_ours_does(client: httpx2.AsyncClient) -> None:
    page = Page((await client.get("/subscribe/form")).text)
    inside = Page(page.text)
    assert [one["action"] for one in inside.all("form")] == [
        "https://letters.hanbit-peace.example/subscribe?language=ko"
    ]
    names = {one.get("name") for one in inside.all("input")}
    assert {"email", "list", "agree", "age", "version"} <= names
    assert "이용 목적" in inside.text


async def test_a_short_form_of_another_site_is_completed_on_our_page(app: App, client: httpx2.AsyncClient) -> None:
    answer = await client.post("/subscribe", data={"email": ADDRESS}, headers=CROSS)
    page = Page(answer.text)
    assert answer.status_code == 200
    assert page.all("input", name="email")[0]["value"] == ADDRESS
    assert not page.all("p", role="alert")
    assert await post(app) == []


async def test_a_box_ticked_beside_no_text_of_ours_is_shown_empty(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/subscribe", data={"email": ADDRESS, "agree": "yes", "age": "yes"}, headers=CROSS)
    page = Page(answer.text)
    assert ["checked" in page.all("input", name=name)[0] for name in ("agree", "age")] == [False, True]


async def test_no_other_form_may_stand_on_another_site(app: App, client: httpx2.AsyncClient) -> None:
    await client.post("/subscribe", data=await filled_in(client))
    [asked] = await post(app)
    assert (await client.post(asked.link("/confirm/"), headers=CROSS)).status_code == 403
    assert (await client.post("/preferences", data={"email": ADDRESS}, headers=CROSS)).status_code == 403
    assert (
        await client.post(asked.link("/confirm/"), headers={"Origin": "https://elsewhere.example"})
    ).status_code == 403
    assert (await standing(app)).status is SubscriptionStatus.PENDING  # type: ignore[union-attr]


@pytest.mark.parametrize("body", [b"\xff\xfe=\xc7\xd1", b"a" * 20_000, b"&".join([b"a=1"] * 500), b"email"])
async def test_whatever_is_sent_gets_a_page(client: httpx2.AsyncClient, body: bytes) -> None:
    answer = await client.post("/subscribe", content=body)
    assert answer.status_code in (200, 413, 422)
    assert "<h1" in answer.text
