"""The way back for an address that bounced or complained: an operator opens it, its owner walks it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from publisher.address import parse
from publisher.app import App, open_app
from publisher.errors import NotAllowed, NotFound
from publisher.flows.erase import erase_person, finish_erasures
from publisher.flows.evidence import evidence_of
from publisher.flows.readmit import readmit
from publisher.flows.signup import Application, sign_up
from publisher.store import audience
from subscribers.lifecycle import Refuse
from tests.web.house import visitor
from tests.web.readers import Got, come, filled_in, post, standing, two_lists
from tests.web.test_preferences import ADDRESS


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    async with open_app(two_lists(tmp_path), {}) as app:
        yield app


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    async with visitor(app) as client:
        yield client


async def give_up(app: App, reason: str) -> None:
    one = await standing(app)
    assert one is not None
    async with app.db.begin() as tx:
        reader = await audience.by_id(tx, one.id)
        assert reader is not None
        await audience.suppress(tx, reader.address_hash, reason=reason, means="imap", now=app.now())
        await audience.end(tx, one.id, why=reason, now=app.now())  # type: ignore[arg-type]


async def let_in(app: App) -> str:
    async with app.db.begin() as tx:
        return await readmit(tx, parse(ADDRESS), app.keys[0], who="kim", why="they called", now=app.now())


async def asked(app: App, client: httpx2.AsyncClient) -> list[Got]:
    await client.post("/subscribe", data=await filled_in(client))
    return await post(app)


@pytest.mark.parametrize("reason", ["bounced", "complained"])
async def test_k2_it_takes_an_operator_and_then_the_owners_own_confirmation(
    app: App, client: httpx2.AsyncClient, reason: str
) -> None:
    await come(app, client)
    await give_up(app, reason)
    assert await asked(app, client) == []
    assert await let_in(app) == reason
    application = Application(address=parse(ADDRESS), list="weekly", languages="ko", consent="by telephone")
    async with app.db.begin() as tx:
        assert isinstance(await sign_up(tx, application, app.keys[0], now=app.now()), Refuse)
    [letter] = await asked(app, client)
    await client.post(letter.link("/confirm/"))
    assert (await standing(app)).status == "active"  # type: ignore[union-attr]


async def test_what_was_asked_before_the_operator_s_yes_opens_nothing(app: App, client: httpx2.AsyncClient) -> None:
    [letter] = await asked(app, client)
    await give_up(app, "bounced")
    await let_in(app)
    await client.post(letter.link("/confirm/"))
    assert (await standing(app)).status != "active"  # type: ignore[union-attr]


async def test_who_complains_again_is_out_again(app: App, client: httpx2.AsyncClient) -> None:
    await come(app, client)
    await give_up(app, "complained")
    await let_in(app)
    await give_up(app, "complained")
    assert await asked(app, client) == []


async def test_it_undoes_nobodys_own_word(app: App, client: httpx2.AsyncClient) -> None:
    await come(app, client)
    with pytest.raises(NotFound, match="neither bounced"):
        await let_in(app)
    await give_up(app, "stopped")
    with pytest.raises(NotAllowed, match="only they can undo that"):
        await let_in(app)


async def test_it_is_on_record_and_erasure_takes_the_words_out(app: App, client: httpx2.AsyncClient) -> None:
    await come(app, client)
    await give_up(app, "bounced")
    await let_in(app)

    async def record() -> list[tuple[str, str, str | None]]:
        async with app.db.read() as tx:
            found = await evidence_of(tx, parse(ADDRESS), app.keys[0], ())
        return [(one["reason"], one["who"], one["why"]) for one in found["readmissions"]]

    assert await record() == [("bounced", "kim", "they called")]
    async with app.db.begin() as tx:
        await erase_person(tx, 1, means="page", now=app.now())
    await post(app)
    await finish_erasures(app.db, now=app.now())
    assert await record() == [("bounced", "kim", None)]
