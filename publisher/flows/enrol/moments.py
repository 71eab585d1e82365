"""Dates as people and services write them."""

import re
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

_DAY = re.compile(
    r"(?P<year>\d{4})\s*[-./년]\s*(?P<month>\d{1,2})\s*[-./월]\s*(?P<day>\d{1,2})\s*[.일]?"
    r"(?:\s*(?P<half>오전|오후|[AaPp][Mm])?\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
    r"\s*(?P<behind>[AaPp][Mm])?)?"
)
_NEVER = re.compile(r"[0\s:./-]*")  # MySQL's 0000-00-00 00:00:00


@lru_cache(maxsize=1024)  # the same days come again and again
def moment(text: str, zone: tzinfo) -> datetime | None:
    """
    `2026-03-02`, an ISO time, `2026. 3. 2. 오후 2:05` or `2026년 3월 2일` as a time in UTC; nothing, or zeros: None.

    Raises ValueError for what is none of these. Days and times without an offset
    are of the zone; `3/2/2026` is refused, since nobody can tell its month.
    """
    written = text.strip()
    if _NEVER.fullmatch(written):
        return None
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        found = _spoken(written)
    try:
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError as error:  # at the ends of the calendar
        raise ValueError(text) from error


def _spoken(text: str) -> datetime:
    found = _DAY.fullmatch(text)
    if found is None:
        raise ValueError(text)
    hour = int(found["hour"] or 0)
    half = (found["half"] or found["behind"] or "").casefold()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(text)
        hour = hour % 12 + (12 if half in ("오후", "pm") else 0)
    minute, second = int(found["minute"] or 0), int(found["second"] or 0)
    return datetime(int(found["year"]), int(found["month"]), int(found["day"]), hour, minute, second)  # noqa: DTZ001 - a wall time
