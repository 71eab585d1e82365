"""
Envelopes and contents said to one server, in their order.

Where the server takes groups of commands (PIPELINING, RFC 2920), MAIL, RCPT and
DATA go in one, and that of the next copy may go *ahead*: right behind a content
whose answer is still awaited. Elsewhere each command waits for its answer. An
envelope is no letter yet: content goes out only when the copy before has had
its answer and this one's envelope was taken.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import TypeAlias

from publisher.delivery.transport import Accepted, Envelope, Outcome, Refused, Stage, Unanswered, Unreachable
from publisher.delivery.wire import NO_SMTP, Asked, Reply, Wire

_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})\b")

_Step: TypeAlias = tuple[Stage | None, bytes, int]
"""What a command is about (None: nothing of the copy's), the command, and the kind of reply that it needs."""


class Conversation:
    """
    What is said on one connection. Thrown away (`close`, `leave`) after any oddity, timeout or cancellation.

    `timeout` is for the answer to a command, `patience` for the one to a
    content, in seconds.
    """

    def __init__(
        self, wire: Wire, *, is_pipelining: bool, takes_size: bool, timeout: float, patience: float, copies: int
    ) -> None:
        self.is_pipelining = is_pipelining
        self.carried = 0  # envelopes, taken or not
        self._wire = wire
        self._takes_size = takes_size
        self._timeout = timeout
        self._patience = patience
        self._copies = copies  # that it may carry
        self._needs_reset = False  # a refusal left half an envelope behind
        self._is_spoilt = False
        self._last_used = asyncio.get_running_loop().time()

    @property
    def is_usable(self) -> bool:
        return self._wire.is_open and not self._is_spoilt and self.carried < self._copies

    @property
    def idle_for(self) -> float:
        """Seconds since the last answer."""
        return asyncio.get_running_loop().time() - self._last_used

    async def is_there(self) -> bool:
        """Does the server still answer? Ends the conversation if not."""
        asked = self._wire.ask(b"NOOP\r\n")
        await asked.answered(self._timeout)
        is_well = not asked.fault and asked.replies[0].kind == 2
        if not is_well:
            self.close()
        self._last_used = asyncio.get_running_loop().time()
        return is_well

    async def announce(self, envelope: Envelope, before: asyncio.Event) -> Outcome | None:
        """
        MAIL, RCPT, DATA; None when the server waits for the content.

        `before` is set when the copy before on this connection has had its answer.
        """
        if not (envelope.sender.isprintable() and envelope.recipient.isprintable()):  # it would bring a command along
            return Refused(code=553, enhanced="5.1.3", reply="a control character in the address")
        self.carried += 1
        steps = self._steps(envelope)
        for group in [steps] if self.is_pipelining else [[step] for step in steps]:
            asked = self._wire.ask(b"".join([command for _, command, _ in group]), len(group))
            await before.wait()
            await asked.answered(self._timeout)
            refused_or_lost = await self._verdict(group, asked, envelope)
            if refused_or_lost:
                return refused_or_lost
        return None

    def content(self, envelope: Envelope) -> Asked:
        """The content and its final dot go out: from now on the copy is uncertain."""
        return self._wire.ask(_wired(envelope), has_more=self.is_pipelining)

    async def answer(self, asked: Asked, envelope: Envelope) -> Outcome:
        """What the server says to the content."""
        number = self.carried
        await asked.answered(self._patience)
        self._last_used = asyncio.get_running_loop().time()
        if asked.fault:
            self.close()
            return Unanswered(reason=asked.fault) if asked.was_said else _lost(asked.fault)
        reply = asked.replies[0]
        match reply.kind:
            case 2:
                return Accepted(code=reply.code, reply=_tidy(reply.text, envelope))
            case 4 | 5:
                self._needs_reset = self.carried == number  # an envelope that went ahead must not be reset
                return self._refused(reply, Stage.CONTENT, envelope)
            case _:
                self.close()
                return Unanswered(reason=NO_SMTP)

    def spoil(self) -> None:
        """Carry no other copy; what is under way may end."""
        self._is_spoilt = True

    def rest(self) -> None:
        """A content has had its answer; who spoilt the conversation meanwhile left it to us to end it."""
        if self._is_spoilt:
            self.close()

    def leave(self) -> None:
        """Say goodbye if everything has had its answer, and go."""
        self._wire.leave()

    def close(self) -> None:
        self._wire.close()

    # ── Envelopes ────────────────────────────────────────────────────────────

    def _steps(self, envelope: Envelope) -> list[_Step]:
        size = b" SIZE=%d" % len(envelope.content) if self._takes_size else b""
        steps: list[_Step] = [
            (Stage.SENDER, b"MAIL FROM:<%b>%b\r\n" % (envelope.sender.encode("ascii"), size), 2),
            (Stage.RECIPIENT, b"RCPT TO:<%b>\r\n" % envelope.recipient.encode("ascii"), 2),
            (Stage.CONTENT, b"DATA\r\n", 3),
        ]
        if self._needs_reset:
            self._needs_reset = False
            steps.insert(0, (None, b"RSET\r\n", 2))
        return steps

    async def _verdict(self, group: Sequence[_Step], asked: Asked, envelope: Envelope) -> Outcome | None:
        """The first refusal counts; what was said after it was said in vain."""
        for (stage, _, needed), reply in zip(group, asked.replies, strict=False):
            if reply.kind == needed:
                continue
            if stage is None or reply.kind not in {4, 5}:
                self.close()
                return _lost(NO_SMTP)
            self._needs_reset = True
            await self._stay_in_step(group, asked)
            return self._refused(reply, stage, envelope)
        if asked.fault:
            self.close()
            return _lost(asked.fault)
        return None

    async def _stay_in_step(self, group: Sequence[_Step], asked: Asked) -> None:
        """After a refusal: the server may wait for a content all the same, and gets an empty one (RFC 2920, 3.1)."""
        kinds = {stage: reply.kind for (stage, _, _), reply in zip(group, asked.replies, strict=False)}
        if asked.fault:
            self.close()
        elif kinds.get(Stage.CONTENT) != 3:
            return
        elif kinds.get(Stage.RECIPIENT) == 2:  # the empty one would have somebody to go to
            self.close()
        else:
            nothing = self._wire.ask(b".\r\n")
            await nothing.answered(self._timeout)
            if nothing.fault:
                self.close()

    def _refused(self, reply: Reply, stage: Stage, envelope: Envelope) -> Refused:
        enhanced = _ENHANCED.match(reply.text)
        return Refused(
            code=reply.code,
            enhanced=enhanced[1] if enhanced else "",
            reply=_tidy(reply.text, envelope),
            stage=stage,
        )


def _lost(reason: str) -> Unreachable:
    return Unreachable(reason=reason, connected=True)


def _wired(envelope: Envelope) -> bytes:
    """The content as DATA wants it: lines that begin with a dot get another, and a lone dot ends it."""
    content = envelope.content
    if envelope.has_dots:
        content = content.replace(b"\r\n.", b"\r\n..")
        content = b"." + content if content.startswith(b".") else content
    return content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")


def _tidy(text: str, envelope: Envelope) -> str:
    """The server's words in one line, without the address, which must not outlive its erasure."""
    if "@" in text or not text.isascii() or not text.isprintable():
        text = re.sub(re.escape(envelope.recipient), "(recipient)", text, flags=re.IGNORECASE)
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(text.split())[:400]
