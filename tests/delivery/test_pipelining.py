"""Commands in groups (RFC 2920): what goes in one packet, and that no fault of a server makes a letter come twice."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from publisher.delivery.policy import Pipelining
from publisher.delivery.smtp import SmtpTransport
from publisher.delivery.transport import Accepted, Envelope, Outcome, Refused, Stage, Unanswered, Unreachable
from tests.delivery import smtp_server
from tests.delivery.smtp_server import HANG_UP, SILENCE, Sink, honest, scripted, serving
from tests.delivery.test_smtp import COPY, Started, profile


@pytest.fixture(autouse=True)
def _in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_server, "EXTENSIONS", smtp_server.IN_GROUPS)


def copies(count: int) -> list[Envelope]:
    return [
        replace(COPY, delivery_id=number, recipient=f"r{number}@reader.example", content=b"copy %d\r\n" % number)
        for number in range(count)
    ]


# ── What goes together ───────────────────────────────────────────────────────


async def packets(count: int) -> list[bytes]:
    """What a server reads at a time, from the end of EHLO to QUIT, while several copies are sent at once."""
    read: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx.example\r\n")
        while data := await reader.read(65536):
            read.append(data)
            if b"EHLO" in data:
                writer.write(b"250-mx.example\r\n250 PIPELINING\r\n")
            if b"copy" in data:
                writer.write(b"250 taken\r\n")
            if b"MAIL" in data:
                writer.write(b"250 ok\r\n250 ok\r\n354 go on\r\n")
        writer.close()

    async with serving(serve) as port:
        road = SmtpTransport(profile(port, connections=1))
        await asyncio.gather(*(road.send(copy, Started()) for copy in copies(count)))
        await road.close()
    return [data for data in read if b"EHLO" not in data and b"QUIT" not in data]


async def test_an_envelope_is_one_packet_and_goes_ahead_with_the_content_before_it() -> None:
    read = await packets(3)
    assert [data.split(b"\r\n")[0].split(b" ")[0] for data in read] == [b"MAIL", b"copy", b"copy", b"copy"]
    assert [data.count(b"MAIL FROM") for data in read] == [1, 1, 1, 0]
    assert [data.endswith(b"DATA\r\n") for data in read] == [True, True, True, False]


async def test_switched_off_each_command_waits_for_its_answer() -> None:
    async with scripted() as (server, port):
        road = SmtpTransport(profile(port, connections=1, pipelining=Pipelining.OFF))
        assert isinstance(await road.send(COPY, Started()), Accepted)
        assert isinstance(await road.send(COPY, Started()), Accepted)
        await road.close()
    assert len(server.contents) == 2


# ── Refusals in a group ──────────────────────────────────────────────────────


async def test_a_content_that_is_wanted_after_all_is_an_empty_one() -> None:
    async with scripted(RCPT=["550 5.1.1 unknown"], DATA=["354 go on"]) as (server, port):
        road = SmtpTransport(profile(port, connections=1))
        first, second = [await road.send(copy, Started()) for copy in copies(2)]
        await road.close()
    assert isinstance(first, Refused)
    assert first.stage is Stage.RECIPIENT
    assert isinstance(second, Accepted)
    assert server.contents == [b"copy 1\r\n.\r\n"]
    assert len(server.commands) == 1


async def test_a_refused_sender_is_what_counts_whatever_is_said_of_the_rest() -> None:
    async with scripted(MAIL=["553 5.7.60 not yours"], RCPT=["250 ok"], DATA=["354 go on"]) as (server, port):
        road = SmtpTransport(profile(port, connections=1))
        started = Started()
        first, second = [await road.send(copy, started) for copy in copies(2)]
        await road.close()
    assert isinstance(first, Refused)
    assert first.stage is Stage.SENDER
    assert isinstance(second, Accepted)
    assert started.ids == [1]
    assert server.contents == [b"copy 1\r\n.\r\n"]  # an empty one would have gone to the first reader: hung up instead
    assert len(server.commands) == 2


@pytest.mark.parametrize("fault", [HANG_UP, "not smtp at all"])
async def test_a_server_that_breaks_groups_gets_one_command_at_a_time(fault: str) -> None:
    async with scripted(RCPT=[fault]) as (_, port):
        road = SmtpTransport(profile(port, connections=1))
        with capture_logs() as lines:
            outcomes = [await road.send(copy, Started()) for copy in copies(2)]
        await road.close()
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert [line["event"] for line in lines] == [
        "smtp server breaks pipelining, one command at a time for a while",
    ]


async def test_after_a_while_it_is_tried_again_whether_groups_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.delivery.smtp._WITHOUT_GROUPS", 0.0)
    async with scripted(RCPT=[HANG_UP, "250 ok", "250 ok", HANG_UP]) as (_, port):
        road = SmtpTransport(profile(port, connections=1, per_connection=2))
        with capture_logs() as lines:
            outcomes = [await road.send(copy, Started()) for copy in copies(3)]
        await road.close()
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert len(lines) == 2  # the second time it broke was in a group again


async def test_a_server_that_fails_either_way_is_not_called_a_breaker_of_groups() -> None:
    async with scripted(RCPT=HANG_UP) as (_, port):
        road = SmtpTransport(profile(port, connections=1))
        with capture_logs() as lines:
            outcome = await road.send(COPY, Started())
        await road.close()
    assert isinstance(outcome, Unreachable)
    assert outcome.connected
    assert lines == []


# ── Two copies on one connection ─────────────────────────────────────────────


async def test_a_content_goes_only_when_the_one_before_is_answered_and_written_down() -> None:
    told: list[str] = []

    async def start(envelope: Envelope) -> None:
        told.append(f"start {envelope.delivery_id}")

    async def carry(copy: Envelope) -> None:
        await road.send(copy, start)
        told.append(f"done {copy.delivery_id}")

    async with scripted() as (_, port):
        road = SmtpTransport(profile(port, connections=1))
        await asyncio.gather(*(carry(copy) for copy in copies(4)))
        await road.close()
    assert told == [f"{what} {number}" for number in range(4) for what in ("start", "done")]


async def test_a_server_that_closes_upon_a_content_leaves_it_written_down_before_the_next() -> None:
    told: list[str] = []

    async def start(envelope: Envelope) -> None:
        told.append(f"start {envelope.delivery_id}")

    async def carry(copy: Envelope) -> Outcome:
        outcome = await road.send(copy, start)
        told.append(f"done {copy.delivery_id}")
        return outcome

    async with scripted(content=["250 ok", "421 4.3.2 shutting down"]) as (_, port):
        road = SmtpTransport(profile(port, connections=1))
        outcomes = await asyncio.gather(*(carry(copy) for copy in copies(3)))
        await road.close()
    assert [type(outcome) for outcome in outcomes] == [Accepted, Refused, Accepted]
    assert told == [f"{what} {number}" for number in range(3) for what in ("start", "done")]


async def test_a_copy_that_went_ahead_and_is_cancelled_leaves_the_one_before_alone() -> None:
    sink = Sink(delay=0.2)
    async with honest(sink) as port:
        road = SmtpTransport(profile(port, connections=1))
        first, second = copies(2)
        started = Started()
        under_way = asyncio.create_task(road.send(first, started))
        while not started.ids:  # noqa: ASYNC110 - another task moves it
            await asyncio.sleep(0.001)
        ahead = asyncio.create_task(road.send(second, started))
        await asyncio.sleep(0.05)
        ahead.cancel()
        with suppress(asyncio.CancelledError):
            await ahead
        assert isinstance(await under_way, Accepted)
        assert isinstance(await road.send(second, started), Accepted)
        await road.close()
    assert sink.recipients == ["r0@reader.example", "r1@reader.example"]


async def test_when_an_answer_does_not_come_the_copy_that_went_ahead_goes_by_another_connection() -> None:
    async with scripted(content=[SILENCE]) as (server, port):
        road = SmtpTransport(profile(port, connections=1, timeout=profile(port).timeout / 20))
        first, second = await asyncio.gather(*(road.send(copy, Started()) for copy in copies(2)))
        await road.close()
    assert isinstance(first, Unanswered)
    assert isinstance(second, Accepted)
    assert len(server.commands) == 2


# ── Any server ───────────────────────────────────────────────────────────────

HALF = "half"
_YES = {"DATA": b"354 go on\r\n", "QUIT": b"221 bye\r\n"}


@dataclass
class Whim:
    """A server that does at each step what comes next in a list, then all is well; its bytes come in small cuts."""

    moods: list[str]
    cuts: Sequence[int]
    extension: bytes
    taken: Counter[bytes] = field(default_factory=Counter)  # answered well, or perhaps well
    contents: Counter[bytes] = field(default_factory=Counter)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"220 mx.example\r\n")
            await reader.readline()
            writer.write(b"250-mx.example\r\n250 %b\r\n" % self.extension)
            has_mail = has_recipient = False
            while command := (await reader.readline()).split(b" ")[0].strip().decode():
                has_mail = has_mail and command != "RSET"
                has_recipient = has_recipient and command != "RSET"
                is_in_order = {"RCPT": has_mail, "DATA": has_recipient}.get(command, True)
                answer = await self._answer(writer, command) if is_in_order else await self._say(writer, b"503 no\r\n")
                has_mail = has_mail or (command == "MAIL" and answer[:1] == b"2")
                has_recipient = has_recipient or (command == "RCPT" and answer[:1] == b"2")
                if command == "DATA" and answer[:1] == b"3":
                    await self._content(reader, writer)
                    has_mail = has_recipient = False
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _content(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        content = await reader.readuntil(b"\r\n.\r\n")
        self.contents[content] += 1
        mood = self.moods[0] if self.moods else ""
        if mood in {"", HALF}:
            self.taken[content] += 1
        await self._answer(writer, "content")

    async def _answer(self, writer: asyncio.StreamWriter, command: str) -> bytes:
        mood = self.moods.pop(0) if self.moods else ""
        well = _YES.get(command, b"250-2.0.0 well\r\n250 2.0.0 done\r\n")
        match mood:
            case "":
                return await self._say(writer, well)
            case "hang up":
                raise ConnectionError
            case "half":
                await self._say(writer, well[: len(well) // 2])
                raise ConnectionError
            case said:
                await self._say(writer, said.encode() + b"\r\n")
                if said.startswith("421"):
                    raise ConnectionError
                return said.encode()

    async def _say(self, writer: asyncio.StreamWriter, answer: bytes) -> bytes:
        left = answer
        for cut in self.cuts:
            writer.write(left[:cut])
            left = left[cut:]
            await asyncio.sleep(0)
        writer.write(left)
        await writer.drain()
        return answer


MOODS = st.sampled_from(
    ["", "", "", "", "hang up", HALF, "450 4.7.1 later", "550-5.1.1 no\r\n550 5.1.1 such", "421 bye"]
)


@pytest.mark.parametrize("extension", [b"PIPELINING", b"SIZE 1000000"])
@given(moods=st.lists(MOODS, max_size=16), cuts=st.lists(st.integers(1, 12), max_size=6), lanes=st.integers(1, 2))
def test_whatever_a_server_does_and_however_its_bytes_come(
    extension: bytes, moods: list[str], cuts: list[int], lanes: int
) -> None:
    asyncio.run(_deliver_to(Whim(moods=list(moods), cuts=cuts, extension=extension), lanes))


async def _deliver_to(whim: Whim, lanes: int) -> None:
    waiting, outcomes, under_way = copies(6), dict[int, Outcome](), set[int]()

    async def start(envelope: Envelope) -> None:
        under_way.add(envelope.delivery_id)
        assert len(under_way) <= lanes

    async def carry_on() -> None:
        while waiting:
            copy = waiting.pop(0)
            outcomes[copy.delivery_id] = await road.send(copy, start)
            under_way.discard(copy.delivery_id)

    async with serving(whim.serve) as port:
        road = SmtpTransport(profile(port, connections=lanes))
        await asyncio.gather(*(carry_on() for _ in range(road.connections)))
        await road.close()
    for copy in copies(6):
        content = copy.content + b".\r\n"
        match outcomes[copy.delivery_id]:
            case Accepted():
                assert whim.taken[content] == 1
            case Unanswered():
                assert whim.contents[content] == 1
            case Refused() | Unreachable():
                assert whim.taken[content] == 0
