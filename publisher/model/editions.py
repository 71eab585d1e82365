"""Editions: what a list sends at one time, and what it corrects of what it sent before."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from publisher.model.entries import Entry
from publisher.model.languages import Texts
from publisher.model.lists import Classification


@dataclass(frozen=True, kw_only=True)
class Told:
    """
    What readers were told of an entry, as far as a correction compares it.

    `titles` as they stood; `texts` (per language) and `source` in a form that
    small edits leave as it is: it is only asked whether they changed.
    """

    titles: Texts
    texts: Texts
    source: str


@dataclass(frozen=True, kw_only=True)
class Correction:
    """
    An entry that changed after edition `number` (of the day `dated`) of the list had told it.

    `after` is what a released edition told of the change; a draft, where it is
    None, tells what the entry says now.
    """

    entry: Entry
    number: int
    dated: datetime
    before: Told
    after: Told | None = None


FIRST_DAY = 10_000_000
"""From here on the number of an edition is a day (20261124): it has no place in the list's own count."""


def is_numbered(number: int) -> bool:
    """Whether an edition counts among the numbered ones."""
    return number < FIRST_DAY


class EditionStatus(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    RELEASED = "released"
    PAUSED = "paused"
    SENT = "sent"
    STOPPED = "stopped"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Edition:
    """
    One numbered mailing of a list.

    `touched` says that a person changed or approved it, so it is not composed
    anew by itself. `entries` are in the order of the letter. `content_hash` is
    set at release (SHA-256, hex). `notes` are the editor's words (the marks of
    `digest.notes`), `subjects` what stands in place of the usual subject. An edition
    that is not numbered is known by its day: `number` is 20261124, and no letter
    shows it. `approval_lost_why` says what took an approval
    away again: what became of an entry (`deleted`, `secret`). `classified_at` and
    `classified_why` are None while the list's setting stands; `not_agreed` are
    the readers who got no copy because they had not agreed to advertising.
    """

    id: int
    list: str
    number: int
    status: EditionStatus
    window_end: datetime
    composed_at: datetime
    touched: bool
    notes: Texts
    classification: Classification
    classified_by: str
    approved_by: str | None
    approved_at: datetime | None
    released_at: datetime | None
    sent_at: datetime | None
    content_hash: str | None
    entries: tuple[Entry, ...]
    corrections: tuple[Correction, ...] = ()
    approval_lost_at: datetime | None = None
    approval_lost_why: str | None = None
    classified_at: datetime | None = None
    classified_why: str | None = None
    not_agreed: int | None = None
    subjects: Texts = field(default_factory=dict)

    @property
    def is_numbered(self) -> bool:
        return is_numbered(self.number)

    @property
    def all_told(self) -> tuple[Entry, ...]:
        """The entries that it tells of: its own, and those that it corrects."""
        return (*self.entries, *(correction.entry for correction in self.corrections))


class Verdict(StrEnum):
    """How a scheduled occurrence ended; the run's `reason` says why."""

    SENT = "sent"
    DRAFTED = "drafted"
    SKIPPED = "skipped"
    HELD = "held"
    FAILED = "failed"
