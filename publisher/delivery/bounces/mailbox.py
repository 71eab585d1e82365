"""The shape of a mailbox that bounces come to."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

Cursor: TypeAlias = Mapping[str, Any]
"""How far a mailbox has been read, in JSON: the mailbox's own business, kept for it in the store."""


class Mailbox(Protocol):
    """
    One look into a mailbox; opened when it is made. Its calls block: they are made in a thread.

    Raises MailboxError where it cannot be read.
    """

    def waiting(self, cursor: Cursor) -> Sequence[str]:
        """The mails behind the cursor, by keys of the mailbox's own, the oldest first."""
        ...

    def read(self, key: str) -> bytes:
        """The beginning of a mail, at most `mail.LARGEST` bytes; empty if it has gone meanwhile."""
        ...

    def past(self, key: str) -> Cursor:
        """The cursor behind this mail."""
        ...

    def dispose(self, key: str) -> None:
        """Do with a mail that was about a letter of ours what the configuration says; others are left alone."""
        ...

    def abort(self) -> None:
        """End whatever is waited for. May be called from another thread."""
        ...

    def close(self) -> None: ...
