"""K3, K6, K8, G2, G3, G5, P8, P10: refusing and answering from a clean browser, and what letters do not hold."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from publisher.app import App
from publisher.delivery.envelope import Stationery
from publisher.digest.render import compose_letters
from publisher.flows.deliver import deliver
from publisher.flows.unsubscribe import unsubscribe
from publisher.model import Classification, Slot
from publisher.store.database import Database
from publisher.store.tables import consents
from subscribers.tokens import Purpose
from tests.delivery.post import Road, post_office
from tests.law.people import drafted, released
from tests.samples import SITE, WEEKLY, at, enlist
from tests.web.house import Page, subscribe, subscription, visitor

KEYS = ("ko", "en", "ko+en", "en+ko")
LINK = "https://letters.hanbit-peace.example/unsubscribe/abc-DEF_123"


async def test_k3_e_mail_is_exempt_from_the_quiet_hours(db: Database, tmp_path: Path) -> None:
    await enlist(db, "kim@reader.example")
    await released(db, Classification.INFORMATION)
    road = Road()
    await deliver(await post_office(db, tmp_path, road, minute=60 * 14))  # 11 at night in Seoul
    assert len(road.carried) == 1


async def test_k6_refusing_takes_one_post_without_cookie_account_or_form(app: App) -> None:
    token = await subscribe(app)
    async with visitor(app) as client:
        answer = await client.post(f"/unsubscribe/{token}")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert (await subscription(app)).status == "ended"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_g2_looking_at_the_link_changes_nothing(app: App, method: str) -> None:
    token = await subscribe(app)
    async with visitor(app) as client:
        assert (await client.request(method, f"/unsubscribe/{token}")).status_code == 200
    assert (await subscription(app)).status == "active"


async def test_g2_the_link_is_literal_in_the_header_and_one_click_is_announced(db: Database) -> None:
    content = await copy_of(db, "ko")
    assert f"List-Unsubscribe: <{LINK}>".encode() in content
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in content


async def test_g3_a_refusal_stops_what_is_queued_already(db: Database, tmp_path: Path) -> None:
    token_id = await enlist(db, "kim@reader.example")
    await released(db, Classification.INFORMATION)
    async with db.begin() as tx:
        await unsubscribe(tx, token_id, means="one-click", now=at(4))
    road = Road()
    await deliver(await post_office(db, tmp_path, road))
    assert road.carried == []


@pytest.mark.parametrize("key", KEYS)
async def test_g5_the_way_out_is_visible_in_both_parts_within_what_gmail_shows(db: Database, key: str) -> None:
    letter = compose_letters(await drafted(db), WEEKLY, SITE, [key])[key]
    for run in (letter.html, letter.text):
        assert Slot.UNSUBSCRIBE in run
        shown = "".join("" if isinstance(piece, Slot) else piece for piece in run)
        assert len(shown.encode()) < 102 * 1024


@pytest.mark.parametrize("key", KEYS)
async def test_p10_letters_hold_no_pixel_and_no_rewritten_link(db: Database, key: str) -> None:
    letter = compose_letters(await drafted(db), WEEKLY, SITE, [key])[key]
    html = "".join(piece for piece in letter.html if not isinstance(piece, Slot))
    assert "<img" not in html
    assert "url(" not in html
    links = re.findall(r'href="(https?://[^"]+)"', html)
    assert links
    assert {link.split("/")[2] for link in links} == {"letters.hanbit-peace.example"}
    assert not any("?" in link and "letter=" not in link for link in links), "nothing is counted"


# ── K8: the answer ───────────────────────────────────────────────────────────


async def asked(app: App) -> str:
    """A reader who agreed to advertising; gives the path of their answer."""
    await subscribe(app)
    found = await subscription(app)
    async with app.db.begin() as tx:
        row = {"subscription_id": found.id, "scope": "advertising", "event": "given", "at": at(), "means": "page"}
        await tx.execute(insert(consents).values(row))
    return f"/keep/{app.token(Purpose.KEEP, found.token_id)}?language=en"


async def said(app: App) -> list[str]:
    async with app.db.read() as tx:
        wanted = select(consents.c.event).where(consents.c.scope == "advertising").order_by(consents.c.id)
        return list((await tx.execute(wanted)).scalars())


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_k8_looking_at_the_question_answers_nothing(app: App, method: str) -> None:
    path = await asked(app)
    async with visitor(app) as client:
        answer = await client.request(method, path)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert await said(app) == ["given"]


@pytest.mark.parametrize(
    ("answer", "record", "told"),
    [
        ("keep", ["given", "confirmed"], "Your consent has been renewed as of today."),
        ("end", ["given", "withdrawn"], "You have not agreed to receive advertising from us"),
        ("", ["given"], "Does your consent still stand?"),
        ("maybe", ["given"], "Does your consent still stand?"),
    ],
)
async def test_k8_a_button_keeps_the_consent_or_takes_it_back(
    app: App, answer: str, record: list[str], told: str
) -> None:
    path = await asked(app)
    async with visitor(app) as client:
        page = Page((await client.post(path, data={"answer": answer})).text)
    assert told in page.text
    assert await said(app) == record


async def test_k8_an_old_letter_does_not_bring_a_consent_back(app: App) -> None:
    path = await asked(app)
    async with visitor(app) as client:
        await client.post(path, data={"answer": "end"})
        page = Page((await client.post(path, data={"answer": "keep"})).text)
        looked = Page((await client.get(path)).text)
    assert "You have not agreed to receive advertising from us" in page.text
    assert "You have not agreed to receive advertising from us" in looked.text
    assert await said(app) == ["given", "withdrawn"]


@pytest.mark.parametrize("purpose", [Purpose.UNSUBSCRIBE, Purpose.PREFERENCES])
async def test_k8_a_link_for_something_else_opens_nothing(app: App, purpose: Purpose) -> None:
    await asked(app)
    token = app.token(purpose, (await subscription(app)).token_id)
    async with visitor(app) as client:
        assert (await client.post(f"/keep/{token}", data={"answer": "end"})).status_code == 404
    assert await said(app) == ["given"]


async def copy_of(db: Database, key: str) -> bytes:
    edition = replace(await drafted(db), classification=Classification.INFORMATION)
    letter = compose_letters(edition, WEEKLY, SITE, [key])[key]
    return Stationery(letter=letter, site=SITE, list=WEEKLY).copy(
        recipient="kim@reader.example", message_id="<1@letters.example>", date=at(), values=dict.fromkeys(Slot, LINK)
    )
