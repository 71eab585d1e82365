"""
Delivering in several processes (`delivery.processes`): signatures keep a core busy, and Python uses one.

The process that was started begins the others and holds their standard streams:
they tell in lines of JSON what came of their copies so far, and stop in good
order when their standard input ends. The kernel ends it however the first
process dies, so no sender outlives it. To the store each is one more that
delivers, with a journal of its own.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from publisher.app import App, open_app
from publisher.cli.logs import log_fully, log_quietly
from publisher.cli.together import together, until_signal
from publisher.errors import PublisherError
from publisher.flows import deliver as flow
from publisher.flows.conclude import Tally
from publisher.flows.deliver import PostOffice, Progress
from publisher.flows.road import BATCH
from publisher.store import outbox

log = structlog.get_logger()

WORTH_IT = BATCH + 1
"""Copies; fewer are in the first one's hand at once, and nothing would be left for another."""

_UNTIL_EMPTY = "--until-empty"
_PATIENCE = 15.0  # seconds for an end in good order, which takes ten at most
_REST = 5.0  # seconds before one that ended is begun anew


async def deliver(
    app: App,
    office: PostOffice,
    *,
    until_empty: bool = True,
    wake: asyncio.Event | None = None,
    progress: Progress | None = None,
) -> Tally:
    """As `flows.deliver`, in as many processes as are configured; the tally is that of all of them."""
    others = await _others(app) if until_empty else app.config.delivery.further_processes
    tallies = [Tally()] * (others + 1)

    def tell(number: int, tally: Tally) -> None:
        tallies[number] = tally
        if progress:
            progress(sum(tallies, Tally()))

    sender = _send if until_empty else _send_on
    senders = [asyncio.create_task(sender(app, partial(tell, number))) for number in range(1, others + 1)]
    ours = partial(flow.deliver, office, until_empty=until_empty, wake=wake, progress=partial(tell, 0))
    own = asyncio.create_task(ours())
    try:
        await asyncio.gather(own, *senders)
        if any(one.result() for one in senders):  # one died: what it had in hand is found and sent here
            tallies[0] = own.result() + await ours()
    finally:
        for one in (own, *senders):
            one.cancel()
        await asyncio.gather(own, *senders, return_exceptions=True)
    return sum(tallies, Tally())


async def _others(app: App) -> int:
    """How many further processes are worth starting for what waits."""
    async with app.db.read() as tx:
        return app.config.delivery.further_processes if await outbox.waiting(tx) >= WORTH_IT else 0


async def _send_on(app: App, tell: Progress) -> int:
    while True:
        code = await _send(app, tell, until_empty=False)
        log.warning("sending process ended", code=code, again_in=_REST)
        await asyncio.sleep(_REST)


async def _send(app: App, tell: Progress, *, until_empty: bool = True) -> int:
    """One process, from its beginning to an end in good order also where we are cancelled; gives its exit code."""
    command = [
        sys.executable,
        "-m",
        __name__,
        str(app.config.path.absolute()),
        *([_UNTIL_EMPTY] if until_empty else []),
    ]
    # In a session of its own: Ctrl-C is ours to pass on.
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, env=_environment(app), start_new_session=True
    )
    try:
        assert process.stdout
        async for line in process.stdout:
            tell(_tally_of(json.loads(line)))
        return await process.wait()
    finally:
        await _end(process)


def _tally_of(told: dict[str, Any]) -> Tally:
    """What `_say` said in another process."""
    until = told.pop("held_until")
    return Tally(**told, held_until=until and datetime.fromisoformat(until))


def _environment(app: App) -> Mapping[str, str]:
    """Ours, and what time it is for due dates by now: `PUBLISHER_CLOCK` says what it is at the start of a process."""
    clock = {"PUBLISHER_CLOCK": app.now().isoformat()} if app.clock.offset else {}
    return {**os.environ, **clock}


async def _end(process: Process) -> None:
    assert process.stdin
    process.stdin.close()
    try:
        async with asyncio.timeout(_PATIENCE):
            await process.wait()
    except TimeoutError:
        log.warning("sending process killed, since it did not end", pid=process.pid)
        process.kill()
        await process.wait()


# ── In a further process ─────────────────────────────────────────────────────


async def _work(config: Path, *, until_empty: bool) -> None:
    async with open_app(config, os.environ) as app, app.post_office() as office:
        await together(_deliver(office, until_empty=until_empty), _input_ended())


async def _deliver(office: PostOffice, *, until_empty: bool) -> None:
    await flow.deliver(office, until_empty=until_empty, progress=_say)


def _say(tally: Tally) -> None:
    print(json.dumps(asdict(tally), default=datetime.isoformat), flush=True)


async def _input_ended() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


def main(config: str, *options: str) -> None:
    """Deliver until standard input ends, or until the outbox is empty."""
    until_empty = _UNTIL_EMPTY in options
    (log_quietly if until_empty else log_fully)()
    try:
        is_done = asyncio.run(until_signal(_work(Path(config), until_empty=until_empty)))
    except PublisherError as error:
        sys.exit(str(error))
    sys.exit(0 if is_done else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
