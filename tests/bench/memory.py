"""Peak memory, each side in a process of its own, and what an idle house holds. As Linux tells it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.house import copy_of, folder, make_house, make_outbox, save_pages, url_of
from tests.bench.measure import COSTLIER, Sizes, Unit, Work, at_most, check
from tests.bench.process import Sink, memory, running_server, running_sink, told_by

IDLE_LIMIT = 150e6  # bytes


@contextmanager
def delivering(sizes: Sizes) -> Iterator[Work]:
    """The peak must not follow the number of recipients."""
    few, many = sizes.delivered
    with folder() as place, running_sink(pipelining=True) as sink:
        stores = {count: make_outbox(place / f"{count}.db", count) for count in sizes.delivered}
        yield Work(
            name=f"peak memory, {many:,} recipients",
            peer=f"{few:,} recipients",
            ours=lambda: _delivered(stores[many], many, sink),
            theirs=lambda: _delivered(stores[few], few, sink),
            target=at_most(1.05),
            unit=Unit.MEMORY,
            repeats=1,
        )


def _delivered(store: Path, count: int, sink: Sink) -> float:
    store = copy_of(store)
    told = told_by("deliver", str(store), str(sink.port))
    came = sink.taken()
    check(told["done"] == came["copies"] == came["recipients"] == count, f"of {count} copies {came} came")
    return told["peak"]


@contextmanager
def ingesting(sizes: Sizes) -> Iterator[Work]:
    """A first read; what a read remembers of each post may grow with the archive, the posts themselves not."""
    few, many = sizes.ingested
    with folder() as place:
        read = {count: _reading(place, count) for count in sizes.ingested}
        yield Work(
            name=f"peak memory, first read of {many:,} posts",
            peer=f"{few:,} posts",
            ours=read[many],
            theirs=read[few],
            target=COSTLIER,
            unit=Unit.MEMORY,
            repeats=1,
        )


def _reading(place: Path, count: int) -> Callable[[], float]:
    saved = place / f"saved-{count}"
    save_pages(saved, count)

    def read() -> float:
        store = place / f"{count}.db"
        store.unlink(missing_ok=True)
        told = told_by("ingest", url_of(store), str(saved))
        check(told["done"] == count, f"{told['done']} of {count} posts were stored")
        return told["peak"]

    return read


@contextmanager
def idle(sizes: Sizes) -> Iterator[Work]:
    """The whole house, some seconds after its start, its archive read."""
    with (
        folder() as place,
        running_server("-m", "publisher", "--config", str(make_house(place)), "run") as (_, pid),
    ):
        time.sleep(sizes.settling)
        yield Work(
            name="`publisher run`, idle",
            peer="limit",
            ours=lambda: memory("VmRSS", pid),
            theirs=lambda: IDLE_LIMIT,
            target=at_most(1),
            unit=Unit.MEMORY,
            repeats=1,
        )
