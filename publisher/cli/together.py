"""Several things at once, until one of them ends or a signal asks to stop."""

import asyncio
import signal
import sys
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


async def until_signal(work: Work) -> bool:
    """Do it until it ends, or SIGTERM or Ctrl-C cancels it; then it ends in good order, and this gives False."""
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()
    # A loop on Windows takes no handlers; Ctrl-C is `asyncio.run`'s there.
    signals = () if sys.platform == "win32" else (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, task.cancel)
    try:
        await asyncio.wait([task])
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
    if task.cancelled():
        return False
    task.result()
    return True
