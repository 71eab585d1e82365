"""
An SMTP server that takes everything and only counts, so that the sender is what is measured.

    python -m tests.bench.sink [--pipelining] [--delay SECONDS]

It tells its port in a line on standard output. A line on standard input asks
for what came since the last one: a line of JSON with the copies, the different
recipients, and a checksum over recipients and contents in any order. With a
delay each answer comes so much later, as from a server far away; answers to
commands that were said at once come at once.
"""

import argparse
import asyncio
import json
import re
import sys
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

_END = b"\r\n.\r\n"
_RECIPIENT = re.compile(rb"RCPT TO:<([^>]*)>", re.IGNORECASE)


def checksum(copies: Iterable[tuple[bytes, bytes]]) -> int:
    """The same for the same copies (recipient, content with its dots doubled) in any order."""
    return sum(zlib.crc32(content, zlib.crc32(recipient)) for recipient, content in copies)


@dataclass
class Taken:
    """What came since the last question."""

    copies: int = 0
    recipients: set[bytes] = field(default_factory=set)
    sum: int = 0

    def take(self, recipient: bytes, content: bytes) -> None:
        self.copies += 1
        self.recipients.add(recipient)
        self.sum += checksum([(recipient, content)])

    def told(self) -> str:
        told = json.dumps({"copies": self.copies, "recipients": len(self.recipients), "sum": self.sum})
        self.copies, self.recipients, self.sum = 0, set(), 0
        return told


class Conversation(asyncio.Protocol):
    """One connection. Commands may come one by one or several at once."""

    def __init__(self, taken: Taken, *, pipelining: bool, delay: float = 0.0) -> None:
        extension = b"250-PIPELINING\r\n" if pipelining else b""
        self._greeting = b"250-sink.example\r\n" + extension + b"250-8BITMIME\r\n250 SIZE 10000000\r\n"
        self._taken = taken
        self._delay = delay
        self._buffer = bytearray()
        self._recipient = b""
        self._in_content = False
        self._searched = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink.example\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        answers = []
        while answer := self._content() if self._in_content else self._command():
            answers.append(answer)
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, b"".join(answers))
        else:
            self._transport.write(b"".join(answers))

    def _content(self) -> bytes | None:
        end = self._buffer.find(_END, max(self._searched - len(_END), 0))
        if end < 0:
            self._searched = len(self._buffer)
            return None
        self._taken.take(self._recipient, bytes(self._buffer[: end + 2]))
        del self._buffer[: end + len(_END)]
        self._in_content, self._searched = False, 0
        return b"250 2.0.0 taken\r\n"

    def _command(self) -> bytes | None:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            return None
        command = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        match command[:4].upper():
            case b"EHLO":
                return self._greeting
            case b"RCPT":
                named = _RECIPIENT.match(command)
                self._recipient = named[1] if named else b""
            case b"DATA":
                self._in_content = True
                return b"354 go on\r\n"
            case b"QUIT":
                self._transport.write(b"221 bye\r\n")
                self._transport.close()
        return b"250 2.0.0 ok\r\n"


async def main(*, pipelining: bool, delay: float) -> None:
    """Serve until standard input ends."""
    taken = Taken()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Conversation(taken, pipelining=pipelining, delay=delay), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    questions = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(questions), sys.stdin)
    while await questions.readline():
        print(taken.told(), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--pipelining", action="store_true")
    parser.add_argument("--delay", type=float, default=0.0)
    asyncio.run(main(**vars(parser.parse_args())))
