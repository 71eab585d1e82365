"""`delivery.processes`: several processes empty one outbox, and end with the one that began them."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from publisher.app import open_app
from publisher.cli.processes import WORTH_IT
from publisher.delivery.policy import DeliveryPolicy, SmtpProfile
from publisher.flows.conclude import Tally
from publisher.model import Account
from publisher.store import outbox
from tests.bench.process import Sink, running_sink
from tests.cli.institute import Institute
from tests.delivery.post import add_readers, release

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other processes are looked for in /proc")

READERS = 2 * WORTH_IT


@pytest.fixture
def server() -> Iterator[Sink]:
    """A server some way off, so that there is time to do something while letters leave."""
    with running_sink(pipelining=True, delay=0.05) as sink:
        yield sink


@pytest.fixture
def edition(institute: Institute) -> int:
    """A released edition with enough readers for two processes."""

    async def prepare() -> int:
        async with open_app(institute.folder / "config.yaml", {}) as app:
            await add_readers(app.db, *(f"r{number}@reader.example" for number in range(READERS)))
            return await release(app.db)

    return asyncio.run(prepare())


def account(institute: Institute, edition: int) -> Account:
    async def ask() -> Account:
        async with open_app(institute.folder / "config.yaml", {}) as app, app.db.read() as tx:
            return await outbox.account(tx, edition)

    return asyncio.run(ask())


def variables(server: Sink) -> dict[str, str]:
    """Two processes, that server, and nothing sent again."""
    asked = {"PROCESSES": "2", "SMTP__PORT": str(server.port), "SMTP__CONNECTIONS": "4", "UNCERTAIN": "hold"}
    return {f"PUBLISHER_DELIVERY__{name}": value for name, value in asked.items()}


def begin(institute: Institute, server: Sink) -> "subprocess.Popen[str]":
    """`deliver` in two processes, both of them at work."""
    process = institute.start("deliver", **variables(server))
    journals = institute.folder / "var" / "journal"
    wait_for(lambda: process.poll() is not None or len(list(journals.glob("*.log"))) == 2)
    assert process.poll() is None, process.communicate()
    return process


def senders(institute: Institute) -> list[int]:
    """The further processes that send for this house."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = place.read_bytes()
        except OSError:  # it has ended
            continue
        if b"publisher.cli.processes" in words and str(institute.folder).encode() in words:
            found.append(int(place.parent.name))
    return found


def wait_for(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.01)


def test_asked_to_stop_all_end_in_good_order_and_the_next_time_they_send_the_rest(
    institute: Institute, server: Sink, edition: int
) -> None:
    process = begin(institute, server)
    process.send_signal(signal.SIGTERM)
    assert "nothing is lost" in process.communicate(timeout=60)[1]
    assert senders(institute) == []
    left = account(institute, edition)
    assert left.waiting > 0, "nothing was left to be stopped: make the server slower"
    assert (left.sending, left.uncertain, left.total) == (0, 0, READERS)
    assert f"{left.waiting} sent" in institute.run("deliver", **variables(server))
    assert account(institute, edition) == Account(sent=READERS)
    came = server.taken()
    assert (came["copies"], came["recipients"]) == (READERS, READERS)


def test_who_is_killed_takes_the_others_along_and_nothing_is_lost(
    institute: Institute, server: Sink, edition: int
) -> None:
    process = begin(institute, server)
    process.kill()
    process.communicate()
    wait_for(lambda: not senders(institute))
    assert account(institute, edition).total == READERS
    institute.run("deliver", **variables(server))
    nobody_is_lost(account(institute, edition), server)


def test_what_a_killed_sender_had_in_hand_is_sent_by_the_first(
    institute: Institute, server: Sink, edition: int
) -> None:
    process = begin(institute, server)
    for pid in senders(institute):
        os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert process.returncode == 0
    nobody_is_lost(account(institute, edition), server)


def nobody_is_lost(settled: Account, server: Sink) -> None:
    came = server.taken()
    assert settled.sent + settled.uncertain == READERS
    assert settled.uncertain <= 4
    assert came["copies"] == came["recipients"] >= settled.sent


def test_what_they_tell_adds_up() -> None:
    told = [Tally(sent=2, failed=1), Tally(sent=3, withheld=1, uncertain=1, held_up="no connection"), Tally(deferred=4)]
    assert sum(told, Tally()) == Tally(sent=5, deferred=4, failed=1, withheld=1, uncertain=1, held_up="no connection")


def test_together_they_hold_no_more_connections_than_one_may() -> None:
    for processes, connections, further, held in ((1, 10, 0, 10), (2, 10, 1, 5), (3, 10, 2, 3), (4, 2, 1, 1)):
        policy = DeliveryPolicy(smtp=SmtpProfile(host="mx.example", connections=connections), processes=processes)
        assert policy.further_processes == further
        assert policy.share.smtp is not None
        assert policy.share.smtp.connections == held
    assert DeliveryPolicy(processes=4).further_processes == 0
