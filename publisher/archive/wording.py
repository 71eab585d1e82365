"""
How a Gnuboard page words things: titles, names, dates, sizes.

Shared by everything that reads such a page, fetched or saved as text. Titles
are shown cut (after 60 or 70 characters of the already escaped text, through
the middle of an entity if it so falls), so the shown one is only a check on
the whole one that stands elsewhere.
"""

import mimetypes
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from publisher.archive.citation import without_citation
from publisher.markup import fold

KST: tzinfo = ZoneInfo("Asia/Seoul")
"""The zone of a wall clock where nobody says another: Gnuboard's own, whatever the server's is."""

_ELLIPSES = ("…", "...")
_TORN_ENTITY = re.compile(r"(?:&#?\w{0,8}|\ufffd)$")
_QUOTES = "\"'“”‘’「」『』《》〈〉"
_LONGEST_TITLE_FROM_BODY = 150


def whole_title(shown: str, candidates: Iterable[str], first_line: str = "") -> str:
    """
    The whole title: the first candidate that begins as the shown one does.

    `candidates` stand elsewhere in the page or feed, best first; `first_line`
    is the first line of the body, which such boards often open with the title.
    An empty title takes the first line. A sign `…` is no proof of a cut.
    """
    seen = fold(shown)
    opening = fold(without_citation(first_line))
    offered = [whole for candidate in candidates if (whole := fold(candidate))]
    if not seen:
        return (offered or [_shortened(opening)])[0]
    lines = [opening, opening.strip(_QUOTES + " ")] if is_cut(seen) else []
    return next((whole for whole in [*offered, *lines] if begins_alike(whole, seen)), seen)


def is_cut(shown: str) -> bool:
    """Whether a shown text ends as the software cuts it (it may also really end so)."""
    return shown.rstrip().endswith(_ELLIPSES)


def begins_alike(whole: str, shown: str) -> bool:
    """Whether `shown` is `whole`, or `whole` cut with a `…`, white space apart."""
    packed, seen = _packed(whole), _packed(shown)
    if not is_cut(shown):
        return packed == seen
    return packed == seen or packed.startswith(_stem(seen))


def _packed(text: str) -> str:
    return "".join(fold(text).split())


def _stem(seen: str) -> str:
    for sign in _ELLIPSES:
        seen = seen.removesuffix(sign)
    return _TORN_ENTITY.sub("", seen)


def _shortened(line: str) -> str:
    if len(line) <= _LONGEST_TITLE_FROM_BODY:
        return line
    return line[:_LONGEST_TITLE_FROM_BODY].rsplit(" ", 1)[0].rstrip(" ,") + "…"


# ── Names ────────────────────────────────────────────────────────────────────


def whole_name(shown: str, candidates: Iterable[str]) -> str | None:
    """An author's name; pages cut it at 15 characters, feeds give it whole."""
    seen = fold(shown)
    names = [name for candidate in candidates if (name := fold(candidate))]
    if not seen:
        return next(iter(names), None)
    return next((name for name in names if begins_alike(name, seen)), seen)


def file_name(text: str) -> str:
    """A file's name in NFC and without controls; its inner blanks are kept."""
    blanks = re.sub(r"\s", " ", unicodedata.normalize("NFC", text))
    return "".join(sign for sign in blanks if sign.isprintable()).strip()


_TYPES = {
    "hwp": "application/x-hwp",
    "hwpx": "application/hwp+zip",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "webp": "image/webp",
}


def media_type(name: str) -> str | None:
    """The media type by the name's ending; our own table first, since the machine's differs from host to host."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    return _TYPES.get(ending) or mimetypes.guess_type(f"file.{ending}" if ending.isalnum() else "")[0]


# ── Sizes and dates ──────────────────────────────────────────────────────────

_SIZE = re.compile(r"\(\s*(\d[\d,]{0,14}(?:\.\d{1,3})?)\s*(bytes?|[KMG])B?\s*\)", re.IGNORECASE)
_UNITS = {"b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


def size_in(text: str) -> int | None:
    """`부록 파일 (1.5K)` → 1536: as near as the page says it."""
    sizes = _SIZE.findall(text)
    if not sizes:
        return None
    number, unit = sizes[-1]
    return round(float(number.replace(",", "")) * _UNITS[unit[0].lower()])


_WRITTEN = re.compile(
    r"(?<![\d-])(?P<year>\d{2}|\d{4})[-.](?P<month>\d{2})[-.](?P<day>\d{2})\.?\s{1,3}"
    r"(?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?!\d)"
)
_EARLIEST_YEAR = 1990  # before the web: what such a year really says is "no date"


def written_at(text: str, now: datetime, zone: tzinfo = KST) -> datetime | None:
    """The first date with a time in a text (`25-05-07 20:35`: twenty-first century, in `zone`), if it can be true."""
    match = _WRITTEN.search(text)
    if not match:
        return None
    year, month, day, hour, minute, second = (int(match[name] or 0) for name in _WRITTEN.groupindex)
    try:
        written = datetime(year if year > 99 else 2000 + year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    return believable(written, now, zone)


def feed_date(text: str, now: datetime, zone: tzinfo = KST) -> datetime | None:
    """`dc:date` in either of its forms: ISO 8601 (since 5.5.8.3.1) or RFC 2822 (before)."""
    try:
        stated = datetime.fromisoformat(text.strip())
    except ValueError:
        try:
            stated = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return believable(stated if stated.tzinfo else stated.replace(tzinfo=zone), now, zone)


def believable(stated: datetime, now: datetime, zone: tzinfo = KST) -> datetime | None:
    """A stated time, by the clock of `zone`, unless it lies before the web or more than a day ahead."""
    try:
        local = stated.astimezone(zone)
        return local if local.year >= _EARLIEST_YEAR and local <= now + timedelta(days=1) else None
    except (OverflowError, ValueError):
        return None
