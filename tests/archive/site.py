"""A site on this machine that answers what a test lays down, and keeps what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from publisher.archive import open_source
from publisher.archive.source import ArchivePolicy
from publisher.net import Fetcher
from tests.archive.boardroom import Reading

NOW = datetime(2025, 12, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Site:
    """`pages` maps a path with its query to an answer, or to a function of the request's headers that gives one."""

    pages: dict[str, Answer | Callable[[Mapping[str, str]], Answer]] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    place: str = ""

    def url(self, path: str) -> str:
        return f"http://{self.place}{path}"

    @property
    def paths(self) -> list[str]:
        """What was asked since the last look, in order."""
        paths = [path for path, _ in self.asked]
        self.asked.clear()
        return paths

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        path = head[0].split()[1]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        self.asked.append((path, headers))
        answer = self.pages.get(path, Answer(b"nothing here", 404))
        answer = answer if isinstance(answer, Answer) else answer(headers)
        lines = [f"HTTP/1.1 {answer.status} Said", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        if answer.status != 304:
            lines.append(f"Content-Length: {len(answer.body)}")
        writer.write("\r\n".join([*lines, "", ""]).encode() + answer.body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    """A site at a free port of 127.0.0.1."""
    made = Site()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    made.place = f"{host}:{port}"
    async with server:
        yield made


async def read(policy: ArchivePolicy, place: str, before: Reading | None = None, now: datetime = NOW) -> Reading:
    """One read by the front door, after `before` if given; the cursor goes through JSON as in the store."""
    reading = Reading(known=dict(before.known) if before else {})
    async with Fetcher(allow=(place,)) as fetcher:
        source = open_source(policy, fetcher, lambda: now)
        async for event in source.read(before.known if before else {}, before.cursor if before else {}):
            reading.take(event)
    reading.cursor = json.loads(json.dumps(reading.cursor))
    return reading


def policy_of(kind: str, url: str, **more: object) -> ArchivePolicy:
    return ArchivePolicy(name="press", kind=kind, url=url, pause=timedelta(0), **more)  # type: ignore[arg-type]  # by name
