"""Several things at once, until one of them ends or a signal asks to stop."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeAlias

Work: TypeAlias = Coroutine[Any, Any, None]


async def together(*work: Work) -> None:
    """
    Do all of it at once; when one ends, the others are cancelled and waited for.

    What it raised is raised as it is (a task group would wrap it, and a clear
    message would drown in a trace).
    """
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end


async def until_signal(work: Work) -> None:
    """Do it until it ends, or SIGTERM or Ctrl-C cancels it; then it ends in good order."""
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, task.cancel)
    try:
        await asyncio.wait([task])
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
    if not task.cancelled():
        task.result()
