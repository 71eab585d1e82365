"""
One connection to an SMTP server that has greeted us: commands out, in groups if wanted, and replies in.

Replies come in the order of the commands, each in one line or in many, and the
network cuts them where it likes. `aiosmtplib` makes connections and signs in,
but waits for each reply before the next command and drops what comes early; so
it hands its transport over to this protocol.
"""

import asyncio
import math
import re
from collections import deque
from dataclasses import dataclass
from functools import lru_cache

HUNG_UP = "the server hung up"
TOO_LATE = "the server did not answer in time"
NO_SMTP = "the server's answer is no SMTP"

SERVICE_CLOSING = 421

_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)
_LONGEST_REPLY = 32_768  # bytes; a server that goes on and on must not fill the memory


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the server said to one command; the lines of a long one are parted by line ends."""

    code: int
    text: str

    @property
    def kind(self) -> int:
        """2 yes, 3 go on, 4 not now, 5 no (RFC 5321 section 4.2.1)."""
        return self.code // 100


class Asked:
    """
    A group of commands, and the replies to it so far.

    `fault` says why the others will never come; `was_said` whether the commands
    were given to the network at all.
    """

    def __init__(self, count: int, alarm: "_Alarm") -> None:
        self.replies: list[Reply] = []
        self.fault: str | None = None
        self.was_said = False
        self.is_over = False
        self.until = math.inf  # on the loop's clock
        self._count = count
        self._alarm = alarm
        self._over: asyncio.Future[None] | None = None

    async def answered(self, within: float) -> None:
        """Wait for all replies, or for the fault: the time being up is one."""
        if self.is_over:
            return
        self._over = asyncio.get_running_loop().create_future()
        self._alarm.set_for(self, within)
        await self._over

    def take(self, reply: Reply) -> None:
        self.replies.append(reply)
        if len(self.replies) == self._count:
            self._end()

    def fail(self, reason: str) -> None:
        if not self.is_over:
            self.fault = reason
            self._end()

    def _end(self) -> None:
        self.is_over = True
        if self._over and not self._over.done():
            self._over.set_result(None)


class _Alarm:
    """
    One timer for all that a connection waits for.

    Set for the earliest moment at which something may be late; then it looks
    what really is. A timer for each answer would cost more than reading it.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: list[Asked] = []

    def set_for(self, asked: Asked, within: float) -> None:
        asked.until = self._loop.time() + within
        self._waiting = [one for one in self._waiting if not one.is_over]
        self._waiting.append(asked)
        if self._timer is None or asked.until < self._timer.when():
            self._wind()

    def stop(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _wind(self) -> None:
        self.stop()
        self._timer = self._loop.call_at(min(one.until for one in self._waiting), self._ring)

    def _ring(self) -> None:
        self._timer = None
        now = self._loop.time()
        for one in self._waiting:
            if one.until <= now:
                one.fail(TOO_LATE)
        self._waiting = [one for one in self._waiting if not one.is_over]
        if self._waiting:
            self._wind()


class Wire(asyncio.Protocol):
    """Takes a transport over from whoever made it. Any oddity ends it: an answer out of step would be misread."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._awaited: deque[Asked] = deque()
        self._unsaid: list[tuple[bytes, Asked]] = []
        self._rest = b""  # of a line that has not come whole
        self._lines: list[str] = []
        self._is_open = True
        self._alarm = _Alarm()
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        return self._is_open and not self._transport.is_closing()

    def ask(self, commands: bytes, count: int = 1, *, has_more: bool = False) -> Asked:
        """
        Say something to which `count` replies are due.

        With `has_more` it is held back for a moment, so that what somebody else
        says meanwhile goes out in the same packet.
        """
        asked = Asked(count, self._alarm)
        if not self.is_open:
            asked.fail(HUNG_UP)
            return asked
        self._awaited.append(asked)
        self._unsaid.append((commands, asked))
        if has_more:
            # Twice round the loop: the task that waits for its turn is woken in between.
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, self._say)
        elif len(self._unsaid) == 1:
            self._say()
        return asked

    def leave(self) -> None:
        """Say QUIT and go; what the server answers to that is of no interest."""
        if self.is_open and not self._awaited:
            self._transport.write(b"QUIT\r\n")
        self.close()

    def close(self, reason: str = HUNG_UP) -> None:
        """Hang up; whoever waits for a reply is told why there will be none."""
        self._is_open = False
        self._alarm.stop()
        self._transport.close()
        self._unsaid.clear()
        while self._awaited:
            self._awaited.popleft().fail(reason)

    def _say(self) -> None:
        if not self._unsaid:
            return
        for _, asked in self._unsaid:
            asked.was_said = True
        self._transport.write(b"".join([commands for commands, _ in self._unsaid]))
        self._unsaid.clear()

    # ── What asyncio tells ───────────────────────────────────────────────────

    def data_received(self, data: bytes) -> None:
        *lines, rest = (self._rest + data).split(b"\n") if self._rest else data.split(b"\n")
        self._rest = rest
        for line in lines:
            if not self._is_open:
                return
            self._hear(line.rstrip(b"\r"))
        if len(rest) + sum(map(len, self._lines)) + len(self._lines) > _LONGEST_REPLY:
            self.close(NO_SMTP)

    def connection_lost(self, _error: Exception | None) -> None:
        self.close()

    def _hear(self, line: bytes) -> None:
        said = _said(line)
        if said is None or not (self._awaited and self._awaited[0].was_said):  # a farewell (421), or out of step
            self.close(NO_SMTP)
            return
        reply, goes_on = said
        if goes_on:
            self._lines.append(reply.text)
            return
        if self._lines:
            reply = Reply(code=reply.code, text="\n".join([*self._lines, reply.text]))
            self._lines.clear()
        asked = self._awaited[0]
        asked.take(reply)
        if asked.is_over:
            self._awaited.popleft()
        if reply.code == SERVICE_CLOSING:  # it will say nothing more, even if it does not hang up at once
            self.close()


@lru_cache(maxsize=32)  # a server says the same few lines all the time
def _said(line: bytes) -> tuple[Reply, bool] | None:
    """What a line says, and whether another of the same reply follows; None for what is no SMTP."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    code, goes_on, text = found.groups()
    return Reply(code=int(code), text=(text or b"").decode("utf-8", "replace").strip()), goes_on == b"-"
