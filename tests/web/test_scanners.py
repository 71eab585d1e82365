"""Mail programs and scanners open every link of every letter, and the pages behind them: that changes nothing."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from publisher.app import App, open_app
from publisher.flows.alarm import EXAMPLE
from publisher.flows.lapse import look_after_requests
from publisher.flows.notify import ask_again, tell_results
from publisher.model import DeliveryKind
from publisher.store import outbox
from tests.samples import item
from tests.web.house import LISTENING, Page, compose, publish, release, visitor
from tests.web.readers import come, everything, filled_in, post, read, two_lists

MORE = "subscribers: {consent: {advertising: {ko: 행사 안내도 받겠습니다.}}}\n"
SOON_TWO_YEARS = timedelta(days=2 * 365 - 20)


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    async with open_app(two_lists(tmp_path, MORE), {}) as app:
        yield app


async def test_a_scanner_that_opens_every_link_of_every_letter_of_every_kind_changes_nothing(app: App) -> None:
    async with visitor(app) as client:
        await write_to_readers(app, client)
    await write_an_edition(app)
    await write_an_alarm(app)
    later = replace(app, clock=replace(app.clock, offset=SOON_TWO_YEARS))
    await ask_again(later.desk, now=later.now())
    await tell_results(later.desk, now=later.now())
    await post(later)
    assert await kinds_sent(app) == set(DeliveryKind)

    letters = [read(path) for path in sorted(app.mailbox.glob("*.eml"))]
    before = await everything(app)
    async with visitor(app) as client:
        seen = await crawl(client, [path for letter in letters for path in letter.links])
    assert {path.split("/")[1].partition("?")[0] for path in seen} >= {
        *("confirm", "preferences", "unsubscribe", "subscribe", "keep", "ko", "en"),
    }
    assert await everything(app) == before


async def write_to_readers(app: App, client: httpx2.AsyncClient) -> None:
    """One who does not confirm, one who stays and asks for a link, one who left."""
    await client.post("/subscribe", data=await filled_in(client))
    await post(app)
    await look_after_requests(app.db, now=app.now() + timedelta(days=2.1))
    await come(app, client, "byul@readers.example", advertising="yes", languages="ko+en")
    gone = await come(app, client, "sora@readers.example")
    await client.post(gone.link("/unsubscribe/"))
    await client.post("/preferences", data={"email": "byul@readers.example"})
    await tell_results(app.desk, now=app.now())
    await post(app)


async def write_an_edition(app: App) -> None:
    edition = await release(app, await compose(app, *await publish(app, item(1))))
    now, byul = app.now(), "byul@readers.example"
    async with app.db.begin() as tx:
        await outbox.enqueue_edition(tx, edition.id, "weekly", now=now, due_at=now)
        await outbox.enqueue_test(
            tx, edition.id, cause="1", address=byul, address_hash="of byul", language_key="ko", now=now
        )
    await post(app)


async def write_an_alarm(app: App) -> None:
    to = "operator@hanbit-peace.example"
    async with app.db.begin() as tx:
        await outbox.enqueue_letter(
            tx,
            DeliveryKind.ALARM,
            cause="1",
            facts=EXAMPLE,
            address=to,
            address_hash="of an operator",
            language_key="ko+en",
            now=app.now(),
        )


async def kinds_sent(app: App) -> set[str]:
    async with app.db.read() as tx:
        wanted = "SELECT DISTINCT kind FROM deliveries WHERE status = 'sent'"
        return set((await tx.exec_driver_sql(wanted)).scalars())


async def crawl(client: httpx2.AsyncClient, paths: list[str]) -> set[str]:
    seen: set[str] = set()
    while paths:
        path = paths.pop()
        if path in seen or not path.startswith("/"):
            continue
        seen.add(path)
        await client.head(path)
        answer = await client.get(path)
        if "html" in answer.headers.get("content-type", ""):
            found = (str(answer.url.join(link)) for link in Page(answer.text).links() if not link.startswith("mailto:"))
            paths += [link.removeprefix(LISTENING) for link in found if link.startswith(LISTENING)]
    return seen
