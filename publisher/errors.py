"""
What we raise.

Expected outcomes (a refused recipient, nothing new) are values; an exception is
for what the code at hand cannot settle. `str(error)` is one line for a person:
the thing, what is wrong with it, and what to do.

    PublisherError
    ├── ConfigError          config.yaml cannot be used; one Problem per line
    ├── SourceError          an archive could not be read; has a stable `reason`
    │   └── FetchError       the network part of it: refused, too large, too slow
    ├── TemplateError        a template cannot be used; names file and line
    ├── NotFound             no such list, edition, entry, archive
    ├── NotAllowed           a rule of the house says no
    │   ├── StaleEdition     the edition is not in the state this step needs
    │   └── UnusableToken    a link that was altered, expired or made elsewhere
    ├── InvalidAddress       not an e-mail address we could write to
    ├── UnreadableFile       an import that cannot be read at all
    ├── UnusablePicture      an image that no letter can show
    ├── TransportError       letters cannot leave: sign-in, TLS, unusable profile
    └── MailboxError         the mailbox that bounces come to cannot be read
"""

from collections.abc import Sequence
from dataclasses import dataclass


class PublisherError(Exception):
    """Anything that is ours to say; the text is for the person at the terminal or desk."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong in a file: where (counted from 1), what, and what would be right."""

    file: str
    line: int | None
    column: int | None
    key: str
    message: str

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class ConfigError(PublisherError):
    """The configuration cannot be used; `problems` are in the file's order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class SourceError(PublisherError):
    """
    An archive could not be read this time; nothing stored is touched.

    `reason` is a short stable name (`unreachable`, `closed`, `board missing`,
    `database down`, `not a board`, …) that `status` shows and alarms group by.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class FetchError(SourceError):
    """An address could not be fetched: not allowed, unreachable, too large, too slow."""


class TemplateError(PublisherError):
    """A template cannot be used; the message names the file and the line."""


class NotFound(PublisherError):
    """Something was named that does not exist; the message lists what does."""


class NotAllowed(PublisherError):
    """A rule of the house forbids this step; the message names the rule."""


class StaleEdition(NotAllowed):
    """The edition is not, or no longer, in the state that this step needs."""


class UnusableToken(NotAllowed):
    """A link that was altered, is incomplete, has expired, or is for another purpose."""


class InvalidAddress(PublisherError):
    """Not an e-mail address a letter could be sent to."""


class UnreadableFile(PublisherError):
    """A file handed in, for import or as a mail, that cannot be read at all."""


class UnusablePicture(PublisherError):
    """An image that no letter can show; the message says why."""


class TransportError(PublisherError):
    """No letter can leave by this profile until somebody mends it."""


class MailboxError(PublisherError):
    """The mailbox that bounces come to cannot be read this time; it is tried again."""
