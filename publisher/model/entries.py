"""Entries: one piece as an archive holds it, and as the house keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from publisher.model.languages import Day, Language, Texts


class EntryStatus(StrEnum):
    LIVE = "live"
    RETRACTED = "retracted"


class Held(StrEnum):
    """Why an entry is not mailed by itself; letting it in (`admit`) clears it."""

    FIRST = "first"  # stood in the archive when it was first read
    OLD = "old"  # dated before the archive was first read
    FLOOD = "flood"  # came with more than `flood` others at once


class Origin(StrEnum):
    """Whose words a face has. Only `ORIGINAL` ones come from an archive; the house makes the others."""

    ORIGINAL = "original"
    HUMAN = "human"  # a machine's, which an editor has confirmed
    MACHINE = "machine"  # marked wherever it is shown


MIXED = "mixed"
"""Language of an item that holds two languages; a face never has it."""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file beside an entry. `url` may need the archive's session: then link to the entry instead."""

    name: str
    url: str
    size: int | None = None  # bytes
    type: str | None = None  # media type
    needs_session: bool = False
    page: str | None = None  # the archive's page to get it at, where the entry has several


@dataclass(frozen=True, kw_only=True)
class Citation:
    """Where a piece first appeared: the outlet, the outlet's date, the address there."""

    outlet: str | None = None
    date: Day | None = None
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Face:
    """
    An entry in one language. `html` is harmless (markup.clean), `title` and `summary` are plain.

    `citation` and `author` are those of this version, where it has its own:
    see `Entry.citation_of`.
    """

    language: Language
    title: str
    summary: str
    html: str
    origin: Origin = Origin.ORIGINAL
    url: str
    citation: Citation | None = None
    author: str | None = None


@dataclass(frozen=True, kw_only=True)
class SourceItem:
    """
    One piece as an archive holds it now: what a source hands to `flows.ingest`.

    `source_key` is the archive's own lasting key (the decimal `wr_id`).
    `published_at` carries the source's offset; None when the source has no
    usable date. `faces` has the item's language, or both of a mixed one.
    `digest` covers the item's own parts only, so a page's counters never
    look like an edit. `counterparts` are what the source itself calls the same
    text in another language: keys of its own archive, or addresses.
    """

    source_key: str
    url: str
    author: str | None
    published_at: datetime | None
    language: str  # a Language, or MIXED
    faces: Mapping[Language, Face]
    categories: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    links: tuple[str, ...] = ()
    citation: Citation = Citation()
    is_notice: bool = False
    counterparts: tuple[str, ...] = ()
    digest: str

    @property
    def title(self) -> str:
        return next(iter(self.faces.values())).title


MISSED = ""
"""Stands for the digest of a known item that was told gone once, or is to be read anew."""

RETRACTED = "retracted"
"""Stands for the digest of a known item that was taken away."""


class JoinedBy(StrEnum):
    """Who said that two entries are one text."""

    OPERATOR = "operator"
    SOURCE = "source"


@dataclass(frozen=True, kw_only=True)
class Joined:
    """An entry that became a face of another: the one it was, which it is again when they are parted."""

    public_id: str
    archive: str
    source_key: str
    url: str
    language: str
    at: datetime
    by: JoinedBy


@dataclass(frozen=True, kw_only=True)
class Entry:
    """
    One piece, whatever languages it exists in.

    `due_at` is when it may first stand in an edition (arrival + settling time,
    or admission). `printed_author` (per language) is what letters and feeds
    show: empty for a board's nameless administrator. `joined` are the entries
    that became faces of this one; `joined_to` is the id of the one that this
    became a face of.
    """

    id: int
    public_id: str
    atom_id: str
    archive: str
    source_key: str
    url: str
    author: str | None
    published_at: datetime | None
    arrived_at: datetime
    updated_at: datetime
    due_at: datetime
    held: Held | None
    status: EntryStatus
    language: str
    original_language: Language | None
    categories: tuple[str, ...]
    attachments: tuple[Attachment, ...]
    links: tuple[str, ...]
    citation: Citation
    is_notice: bool
    faces: Mapping[Language, Face]
    printed_author: Texts = field(default_factory=dict)
    joined: tuple[Joined, ...] = ()
    joined_to: str | None = None

    def citation_of(self, face: Face) -> Citation:
        """Where this version appeared first, or the entry where the version says nothing of its own."""
        return face.citation or self.citation

    @property
    def archives(self) -> frozenset[str]:
        """Every archive that a part of it comes from."""
        return frozenset({self.archive, *(one.archive for one in self.joined)})

    @property
    def dated(self) -> datetime:
        """The source's date, or the time we first saw it when the source has none."""
        return self.published_at or self.arrived_at

    def face(self, language: Language) -> Face:
        """The face in this language; a missing one falls back to one that exists."""
        return (
            self.faces.get(language) or self.faces.get(self.original_language or "") or next(iter(self.faces.values()))
        )
