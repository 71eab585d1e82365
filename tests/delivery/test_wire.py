"""What one connection hears: never more than it has room for, and nothing that it did not ask for."""

import asyncio
from collections.abc import Sequence

import pytest

from publisher.delivery.wire import HUNG_UP, NO_SMTP, TOO_LATE, Wire


class Line(asyncio.Transport):
    """A transport whose other end is the test."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[bytes] = []
        self._is_closing = False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def write(self, data: "bytes | bytearray | memoryview") -> None:
        self.said.append(bytes(data))

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        self._is_closing = True


def hears(wire: Wire, pieces: Sequence[bytes]) -> None:
    for piece in pieces:
        if wire.is_open:  # a transport that is closed reads no more
            wire.data_received(piece)


async def test_a_reply_is_heard_however_it_is_cut() -> None:
    said = b"250-2.1.0 first\r\n250-\r\n250 2.1.0 \x00last\n354\r\n"
    for cut in range(1, len(said)):
        wire = Wire(Line())
        asked = wire.ask(b"MAIL\r\nDATA\r\n", 2)
        hears(wire, [said[:cut], said[cut:]])
        await asked.answered(1)
        assert [(one.code, one.text) for one in asked.replies] == [(250, "2.1.0 first\n\n2.1.0 \x00last"), (354, "")]


@pytest.mark.parametrize("line", [b"250-\r\n", b"250-word\r\n", b"x" * 512], ids=["empty lines", "lines", "one line"])
async def test_a_reply_without_an_end_is_not_listened_to(line: bytes) -> None:
    wire = Wire(Line())
    asked = wire.ask(b"MAIL\r\n")
    hears(wire, [line * 10] * 4000)
    assert asked.fault == NO_SMTP
    assert not wire.is_open


async def test_an_answer_before_the_question_is_no_answer() -> None:
    line = Line()
    wire = Wire(line)
    asked = wire.ask(b"the content\r\n.\r\n", has_more=True)
    hears(wire, [b"250 taken\r\n"])
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (asked.replies, asked.fault, asked.was_said) == ([], NO_SMTP, False)
    assert line.said == []


async def test_an_answer_too_many_ends_it_and_takes_none_back() -> None:
    wire = Wire(Line())
    asked = wire.ask(b"NOOP\r\n")
    hears(wire, [b"250 here\r\n250 here\r\n"])
    assert [one.code for one in asked.replies] == [250]
    assert not wire.is_open
    assert wire.ask(b"NOOP\r\n").fault == HUNG_UP


async def test_what_has_less_time_is_late_first_though_it_was_asked_later() -> None:
    wire = Wire(Line())
    content, envelope = wire.ask(b"the content\r\n.\r\n"), wire.ask(b"MAIL\r\n")
    patient = asyncio.create_task(content.answered(60))
    await asyncio.sleep(0)
    await envelope.answered(0)
    assert envelope.fault == TOO_LATE
    assert content.fault is None
    wire.close()
    await patient
    assert content.fault == HUNG_UP
