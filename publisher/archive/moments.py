"""
Dates as strangers write them: ISO 8601, RFC 2822, Korean, English.

Read from the raw text, since readers made elsewhere take a date without a zone
for Greenwich. Here it is the archive's own zone. What is no date, or cannot be
true, is None: then the piece counts from when it was seen.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

from publisher.archive.wording import KST, believable
from publisher.markup import fold

_LONGEST = 120
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}
_MONTH = rf"(?:{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_CLOCK = (
    r"(?:[\sT,]{0,3}(?:\(?[월화수목금토일](?:요일)?\)?)?[\s,]{0,3}(?P<before>오전|오후|[ap]\.?m\.?)?\s?"
    r"(?P<hour>\d{1,2})(?::|시\s?)(?P<minute>\d{2})?(?::|분\s?)?(?P<second>\d{2})?(?:초|\.\d{1,9})?"
    r"\s?(?P<after>[ap]\.?m\b\.?)?)?"
    r"(?:\s?(?P<zone>KST|JST|UTC|GMT|Z\b|[+-]\d{2}:?\d{2}(?!\d)))?"
)
_SHAPES = tuple(
    re.compile(shape + _CLOCK, re.IGNORECASE)
    for shape in (
        r"(?<![\d.])(?P<year>\d{4}|\d{2})\s?[.\-/년]\s?(?P<month>\d{1,2})\s?[.\-/월]\s?(?P<day>\d{1,2})(?!\d)\s?[일.]?",
        r"(?<!\d)(?P<day>\d{1,2})\s(?P<month>\d{1,2})월\s(?P<year>\d{4})",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?P<month>{_MONTH}),?\s(?P<year>\d{{4}})",
        rf"(?P<month>{_MONTH})\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year>\d{{4}})",
    )
)
_HALF_DAY = re.compile(r"\d\s?[ap]\.?m\b|오전|오후", re.IGNORECASE)
_NINE = timezone(timedelta(hours=9))
_ZONES = {"KST": _NINE, "JST": _NINE, "UTC": UTC, "GMT": UTC, "Z": UTC}


def read_moment(text: str, now: datetime, zone: tzinfo = KST) -> datetime | None:
    """The moment that a text states, by the clock of `zone` unless it names another; a day alone is its midnight."""
    written = fold(text[:_LONGEST])
    for read in (_iso, _mail, _spelled):
        try:
            stated = read(written)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        if stated:
            return believable(stated if stated.tzinfo else stated.replace(tzinfo=zone), now, zone)
    return None


def _iso(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _mail(text: str) -> datetime | None:
    if _HALF_DAY.search(text):  # which the standard library passes over
        return None
    stated = parsedate_to_datetime(text)
    return stated.replace(tzinfo=UTC) if text.endswith("-0000") else stated


def _spelled(text: str) -> datetime | None:
    return next(_in_shapes(text), None)


def _in_shapes(text: str) -> Iterator[datetime]:
    for shape in _SHAPES:
        if found := shape.search(text):
            year = int(found["year"])
            yield datetime(
                year if year > 99 else 2000 + year,
                _month(found["month"]),
                int(found["day"]),
                _hour(found),
                int(found["minute"] or 0),
                int(found["second"] or 0),
                tzinfo=_zone(found["zone"]),
            )


def _month(written: str) -> int:
    return int(written) if written.isdigit() else _MONTHS[written[:3].lower()]


def _hour(found: re.Match[str]) -> int:
    hour = int(found["hour"] or 0)
    half = (found["before"] or found["after"] or "").lower()
    if half == "오후" or half.startswith("p"):
        return hour if hour >= 12 else hour + 12
    return 0 if half and hour == 12 else hour


def _zone(written: str | None) -> tzinfo | None:
    if not written:
        return None
    if written.upper() in _ZONES:
        return _ZONES[written.upper()]
    digits = written.replace(":", "")
    offset = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5]))
    return timezone(-offset if written[0] == "-" else offset)
