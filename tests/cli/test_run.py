"""`publisher run`: pages, clock and delivery in one process, ended by a signal."""

import asyncio
import json
import signal
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import urlopen

import click
import pytest
from click.testing import CliRunner

from publisher.app import App
from publisher.cli.frame import Frame, house
from publisher.cli.together import together, until_signal
from publisher.errors import PublisherError
from tests.cli.institute import Institute


def every_minute(institute: Institute) -> str:
    """Give the list a cadence of one minute; gives the address at which `run` will listen."""
    path = institute.folder / "config.yaml"
    text = path.read_text(encoding="utf-8").replace('"0 9 * * mon"', '"* * * * *"')
    path.write_text(text, encoding="utf-8")
    return "http://" + text.split('listen: "')[1].split('"')[0]


def wait_for(what: Callable[[], Any], seconds: float = 180) -> Any:
    """What this gives once it gives something true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.25)
    raise AssertionError("it did not happen in time")


def test_a_minute_s_cadence_sends_what_is_new_and_records_when_nothing_is(institute: Institute) -> None:
    institute.run("ingest")
    institute.enlist()
    address = every_minute(institute)
    institute.board.publish_more()
    institute.run("ingest")

    def verdicts() -> list[tuple[str, str]]:
        return [(run["verdict"], run["reason"]) for run in institute.ask("status")["lists"][0]["runs"]]

    # A little before a full minute: the occurrence before is made up and sends; at the next nothing is new. On a busy
    # machine the start may take longer than that: then the newest sends, and those before are superseded.
    full = (datetime.now(UTC) + timedelta(minutes=1)).replace(second=55)
    process = institute.start("run", PUBLISHER_CLOCK=full.isoformat())
    try:
        wait_for(lambda: len(institute.mail.received) == 4)
        with urlopen(f"{address}/ko/") as page:
            assert page.status == 200
        with urlopen(f"{address}/briefing/feeds/all.json") as feed:
            assert len(json.load(feed)["items"]) == 28
        told = wait_for(lambda: ("skipped", "nothing new") in (found := verdicts()) and found)
        assert [each for each in told if each[0] == "sent"] == [("sent", "No. 1 to 4 readers")]
        assert told.index(("skipped", "nothing new")) < told.index(("sent", "No. 1 to 4 readers"))
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, out + err
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    assert len(institute.mail.letters()) == 4


def test_a_port_that_is_taken_is_one_clear_line(institute: Institute) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = institute.run("run", code=1, PUBLISHER_WEB__LISTEN=f"127.0.0.1:{port}")
    assert str(port) in told
    assert "Traceback" not in told


async def test_when_one_of_several_fails_the_others_end_in_good_order() -> None:
    ended = []

    async def other() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("other")

    async def fails() -> None:
        await asyncio.sleep(0)
        raise PublisherError("the port is taken")

    with pytest.raises(PublisherError, match="the port is taken"):
        await together(other(), fails())
    assert ended == ["other"]


def test_a_signal_ends_the_work_without_an_error() -> None:
    async def work() -> None:
        asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGTERM)
        await asyncio.sleep(60)

    assert asyncio.run(until_signal(work())) is False


def test_a_command_that_is_stopped_ends_in_good_order_and_is_not_done(institute: Institute) -> None:
    ended = []

    @click.command()
    @house
    async def slow(app: App) -> None:
        asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGTERM)
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(app.site.host)

    result = CliRunner().invoke(slow, obj=Frame(config=str(institute.folder / "config.yaml")))
    assert (result.exit_code, len(ended)) == (1, 1)
    assert result.stderr == "stopped before it was done; nothing is lost, the same command goes on\n"
