"""Sending: a whole delivery, and the road alone, beside aiosmtplib's own `sendmail` with the same bytes."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiosmtplib import SMTP

from publisher.delivery.smtp import SmtpTransport
from publisher.delivery.transport import Accepted, Envelope
from publisher.flows import deliver as flow
from publisher.store.database import open_database
from tests.bench.delivering import deliver
from tests.bench.house import copy_of, folder, make_outbox, url_of
from tests.bench.measure import FASTER, Row, Sizes, Target, Work, at_least, check
from tests.bench.process import CONNECTIONS, Sink, profile, running_sink
from tests.bench.sink import checksum
from tests.delivery.post import Road, post_office


@dataclass(frozen=True, kw_only=True)
class _Post:
    """An outbox, the copies that it makes, and where they go."""

    store: Path
    copies: Sequence[Envelope]
    sink: Sink

    def cost(self, send: Callable[[], Coroutine[Any, Any, object]]) -> float:
        """Seconds per copy; every copy must have come whole, once."""
        began = time.perf_counter()
        asyncio.run(send())
        took = time.perf_counter() - began
        expected = checksum((one.recipient.encode(), _dotted(one.content)) for one in self.copies)
        everybody = len(self.copies)
        came = self.sink.taken()
        check(
            came == {"copies": everybody, "recipients": everybody, "sum": expected},
            f"{everybody} copies were sent, but {came} came",
        )
        return took / everybody


def end_to_end(*, pipelining: bool, delay: float = 0.0) -> Row:
    """Claim, seal, send, settle, as `flows.deliver` does it."""
    server = "PIPELINING" if pipelining else "no PIPELINING"
    server += f", answers after {1000 * delay:.0f} ms" if delay else ""

    @contextmanager
    def row(sizes: Sizes) -> Iterator[Work]:
        with _post(sizes.copies, pipelining=pipelining, delay=delay) as post:

            def ours() -> float:
                store = copy_of(post.store)
                return post.cost(lambda: deliver(store, post.sink.port))

            yield _work(f"deliver end to end, {server}", post, ours, FASTER)

    return row


@contextmanager
def transport(sizes: Sizes) -> Iterator[Work]:
    """The road alone, with finished copies."""
    with _post(sizes.copies, pipelining=True) as post:
        yield _work(
            "SMTP transport alone, PIPELINING",
            post,
            lambda: post.cost(lambda: by_our_road(post.copies, post.sink.port)),
            at_least(3.5),
        )


def _work(name: str, post: _Post, ours: Callable[[], float], target: Target) -> Work:
    return Work(
        name=name,
        peer="aiosmtplib.sendmail, same bytes",
        ours=ours,
        theirs=lambda: post.cost(lambda: _by_sendmail(post.copies, post.sink.port)),
        target=target,
    )


@contextmanager
def _post(copies: int, *, pipelining: bool, delay: float = 0.0) -> Iterator[_Post]:
    with folder() as place, running_sink(pipelining=pipelining, delay=delay) as sink:
        store = make_outbox(place / "outbox.db", copies)
        yield _Post(store=store, copies=asyncio.run(_finished(copy_of(store))), sink=sink)


def finished_copies(count: int) -> Sequence[Envelope]:
    """Copies of a usual edition, ready to go."""
    with folder() as place:
        return asyncio.run(_finished(make_outbox(place / "outbox.db", count)))


async def _finished(store: Path) -> Sequence[Envelope]:
    """The copies of an outbox, ready to go: the same bytes whenever they are made."""
    db = await open_database(url_of(store))
    road = Road(connections=CONNECTIONS)
    await flow.deliver(await post_office(db, store.parent / "journal", road))
    await db.close()
    return road.carried


# ── The two senders ──────────────────────────────────────────────────────────


async def by_our_road(copies: Sequence[Envelope], port: int) -> None:
    """Hand them all over; each must be accepted."""
    road = SmtpTransport(profile(port))
    left = iter(copies)

    async def one_after_another() -> None:
        for copy in left:
            check(isinstance(await road.send(copy, _nothing), Accepted), "a copy was refused")

    await asyncio.gather(*[one_after_another() for _ in range(road.connections)])
    await road.close()


async def _nothing(_envelope: Envelope) -> None:
    """No journal, as `sendmail` keeps none."""


async def _by_sendmail(copies: Sequence[Envelope], port: int) -> None:
    left = iter(copies)

    async def one_after_another() -> None:
        # Plain, and named: it would ask for STARTTLS, and the resolver for our own name.
        async with SMTP(hostname="127.0.0.1", port=port, start_tls=False, local_hostname="bench.example") as client:
            for copy in left:
                await client.sendmail(copy.sender, [copy.recipient], copy.content)

    await asyncio.gather(*[one_after_another() for _ in range(CONNECTIONS)])


def _dotted(content: bytes) -> bytes:
    return content.replace(b"\r\n.", b"\r\n..")
