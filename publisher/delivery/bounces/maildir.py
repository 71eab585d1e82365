"""
A mailbox as a folder of files (maildir), as a mail server on the same host keeps it.

A mail that was looked at goes from `new` to `cur`, as with any mail program; it
stays unread. So what is in `new` is what waits, and no other memory is needed.
"""

from collections.abc import Sequence
from contextlib import suppress

from publisher.delivery.bounces.mail import LARGEST
from publisher.delivery.bounces.mailbox import Cursor
from publisher.delivery.policy import MaildirPolicy, WhenHandled
from publisher.errors import MailboxError


class Maildir:
    """The folder with `new`, `cur` and `tmp` in it. Raises MailboxError where that is not what it is."""

    def __init__(self, policy: MaildirPolicy) -> None:
        self._folder = policy.path
        self._policy = policy
        if not (self._folder / "new").is_dir() or not (self._folder / "cur").is_dir():
            raise MailboxError(f"{self._folder} is no maildir: expected the folders new and cur in it")

    def waiting(self, cursor: Cursor) -> Sequence[str]:
        try:
            found = [(file.stat().st_mtime, file.name) for file in (self._folder / "new").iterdir() if file.is_file()]
        except OSError as error:
            raise self._unusable(error) from error
        return [name for _, name in sorted(found)]

    def read(self, key: str) -> bytes:
        new, seen = self._folder / "new" / key, self._folder / "cur" / f"{key.partition(':')[0]}:2,"
        try:
            with suppress(FileNotFoundError):
                new.rename(seen)
            with seen.open("rb") as file:
                return file.read(LARGEST)
        except FileNotFoundError:  # somebody else's hand
            return b""
        except OSError as error:
            raise self._unusable(error) from error

    def past(self, key: str) -> Cursor:
        return {}

    def dispose(self, key: str) -> None:
        file = self._folder / "cur" / f"{key.partition(':')[0]}:2,"
        with suppress(FileNotFoundError):
            match self._policy.then:
                case WhenHandled.SEEN:
                    file.rename(f"{file}S")
                case WhenHandled.MOVE:
                    target = self._folder / f".{self._policy.move_to or 'Bounces'}"
                    for name in ("cur", "new", "tmp"):
                        (target / name).mkdir(parents=True, exist_ok=True)
                    file.rename(target / "cur" / f"{file.name}S")
                case WhenHandled.DELETE:
                    file.unlink()

    def abort(self) -> None:
        """Nothing is waited for."""

    def close(self) -> None:
        """Nothing is held open."""

    def _unusable(self, error: OSError) -> MailboxError:
        why = (error.strerror or "failed").lower()
        return MailboxError(f"{self._folder} cannot be read ({why}): let the user of publisher read and write there")
