"""
Empty the outbox.

    claim ─▶ still wanted? ─▶ seal ─▶ send ─▶ judge ─▶ settle        (recover: what a dead worker had in hand)

Any number of these may run at once, in one process or in many. `road` claims
copies in batches and settles in groups, `carry` sends as many at a time as the
road has connections; in between no transaction is open. Each SMTP profile is a
road of its own and carries its lists, and those of roads that rest (`shares`).
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from publisher.flows.conclude import Tally
from publisher.flows.road import Road
from publisher.flows.shares import PostOffice, Progress

__all__ = ["PostOffice", "Progress", "deliver"]


async def deliver(
    office: PostOffice,
    *,
    until_empty: bool = True,
    wake: asyncio.Event | None = None,
    progress: Progress | None = None,
) -> Tally:
    """
    Send what is due; with `until_empty`, until nothing is left to do now, else until cancelled.

    Copies that must wait (an answer of 4xx, an outage, the end of a day's
    letters) are not waited for with `until_empty`: they are due later. A
    database that is away is, and so is the pace. `wake` ends a pause early, as
    when an edition was released. On cancellation the copies whose content is on
    its way may end, for some seconds; all others go back into the outbox, and
    ten seconds after it at the latest this ends.
    """
    wake = wake or asyncio.Event()
    total, is_first = Tally(), True
    while True:
        round_ = await _together(office, until_empty, wake, total, progress, is_first=is_first)
        total += round_
        # What one road could not carry another may: it looks once more.
        if len(office.roads) == 1 or not round_.held_up or not (is_first or round_.settled):
            return total
        is_first = False


async def _together(
    office: PostOffice,
    until_empty: bool,
    wake: asyncio.Event,
    before: Tally,
    progress: Progress | None,
    *,
    is_first: bool,
) -> Tally:
    """All roads at once."""
    tallies = dict.fromkeys(office.roads, Tally())

    def telling(name: str) -> Progress:
        def tell(tally: Tally) -> None:
            tallies[name] = tally
            if progress:
                progress(sum(tallies.values(), before))

        return tell

    roads = [Road(office, name, transport, telling(name), is_new=is_first) for name, transport in office.roads.items()]
    return sum(await _all([road.run(until_empty=until_empty, wake=wake) for road in roads]), Tally())


async def _all(work: Sequence[Coroutine[Any, Any, Tally]]) -> list[Tally]:
    """What each gives. When one fails or we are stopped, the others are stopped, and waited for."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        return [task.result() for task in (tasks if len(done) == len(tasks) else done)]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
