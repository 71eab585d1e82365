"""
When a list is due: five fields as in cron, over the wall clock of a place.

Pure: the clock, the zone and what ran last are arguments. An occurrence has a
*nominal* name, its local wall time without offset, which is unique for a list
and stays the same whatever a summer-time change does to the hour.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

MOST_SUPERSEDED = 500
"""Missed occurrences that are named one by one; older ones are forgotten."""

_DAY = timedelta(days=1)
# 29 February on one weekday comes every 28 years, over the year 2100 after 40.
_HORIZON = 45 * 366


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """`nominal` is the local wall time (`2026-11-24T09:00`), `at` the moment (UTC) when it fires."""

    nominal: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Due:
    """
    What is due now: only the newest is made up, and held when it is late.

    `superseded` are the missed ones before it, oldest first.
    """

    newest: Occurrence | None
    is_late: bool
    superseded: tuple[Occurrence, ...]


@dataclass(frozen=True, kw_only=True)
class Cadence:
    """
    A parsed cadence. Day of month and weekday are joined as in cron: either is
    enough when both are given (`13 * fri`: every 13th and every Friday).
    """

    text: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # 0 is Sunday
    either_day: bool

    def occurrences(self, after: datetime, zone: ZoneInfo) -> Iterator[Occurrence]:
        """
        All that fire after a moment, in order; ends after some 45 years.

        A wall time that a clock change skips fires at the end of the gap; one
        that comes twice fires the first time.
        """
        # A skipped day (Samoa, 2011) is the widest gap between a wall time and its moment.
        start = after.astimezone(zone).replace(tzinfo=None) - _DAY
        for day in _dates(start.date(), 1):
            for wall in self._walls(day):
                if wall > start and (at := moment(wall, zone)) > after:
                    yield Occurrence(nominal=_name(wall), at=at)

    def latest(self, until: datetime, zone: ZoneInfo) -> Iterator[Occurrence]:
        """All that fired up to and at a moment, the newest first; ends after some 45 years."""
        end = until.astimezone(zone).replace(tzinfo=None) + _DAY
        for day in _dates(end.date(), -1):
            for wall in reversed(self._walls(day)):
                if wall < end and (at := moment(wall, zone)) <= until:
                    yield Occurrence(nominal=_name(wall), at=at)

    def falls_on(self, day: date) -> bool:
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        fits = in_month or in_week if self.either_day else in_month and in_week
        return fits and day.month in self.months

    def _walls(self, day: date) -> list[datetime]:
        if not self.falls_on(day):
            return []
        return [datetime.combine(day, time(hour, minute)) for hour in self.hours for minute in self.minutes]


def due(cadence: Cadence, zone: ZoneInfo, last: str | None, since: datetime, now: datetime, late: timedelta) -> Due:
    """
    What is due at `now`, of all that comes after the occurrence named `last` and after `since`.

    `since` is when the list, or its present zone, began. Nothing at or before
    `last` comes again, even when the clock was set back. Looks at no more than
    MOST_SUPERSEDED missed ones, however long the house was closed.
    """
    missed: list[Occurrence] = []
    for occurrence in islice(cadence.latest(now, zone), MOST_SUPERSEDED + 1):
        if occurrence.at <= since or (last is not None and occurrence.nominal <= last):
            break
        missed.append(occurrence)
    if not missed:
        return Due(newest=None, is_late=False, superseded=())
    return Due(newest=missed[0], is_late=now - missed[0].at > late, superseded=tuple(reversed(missed[1:])))


# ── Wall time and moments ────────────────────────────────────────────────────


def moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment (UTC) of a local wall time: the first of two, or the end of the gap it falls into."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # In a gap the two readings lie on either side of the change; close in on it.
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _name(wall: datetime) -> str:
    return wall.isoformat(timespec="minutes")


def _dates(start: date, step: int) -> Iterator[date]:
    for distance in range(_HORIZON):
        try:
            yield start + distance * step * _DAY
        except OverflowError:  # the end of the calendar
            return


# ── Reading the five fields ──────────────────────────────────────────────────

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_SHORTHANDS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, kw_only=True)
class _Field:
    name: str
    low: int
    high: int
    names: dict[str, int]

    def read(self, text: str) -> frozenset[int]:
        return frozenset(value for part in text.split(",") for value in self._part(part))

    def _part(self, part: str) -> range:
        span, slash, step_text = part.partition("/")
        step = self._step(step_text) if slash else 1
        if span == "*":
            return range(self.low, self.high + 1, step)
        first, dash, last = span.partition("-")
        if not dash:
            if slash:
                raise self._wrong(f"{part!r} has a step but no range: write {span}-{self.high}/{step}")
            return range(self._value(first), self._value(first) + 1)
        low, high = self._value(first), self._value(last)
        if last.lower() == "sun" and low:
            high = 7  # `fri-sun` ends with the week
        if low > high:
            raise self._wrong(f"{span!r} runs backwards: write it as a list, such as {first},{last}")
        return range(low, high + 1, step)

    def _value(self, text: str) -> int:
        if (named := self.names.get(text.lower())) is not None:
            return named
        if not re.fullmatch("[0-9]{1,4}", text) or not self.low <= int(text) <= self.high:
            raise self._wrong(f"{text!r} is not allowed here")
        return int(text)

    def _step(self, text: str) -> int:
        if not re.fullmatch("[0-9]{1,4}", text) or not 1 <= int(text) <= self.high:
            raise self._wrong(f"the step {text!r} is not a number from 1 to {self.high}")
        return int(text)

    def _wrong(self, what: str) -> ValueError:
        names = f" or {', '.join(self.names)}" if self.names else ""
        return ValueError(f"{self.name}: {what} (numbers from {self.low} to {self.high}{names})")


_MINUTE = _Field(name="minute", low=0, high=59, names={})
_HOUR = _Field(name="hour", low=0, high=23, names={})
_MONTH_DAY = _Field(name="day of month", low=1, high=31, names={})
_MONTH = _Field(name="month", low=1, high=12, names={name: number for number, name in enumerate(_MONTHS, 1)})
_WEEKDAY = _Field(name="weekday", low=0, high=7, names={name: number for number, name in enumerate(_WEEKDAYS)})


def parse(text: str) -> Cadence:
    """
    Read `minute hour day month weekday`, such as `0 9 * * mon` or `30 8 1,15 * *`.

    Raises ValueError, with the field and what it may hold; also for a day that
    never comes (30 February).
    """
    written = _SHORTHANDS.get(text.strip().lower(), text)
    fields = written.split()
    if len(fields) != 5:
        raise ValueError(
            f"expected five fields (minute hour day month weekday) such as '0 9 * * mon', got {len(fields)} in {text!r}"
        )
    minute, hour, day, month, weekday = fields
    days, months = _MONTH_DAY.read(day), _MONTH.read(month)
    # As in cron: a field that begins with a star, even `*/2`, does not open the second way.
    either_day = not day.startswith("*") and not weekday.startswith("*")
    if not either_day and min(days) > max(_DAYS_IN_MONTH[number - 1] for number in months):
        raise ValueError(f"day of month: {day} never comes in month {month}")
    return Cadence(
        text=text.strip(),
        minutes=tuple(sorted(_MINUTE.read(minute))),
        hours=tuple(sorted(_HOUR.read(hour))),
        days=days,
        months=months,
        weekdays=frozenset(number % 7 for number in _WEEKDAY.read(weekday)),
        either_day=either_day,
    )
