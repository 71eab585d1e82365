"""What a connection's thread may do to whoever closes the house."""

import asyncio
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from publisher.store.database import open_database


def test_a_thread_that_was_cut_short_still_finds_the_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that is cancelled while it opens is closed by its own thread, which then tells the loop."""
    raised: list[BaseException | None] = []
    monkeypatch.setattr(threading, "excepthook", lambda told: raised.append(told.exc_value))
    connect = sqlite3.connect

    def slowly(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        time.sleep(0.05)
        return connect(*args, **kwargs)

    async def cut_short() -> None:
        db = await open_database(f"sqlite:///{tmp_path}/publisher.db")
        monkeypatch.setattr(sqlite3, "connect", slowly)

        async def look() -> None:
            async with db.read():
                pass

        looks = [asyncio.create_task(look()) for _ in range(4)]
        await asyncio.sleep(0.01)
        for one in looks:
            one.cancel()
        await asyncio.gather(*looks, return_exceptions=True)
        await db.close()

    before = set(threading.enumerate())
    asyncio.run(cut_short())
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=5)
    assert raised == []
