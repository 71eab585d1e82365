"""
The nouns: what the rooms hand to each other.

All are frozen and keyword-only. Times are aware; languages are BCP 47 strings
(never an enum: a third language must be a matter of configuration). The states
and what moves them are drawn in `docs/architecture.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeAlias
from urllib.parse import quote, urlsplit

Language: TypeAlias = str
"""`ko` or `en` (or any language of `site.languages`)."""

LanguageKey: TypeAlias = str
"""One language, or two distinct ones in the reader's order: `ko`, `en+ko`."""

Day: TypeAlias = date
"""A calendar day under a name that a field called `date` does not hide."""

Texts: TypeAlias = Mapping[Language, str]
"""One text per language, for names and notes."""


def languages_of(key: LanguageKey) -> tuple[Language, ...]:
    """`en+ko` → `("en", "ko")`, the reader's first language first."""
    return tuple(key.split("+"))


def text_in(texts: Texts, language: Language) -> str:
    """The text in this language, else in the first language that has one, else ''."""
    return texts.get(language) or next((text for text in texts.values() if text), "")


# ── Entries ──────────────────────────────────────────────────────────────────


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


# ── The house: what is configured and has a name ─────────────────────────────


SENDER_LANGUAGES: tuple[Language, ...] = ("ko", "en")
"""The law wants the sender and the way to refuse in both, whoever reads (Network Act art. 50④)."""


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who writes, as the law wants it in every letter (Korean Network Act art. 50④)."""

    name: Texts = field(default_factory=dict)
    email: str = ""
    phone: str = ""
    address: Texts = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An image as letters show it: our own copy at mail width. `hash` (SHA-256, hex) is its address below /media."""

    hash: str
    type: str  # media type
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Site:
    """
    The publisher's own place on the web. `url` has no trailing slash and may have a path.

    `accent` and `accent_dark` are the one colour of letters, by day and by night; `logo` stands on top of them.
    """

    name: Texts
    url: str
    timezone: str = "Asia/Seoul"
    country: str = "KR"
    languages: tuple[Language, ...] = ("ko", "en")
    sender: Sender = field(default_factory=Sender)
    operators: tuple[str, ...] = ()  # who is told when something needs somebody
    accent: str = "#17605a"
    accent_dark: str = "#69beb7"
    logo: Picture | None = None

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or "localhost"

    @property
    def path(self) -> str:
        """The path under which the site lives, without a trailing slash: '' or `/letters`."""
        return urlsplit(self.url).path.rstrip("/")

    def home_url(self, language: Language) -> str:
        return f"{self.url}/{language}/"

    def entry_url(self, language: Language, public_id: str) -> str:
        return f"{self.url}/{language}/entries/{public_id}"

    def edition_url(self, language: Language, list_name: str, number: int) -> str:
        return f"{self.url}/{language}/editions/{list_name}/{number}"

    def about_url(self, language: Language, list_name: str, number: int) -> str:
        """The page about an edition: all that stands in it, its hashes, how to cite it."""
        return f"{self.edition_url(language, list_name, number)}/about"

    def media_url(self, digest: str) -> str:
        return f"{self.url}/media/{digest}"

    def feed_url(self, slug: str, extension: str) -> str:
        return f"{self.url}/feeds/{slug}.{extension}"

    def unsubscribe_url(self, token: str) -> str:
        return f"{self.url}/unsubscribe/{quote(token, safe='')}"

    def preferences_url(self, token: str) -> str:
        return f"{self.url}/preferences/{quote(token, safe='')}"

    def confirm_url(self, token: str) -> str:
        return f"{self.url}/confirm/{quote(token, safe='')}"

    @property
    def subscribe_url(self) -> str:
        return f"{self.url}/subscribe"

    def keep_url(self, token: str) -> str:
        return f"{self.url}/keep/{quote(token, safe='')}"


class Mode(StrEnum):
    APPROVE = "approve"
    AUTOMATIC = "automatic"


class Missing(StrEnum):
    """What a reader gets of an entry without a face in their language."""

    SHOW = "show"
    TITLE = "title"
    OMIT = "omit"


class Design(StrEnum):
    """How a list's letters look. Each has its folder under `templates/email`."""

    DIGEST = "digest"
    LETTER = "letter"  # as a person types one
    TITLES = "titles"  # titles without summaries


