"""Moving to another address: it has to confirm, the old one is told, and nothing leads back to the old one."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from publisher.address import parse
from publisher.app import App, open_app
from publisher.flows.erase import finish_erasures
from publisher.flows.signup import Application, sign_up
from publisher.model import DeliveryStatus
from publisher.store import audience, erasure, evidence, outbox
from subscribers.lifecycle import Refuse
from subscribers.model import SubscriptionStatus
from tests.samples import item
from tests.web.house import compose, publish, release, visitor
from tests.web.readers import Got, come, post, standing, two_lists
from tests.web.test_preferences import ADDRESS, fresh_link

NEW = "haneul@known.example"


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


async def test_another_address_has_to_confirm_and_the_old_one_is_told(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    link = await fresh_link(app, client)
    await client.post(link, data={"do": "move", "email": "haneul@new.example"})
    [asked] = await post(app)
    assert asked.to == "haneul@new.example"
    assert (await standing(app)).status is SubscriptionStatus.ACTIVE  # type: ignore[union-attr]
    await client.post(asked.link("/confirm/"))
    [told] = await post(app)
    assert told.to == ADDRESS
    assert await standing(app) is None
    assert (await standing(app, "haneul@new.example")).status is SubscriptionStatus.ACTIVE  # type: ignore[union-attr]
    await client.post(welcome.link("/unsubscribe/"))
    assert (await standing(app, "haneul@new.example")).status is SubscriptionStatus.ENDED  # type: ignore[union-attr]


async def test_a_link_asks_three_other_addresses_a_day_and_no_more(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    link = await fresh_link(app, client)
    for number in range(8):
        await client.post(link, data={"do": "move", "email": f"stranger{number}@new.example"})
    assert len(await post(app)) == 3


async def test_after_a_move_no_file_brings_the_old_address_back(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    link = await fresh_link(app, client)
    await client.post(link, data={"do": "move", "email": "haneul@new.example"})
    [asked] = await post(app)
    await client.post(asked.link("/confirm/"))
    back = Application(address=parse(ADDRESS), list="weekly", languages="ko", consent="an older file", means="import")
    async with app.db.begin() as tx:
        assert isinstance(await sign_up(tx, back, app.keys[0], now=app.now()), Refuse)
        assert await audience.reachable(tx, "weekly") == {"ko": 1}, "at the new address"


async def test_a_copy_that_waits_goes_to_the_new_address(app: App, client: httpx2.AsyncClient, welcome: Got) -> None:
    link = await fresh_link(app, client)
    await client.post(link, data={"do": "move", "email": "haneul@new.example"})
    [asked] = await post(app)
    edition = await release(app, await compose(app, *await publish(app, item(1))))
    async with app.db.begin() as tx:
        await outbox.enqueue_edition(tx, edition.id, "weekly", now=app.now(), due_at=app.now())
    await client.post(asked.link("/confirm/"))
    async with app.db.read() as tx:
        copies = await outbox.copies(tx, edition.id)
    assert [(copy.address, copy.status) for copy in copies] == [("haneul@new.example", DeliveryStatus.WAITING)]


async def test_after_a_move_a_link_that_went_to_the_old_address_opens_no_data(
    app: App, client: httpx2.AsyncClient, welcome: Got
) -> None:
    link = await fresh_link(app, client)
    await client.post(link, data={"do": "move", "email": "haneul@new.example"})
    [asked] = await post(app)
    await client.post(asked.link("/confirm/"))
    await post(app)
    assert (await client.get(f"{link}/data")).status_code == 404
    await client.post(link, data={"do": "erase", "sure": "yes"})
    await client.post(link, data={"do": "move", "email": "mallory@elsewhere.example"})
    assert await post(app) == []
    assert (await standing(app, "haneul@new.example")).status is SubscriptionStatus.ACTIVE  # type: ignore[union-attr]


@pytest.fixture
async def handed_over(app: App, client: httpx2.AsyncClient, welcome: Got) -> Got:
    """The welcome of somebody whose letters now go to an address that got another list already."""
    await come(app, client, NEW, list="monthly")
    link = await fresh_link(app, client)
    await client.post(link, data={"do": "move", "email": NEW})
    [asked] = await post(app)
    await client.post(asked.link("/confirm/"))
    await post(app)
    return welcome


async def test_an_old_letters_link_leaves_at_the_address_that_took_the_list_over(
    app: App, client: httpx2.AsyncClient, handed_over: Got
) -> None:
    assert (await standing(app, NEW)).status is SubscriptionStatus.ACTIVE  # type: ignore[union-attr]
    await client.post(handed_over.link("/unsubscribe/"))
    assert (await standing(app, NEW)).ended_why == "unsubscribed"  # type: ignore[union-attr]
    assert (await standing(app, NEW, "monthly")).status is SubscriptionStatus.ACTIVE  # type: ignore[union-attr]
    assert [letter.to for letter in await post(app)] == [NEW]


async def test_an_old_letters_link_stops_everything_there_too(
    app: App, client: httpx2.AsyncClient, handed_over: Got
) -> None:
    await client.post(handed_over.link("/unsubscribe/"), data={"do": "stop"})
    async with app.db.read() as tx:
        assert await audience.reachable(tx, "weekly") == await audience.reachable(tx, "monthly") == {}


async def test_who_moved_there_and_back_leaves_by_the_first_letter_of_all(
    app: App, client: httpx2.AsyncClient, handed_over: Got
) -> None:
    link = await fresh_link(app, client, NEW)
    later = replace(app, clock=replace(app.clock, offset=timedelta(minutes=1)))
    async with visitor(later) as then:
        await then.post(link, data={"do": "move", "email": ADDRESS})
        [asked] = await post(later)
        await then.post(asked.link("/confirm/"))
        await then.post(handed_over.link("/unsubscribe/"))
    assert (await standing(app)).status is not SubscriptionStatus.ACTIVE  # type: ignore[union-attr]


async def test_nothing_of_the_old_address_is_left_after_a_month_and_its_links_still_work(
    app: App, client: httpx2.AsyncClient, handed_over: Got
) -> None:
    async with app.db.begin() as tx:
        assert await erasure.forget_moved(tx, before=app.now() - timedelta(days=30), now=app.now()) == 0
        assert await erasure.forget_moved(tx, before=app.now(), now=app.now()) == 1
        assert (await evidence.person(tx, subscriber_id=1) or {})["address"] is None
    await client.post(handed_over.link("/unsubscribe/"))
    assert (await standing(app, NEW)).ended_why == "unsubscribed"  # type: ignore[union-attr]


async def test_p5_erasing_takes_out_who_they_were_before_they_moved(
    app: App, client: httpx2.AsyncClient, handed_over: Got
) -> None:
    await client.post(await fresh_link(app, client, NEW), data={"do": "erase", "sure": "yes"})
    assert {letter.to for letter in await post(app)} == {ADDRESS, NEW}
    assert await finish_erasures(app.db, now=app.now()) == 2
