"""Images of entries: copied before a letter needs them, and never in its way."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from PIL import Image

from publisher.archive.source import Gone, Why
from publisher.flows.compose import compose
from publisher.flows.illustrate import illustrate
from publisher.flows.paper import paper_for
from publisher.flows.preflight import preflight
from publisher.flows.release import current_letter
from publisher.flows.withdraw import withdraw
from publisher.model import Held, Images, ImagesAs, Letter, MailingList, Slot, SourceItem, fill
from publisher.net import Fetcher
from publisher.preflight import Colour
from publisher.store import media
from publisher.store.database import Database
from tests.flows.test_preflight import LOOK
from tests.samples import HOUSE, SITE, WEEKLY, at
from tests.samples import fill as put
from tests.samples import item as plain_item
from tests.test_net import Server, page

LIST = replace(WEEKLY, images=Images.FIRST)


def png(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (800, 400), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
async def board() -> AsyncIterator[Server]:
    board = Server()
    server = await asyncio.start_server(board.serve, "127.0.0.1", 0)
    board.port = server.sockets[0].getsockname()[1]
    board.answers = {"/1.png": page(png("teal")), "/2.png": page(png("navy")), "/bad.png": page(b"no picture")}
    yield board
    server.close()


def item(key: int, *places: str) -> SourceItem:
    one = plain_item(key)
    html = "".join(f'<p>글</p><img src="{place}" alt="그림 {key}">' for place in places)
    return replace(one, faces={"ko": replace(one.faces["ko"], html=html)})


async def start(db: Database, *items: SourceItem, held: Held | None = None) -> None:
    async with db.begin() as tx:
        await compose(tx, LIST, by="test", now=at(-1))
    await put(db, *items, held=held)


async def copied(
    db: Database, board: Server, *, archive: str = "director", minute: float = 0, allow: bool = True
) -> int:
    async with Fetcher(allow=[board.place] if allow else []) as fetcher:
        return await illustrate(db, archive, [LIST], fetcher, now=at(minute))


async def letter(db: Database) -> Letter:
    async with db.begin() as tx:
        composed = await compose(tx, LIST, by="test", now=at(2))
        assert composed.edition is not None
        return await current_letter(tx, composed.edition, LIST, HOUSE, "ko")


async def test_the_first_image_of_an_entry_is_copied_and_stands_in_its_letter(db: Database, board: Server) -> None:
    await start(db, item(1, board.url("/1.png"), board.url("/2.png")))
    assert await copied(db, board) == 1
    html = fill((await letter(db)).html, dict.fromkeys(Slot, "x"))
    digest = html.partition(f'src="{SITE.url}/media/')[2][:64]
    assert 'alt="그림 1"' in html
    assert board.place not in html
    async with db.read() as tx:
        kept = await media.get(tx, digest)
    assert kept is not None
    assert (kept.picture.type, kept.picture.width, kept.picture.height) == ("image/png", 592, 296)


async def test_it_is_fetched_once(db: Database, board: Server) -> None:
    await start(db, item(1, board.url("/1.png")), item(2, board.url("/1.png")))
    assert [await copied(db, board), await copied(db, board, minute=60)] == [1, 0]
    assert len(board.asked) == 1


@pytest.mark.parametrize("path", ["/gone.png", "/bad.png"])
async def test_one_that_cannot_be_had_is_tried_three_times_and_stops_no_letter(
    db: Database, board: Server, path: str
) -> None:
    await start(db, item(1, board.url(path)))
    for minute in range(0, 100, 5):
        assert await copied(db, board, minute=minute) == 0
    assert len(board.asked) == 3
    assert "<img" not in fill((await letter(db)).html, dict.fromkeys(Slot, "x"))


async def test_what_became_secret_is_served_no_longer_unless_another_entry_shows_it(
    db: Database, board: Server
) -> None:
    await start(db, item(1, board.url("/1.png")), item(2, board.url("/2.png")), item(3, f"{board.url('/2.png')}?again"))
    board.answers["/2.png?again"] = board.answers["/2.png"]
    assert await copied(db, board) == 3
    async with db.begin() as tx:
        gone = [Gone(source_key=key, url="https://x.example/", reason=Why.SECRET) for key in ("1", "2")]
        await withdraw(tx, "director", gone, believed=False, now=at(5))
    async with db.read() as tx:
        left = await media.copies_of(tx, [board.url("/1.png"), board.url("/2.png"), board.url("/2.png?again")])
        kept = await media.get(tx, next(iter(left.values())).hash)
    assert list(left) == [board.url("/2.png?again")]
    assert kept is not None


async def test_nothing_private_is_fetched_that_is_not_allowed(db: Database, board: Server) -> None:
    await start(db, item(1, board.url("/1.png")))
    assert await copied(db, board, allow=False) == 0
    assert board.asked == []


async def test_what_one_archive_is_allowed_is_not_visited_for_another(db: Database, board: Server) -> None:
    await start(db, item(1, board.url("/1.png")))
    assert await copied(db, board, archive="columns") == 0
    assert board.asked == []
    assert await copied(db, board) == 1, "and was not counted as a try"


async def test_what_found_no_time_is_fetched_at_the_next_look(db: Database, board: Server) -> None:
    await start(db, item(1, board.url("/1.png")))
    async with Fetcher(allow=[board.place]) as fetcher:
        assert await illustrate(db, "director", [LIST], fetcher, now=at(), patience=0) == 0
    assert await copied(db, board) == 1


async def test_what_no_letter_waits_for_is_not_fetched(db: Database, board: Server) -> None:
    await start(db, item(1, board.url("/1.png")), held=Held.OLD)
    assert await copied(db, board) == 0
    async with Fetcher(allow=[board.place]) as fetcher:
        assert await illustrate(db, "director", [WEEKLY], fetcher, now=at()) == 0
    assert board.asked == []


# ── Within each copy ─────────────────────────────────────────────────────────

WITHIN = replace(LIST, images_as=ImagesAs.INLINE)


async def images_within(db: Database, one: Letter, mailing_list: MailingList | None) -> int:
    async with db.read() as tx:
        paper = await paper_for(tx, one, SITE, mailing_list)
    values = dict.fromkeys(Slot, f"{SITE.url}/x")
    return paper.copy(recipient="hana@reader.example", message_id="<a@x.example>", date=at(), values=values).count(
        b"Content-ID: "
    )


async def test_a_list_may_have_images_within_each_copy_and_a_letter_to_one_person_has_none(
    db: Database, board: Server
) -> None:
    await start(db, item(1, board.url("/1.png")))
    await copied(db, board)
    one = await letter(db)
    assert [await images_within(db, one, which) for which in (WITHIN, LIST, None)] == [1, 0, 0]


async def test_preflight_finds_nothing_wrong_with_images_within(db: Database, board: Server) -> None:
    await start(db, item(1, board.url("/1.png")))
    await copied(db, board)
    async with db.begin() as tx:
        edition = (await compose(tx, WITHIN, by="test", now=at(2))).edition
    assert edition is not None
    report = await preflight(db, edition, WITHIN, LOOK, now=at(3))
    assert report.colour is Colour.GREEN


async def test_an_image_that_became_secret_goes_along_no_more(db: Database, board: Server) -> None:
    await start(db, item(1, board.url("/1.png")))
    await copied(db, board)
    one = await letter(db)
    async with db.begin() as tx:
        gone = [Gone(source_key="1", url="https://x.example/", reason=Why.SECRET)]
        await withdraw(tx, "director", gone, believed=False, now=at(5))
    assert await images_within(db, one, WITHIN) == 0
