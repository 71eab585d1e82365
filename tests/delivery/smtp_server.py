"""Small SMTP servers on the loopback: an honest one, and one that follows a script of faults."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult
from aiosmtpd.smtp import Envelope as Taken

ONE_BY_ONE = ("SIZE 1000000",)
IN_GROUPS = ("PIPELINING", "SIZE 1000000")

EXTENSIONS: tuple[str, ...] = ONE_BY_ONE
"""What the servers announce; the fixture `each_road` changes it, so that a test runs by either road."""


@dataclass
class Sink:
    """
    An aiosmtpd handler that accepts everything and remembers it.

    `tell` hears of each step: EHLO, MAIL, RCPT, content (before it is answered), answer.
    """

    taken: list[Taken] = field(default_factory=list)
    delay: float = 0.0
    signed_in: bool = False
    tell: Callable[[str], object] = lambda step: None

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.tell("EHLO")
        session.host_name = hostname
        more = [f"250-{one}" for one in EXTENSIONS if one == "PIPELINING"]
        return [*responses[:-1], *more, responses[-1]]

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Taken, address: str, _options: Any
    ) -> str:
        self.tell("MAIL")
        envelope.mail_from = address
        return "250 2.1.0 ok"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Taken, address: str, _options: Any
    ) -> str:
        self.tell("RCPT")
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Taken) -> str:  # noqa: N802 - aiosmtpd's name
        await asyncio.sleep(self.delay)
        self.taken.append(envelope)
        self.signed_in = session.authenticated
        self.tell("content")
        asyncio.get_running_loop().call_later(0.001, self.tell, "answer")
        return "250 2.0.0 taken"

    @property
    def recipients(self) -> list[str]:
        return sorted(recipient for envelope in self.taken for recipient in envelope.rcpt_tos)


@asynccontextmanager
async def honest(sink: Sink, *, wrapping: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[int]:
    """A real server that hands everything to the sink; gives its port. `wrapping`: TLS from the first byte."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(sink, hostname="mx.example", loop=loop, **options), host="127.0.0.1", port=0, ssl=wrapping
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0)


def one_user(_server: Any, _session: Any, _envelope: Any, _mechanism: str, login: Any) -> AuthResult:
    """Lets in `publisher` with the password `right`."""
    return AuthResult(success=login.login == b"publisher" and login.password == b"right", handled=False)


HANG_UP = ""
"""In a script: close the connection instead of answering."""

SILENCE = "…"
"""In a script: never answer."""


@dataclass
class Scripted:
    """
    Answers by script, per command (`greeting`, EHLO, MAIL, RCPT, DATA, `content`, RSET, NOOP, …).

    A command that the script does not name is answered well, or as out of order
    where the one before it was refused; an `empty` content has nobody to go to. A list is used up
    one answer at a time, then all is well again. `commands` has what was said
    on each connection.
    """

    script: dict[str, str | list[str]] = field(default_factory=dict)
    commands: list[list[str]] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said: list[str] = []
        self.commands.append(said)
        taken: set[str] = set()  # MAIL, RCPT
        try:
            step = "greeting"
            while True:
                answer = self._answer(step, taken)
                if answer == HANG_UP:
                    return
                if answer == SILENCE:
                    await reader.read()
                    return
                writer.write(answer.encode() + b"\r\n")
                await writer.drain()
                if step == "QUIT" or answer.startswith("421"):
                    return
                if answer.startswith("2"):
                    taken.add(step)
                if step in {"RSET", "content", "empty"}:
                    taken.clear()
                if step == "DATA" and answer.startswith("354"):
                    step = await self._content(reader)
                else:
                    line = (await reader.readuntil(b"\r\n")).decode().strip()
                    step = line.split(" ")[0].upper()
                    said.append(line)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, step: str, taken: set[str]) -> str:
        answer = self.script.get(step)
        if isinstance(answer, list):
            answer = answer.pop(0) if answer else None
        if answer is not None:
            return answer
        missing = {"RCPT": {"MAIL"}, "DATA": {"MAIL", "RCPT"}}.get(step, set()) - taken
        return "503 5.5.1 out of order" if missing else _WELL.get(step, "250 ok").replace("EXTENSIONS", _announced())

    async def _content(self, reader: asyncio.StreamReader) -> str:
        content = b""
        while not (content == b".\r\n" or content.endswith(b"\r\n.\r\n")):
            content += await reader.readuntil(b".\r\n")
        if content == b".\r\n":
            return "empty"
        self.contents.append(content)
        return "content"


def _announced() -> str:
    *others, last = EXTENSIONS
    return "".join(f"\r\n250-{one}" for one in others) + f"\r\n250 {last}"


_WELL = {
    "greeting": "220 mx.example ready",
    "EHLO": "250-mx.exampleEXTENSIONS",
    "DATA": "354 go on",
    "content": "250 2.0.0 taken",
    "empty": "554 5.5.1 no valid recipients",
    "QUIT": "221 bye",
}


@asynccontextmanager
async def scripted(**script: str | list[str]) -> AsyncIterator[tuple[Scripted, int]]:
    """A server that follows a script, and its port."""
    play = Scripted(script=script)
    async with serving(play.serve) as port:
        yield play, port


@asynccontextmanager
async def serving(serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[int]:
    """A server that holds these conversations; gives its port."""
    conversations: set[asyncio.Task[None]] = set()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        conversations.add(task)
        await serve(reader, writer)

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        if conversations:  # so that the last QUIT has been heard
            await asyncio.wait(conversations, timeout=2)
