"""Transactions of a loop that must not end because the database was away for a while."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import structlog

from publisher.store.database import OUTAGES, in_one_line

log = structlog.get_logger()
T = TypeVar("T")

A_MOMENT = 1.0
"""Seconds that a step waits for another writer: it is tried again, and a stop can come between."""

_FIRST_WAIT = 0.5  # seconds, doubled each time
_NO_MOMENT = 8.0  # when it has been waited for about as long
_LONGEST_WAIT = 30.0


async def patiently(step: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Do a step in the database; while that is away, wait and try again."""
    pause = _FIRST_WAIT
    while True:
        try:
            return await _to_its_end(step)
        except OUTAGES as error:
            # Once as an error, for whoever waits at a terminal: what passes by itself is not shown there.
            say = log.error if pause == _NO_MOMENT else log.warning
            say("the store is waited for", reason=in_one_line(error), again_in=pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_WAIT)


async def _to_its_end(step: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Let a short transaction end even when we are stopped in it: a claim must not be made and then not be known."""
    task = asyncio.create_task(step())
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # seen; what counts now is the stop
        raise


def boottime() -> float:
    """Seconds that also pass while the machine sleeps: a lease must not outlive a closed lid."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
