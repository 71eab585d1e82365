"""Real servers for tests: an ASGI app, and an SMTP server that keeps what it gets. Loopback only."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from queue import Queue
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from publisher.web.server import serve


@contextmanager
def serving(asgi: Any, listen: str = "127.0.0.1:0") -> Iterator[str]:
    """The app at a real address, in a thread with a loop of its own."""
    ready: Queue[str | BaseException] = Queue()
    loop = asyncio.new_event_loop()

    async def run() -> None:
        try:
            await serve(asgi, listen, ready=ready.put)
        except Exception as error:
            ready.put(error)

    task = loop.create_task(run())
    thread = threading.Thread(target=_run, args=(loop, task), daemon=True)
    thread.start()
    address = ready.get(timeout=10)
    if isinstance(address, BaseException):
        raise address
    try:
        yield address
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(timeout=10)


def _run(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[None]") -> None:
    try:
        loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
    finally:
        loop.close()


def free_port() -> int:
    """A port on 127.0.0.1 that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Postbox:
    """A real SMTP server that accepts everything, or answers what it is told to."""

    def __init__(self) -> None:
        self.received: list[tuple[str, EmailMessage]] = []
        self.contents: list[bytes] = []  # as they came over the wire
        self.answers: dict[str, str] = {}  # recipient → the answer to RCPT
        self.port = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        assert isinstance(envelope.content, bytes)
        self.contents.append(envelope.content)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.received += [(recipient, message) for recipient in envelope.rcpt_tos]
        return "250 2.0.0 accepted"

    def letters(self) -> dict[str, EmailMessage]:
        """What came, by recipient. Nobody may have got two."""
        found = dict(self.received)
        assert len(found) == len(self.received), "somebody got a letter twice"
        return found


@contextmanager
def postbox() -> Iterator[Postbox]:
    """A running Postbox; its `port` is on 127.0.0.1."""
    box = Postbox()
    box.port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