class Images(StrEnum):
    """Which images of an entry stand in letters."""

    NONE = "none"
    FIRST = "first"
    ALL = "all"


class Classification(StrEnum):
    INFORMATION = "information"
    ADVERTISING = "advertising"


@dataclass(frozen=True, kw_only=True)
class MailingList:
    """What one subscribes to (RFC 2919 calls it the list)."""

    name: str
    titles: Texts
    archives: tuple[str, ...]
    languages: tuple[LanguageKey, ...] = ("ko", "en", "ko+en", "en+ko")
    cadence: str | None = None  # five fields as in cron, or None: by hand only
    timezone: str = "Asia/Seoul"
    mode: Mode = Mode.APPROVE
    minimum: int = 1
    late: timedelta = timedelta(hours=6)
    grace: timedelta = timedelta(minutes=2)
    missing: Missing = Missing.SHOW
    classification: Classification = Classification.INFORMATION
    less_often: str | None = None
    reply_to: str | None = None
    profile: str | None = None  # the SMTP profile that its letters go by; None: the default one
    design: Design = Design.DIGEST
    images: Images = Images.NONE


@dataclass(frozen=True, kw_only=True)
class Feed:
    """Which entries stand in a feed, and what it is called. Any of the three may be open (empty)."""

    slug: str
    archives: tuple[str, ...]  # empty: all
    language: Language | None  # None: every entry
    categories: tuple[str, ...] = ()  # empty: all
    title: str
    description: str
    translations: Mapping[Language, str] = field(default_factory=dict)  # the same feed in other languages, by slug


# ── Editions and letters ─────────────────────────────────────────────────────


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


class Slot(StrEnum):
    """What differs between two copies of one letter. Everything else is the same bytes."""

    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"


Run: TypeAlias = tuple[str | Slot, ...]
"""Text with its slots between the pieces: `("<p>…<a href='", Slot.UNSUBSCRIBE, "'>…")`."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """
    An edition in one language key, frozen: subject, and both bodies with open slots.

    `covers` has, by the public id of an entry, the pieces of `html` that show
    it: what is left without them says nothing of it. An entry for which that is
    not certain has none; `PREHEADER` names what shows a little of every entry.
    """

    language_key: LanguageKey
    subject: str
    html: Run
    text: Run
    covers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


PREHEADER = "preheader"


def fill(run: Run, values: Mapping[Slot, str]) -> str:
    """The text with each slot replaced by its value."""
    return "".join(values[piece] if isinstance(piece, Slot) else piece for piece in run)


# ── Deliveries ───────────────────────────────────────────────────────────────


class DeliveryKind(StrEnum):
    EDITION = "edition"
    TEST = "test"  # of an edition, too
    # The others belong to no edition. Each has its folder under `templates/email`.
    ALARM = "alarm"
    CONFIRM = "confirm"  # somebody asked for letters, or for them at another address: was it you?
    REMINDER = "reminder"  # the same, once more
    WELCOME = "welcome"
    LINK = "link"  # to one's own page
    GOODBYE = "goodbye"
    NOTICE = "notice"  # what became of a consent, a refusal, a withdrawal, an erasure
    RECONFIRM = "reconfirm"  # the two-yearly question
    # Later rooms add: approval.


Facts: TypeAlias = Mapping[str, Any]
"""What a letter that belongs to no edition says: JSON, kept in its row, so that the row explains itself."""


class DeliveryStatus(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    WITHHELD = "withheld"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, kw_only=True)
class Account:
    """What became of an edition's copies; `total` is the number of recipients."""

    waiting: int = 0
    sending: int = 0
    sent: int = 0
    failed: int = 0
    withheld: int = 0
    uncertain: int = 0

    @property
    def total(self) -> int:
        return self.waiting + self.sending + self.sent + self.failed + self.withheld + self.uncertain

    @property
    def open(self) -> int:
        """Copies that have not come to an end yet."""
        return self.waiting + self.sending


class Verdict(StrEnum):
    """How a scheduled occurrence ended; the run's `reason` says why."""

    SENT = "sent"
    DRAFTED = "drafted"
    SKIPPED = "skipped"
    HELD = "held"
    FAILED = "failed"
