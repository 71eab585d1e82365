"""
The shape of a road for letters, and the answers it can give.

An answer is a value: a refused recipient is an expected outcome. Only what
stops every letter (sign-in refused, TLS not to be had) is raised.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One copy, ready to go: finished 7-bit bytes with CRLF line ends."""

    delivery_id: int
    claim_no: int
    sender: str  # MAIL FROM
    recipient: str  # RCPT TO
    message_id: str
    content: bytes
    has_dots: bool = True  # False: no line of the content begins with a dot, so none has to be doubled


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The next hop took responsibility (RFC 5321 section 4.2.5)."""

    code: int = 250
    reply: str = ""


class Stage(StrEnum):
    """What the server said no to: a refused sender is about us, a refused recipient is not."""

    SENDER = "sender"  # MAIL FROM
    RECIPIENT = "recipient"  # RCPT TO
    CONTENT = "content"  # DATA, or the answer to its final dot


@dataclass(frozen=True, kw_only=True)
class Refused:
    """
    The server said no to this copy.

    `enhanced` is the RFC 3463 code, '' if it gave none. `reply` never holds the
    recipient's address, so it may be kept after the address is erased.
    """

    code: int
    enhanced: str = ""
    reply: str = ""
    stage: Stage = Stage.RECIPIENT


@dataclass(frozen=True, kw_only=True)
class Unreachable:
    """
    No connection, or it was lost before the content went out: the copy did certainly not go.

    `connected` says that the server was there and hung up on this copy, on a
    fresh connection too; otherwise it is an outage that says nothing about the copy.
    """

    reason: str
    connected: bool = False


@dataclass(frozen=True, kw_only=True)
class Unanswered:
    """The content and its final dot went out and the answer was lost: nobody can know (RFC 1047)."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """Withheld at the last moment: the recipient refused, or the claim was lost, before MAIL FROM."""

    reason: str


Outcome: TypeAlias = Accepted | Refused | Unreachable | Unanswered | Dropped

StartOfContent: TypeAlias = Callable[[Envelope], Awaitable[None]]
"""
Called right before the content of a copy goes out: from here to the answer it is uncertain.

It may raise, to call the copy back: then no content goes out, and `send` lets
the exception through.
"""


class Transport(Protocol):
    """A road to the next hop. `send` may be awaited by several tasks at once."""

    connections: int
    """How many sends are worth having under way at once."""

    async def send(self, envelope: Envelope, start: StartOfContent) -> Outcome:
        """
        Hand over one copy. Raises TransportError when no letter at all can leave.

        Where copies go one behind the other, what the caller does right after
        this one's outcome, without awaiting, comes before the next one's `start`.
        """
        ...

    async def close(self) -> None: ...
