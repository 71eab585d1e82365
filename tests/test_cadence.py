"""When a list is due: the five fields, the clock changes, the missed ones."""

import time
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.cadence import MOST_SUPERSEDED, Cadence, due, moment, parse

SEOUL = ZoneInfo("Asia/Seoul")
NEW_YORK = ZoneInfo("America/New_York")
APIA = ZoneInfo("Pacific/Apia")
LATE = timedelta(hours=6)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def names(text: str, after: str, zone: ZoneInfo, count: int) -> list[str]:
    """The next names after a local wall time."""
    start = datetime.fromisoformat(after).replace(tzinfo=zone)
    return [occurrence.nominal for occurrence in islice(parse(text).occurrences(start, zone), count)]


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("0 9 * * mon", "2026-11-24T00:00", ["2026-11-30T09:00", "2026-12-07T09:00"]),
        ("0 9 * * 1", "2026-11-23T09:00", ["2026-11-30T09:00", "2026-12-07T09:00"]),
        ("0 9 * * 1", "2026-11-23T08:59", ["2026-11-23T09:00", "2026-11-30T09:00"]),
        ("0 9 * * 0", "2026-11-24T00:00", ["2026-11-29T09:00", "2026-12-06T09:00"]),
        ("0 9 * * 7", "2026-11-24T00:00", ["2026-11-29T09:00", "2026-12-06T09:00"]),
        ("0 9 * * SUN", "2026-11-24T00:00", ["2026-11-29T09:00", "2026-12-06T09:00"]),
        ("0 9 * * fri-sun", "2026-11-24T00:00", ["2026-11-27T09:00", "2026-11-28T09:00", "2026-11-29T09:00"]),
        ("0 9 * * sun-sun", "2026-11-24T00:00", ["2026-11-29T09:00", "2026-12-06T09:00", "2026-12-13T09:00"]),
        ("0 9 * * mon-fri/2", "2026-11-24T00:00", ["2026-11-25T09:00", "2026-11-27T09:00", "2026-11-30T09:00"]),
        ("30 8 1,15 * *", "2026-11-24T00:00", ["2026-12-01T08:30", "2026-12-15T08:30"]),
        (
            "0 9 13 * fri",
            "2026-11-24T00:00",
            ["2026-11-27T09:00", "2026-12-04T09:00", "2026-12-11T09:00", "2026-12-13T09:00"],
        ),
        ("0 9 */2 * mon", "2026-11-24T00:00", ["2026-12-07T09:00", "2026-12-21T09:00"]),
        ("0 9 31 * *", "2026-11-24T00:00", ["2026-12-31T09:00", "2027-01-31T09:00", "2027-03-31T09:00"]),
        ("0 9 29 feb *", "2026-11-24T00:00", ["2028-02-29T09:00", "2032-02-29T09:00"]),
        ("*/20 9-10 * * *", "2026-11-24T09:30", ["2026-11-24T09:40", "2026-11-24T10:00", "2026-11-24T10:20"]),
        ("5-59/30 23 31 dec *", "2026-11-24T00:00", ["2026-12-31T23:05", "2026-12-31T23:35", "2027-12-31T23:05"]),
        ("@weekly", "2026-11-24T00:00", ["2026-11-29T00:00"]),
        ("  @DAILY ", "2026-11-24T00:00", ["2026-11-25T00:00"]),
    ],
)
def test_the_fields_mean_what_they_mean_in_cron(text: str, after: str, expected: list[str]) -> None:
    assert names(text, after, SEOUL, len(expected)) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "five fields"),
        ("0 9 * *", "five fields .* got 4"),
        ("0 0 9 * * mon", "got 6"),
        ("60 9 * * *", "minute: '60' .*from 0 to 59"),
        ("0 24 * * *", "hour: '24' .*from 0 to 23"),
        ("0 9 0 * *", "day of month: '0' .*from 1 to 31"),
        ("0 9 * 13 *", "month: '13' .*jan, feb"),
        ("0 9 * * 8", "weekday: '8' .*sun, mon"),
        ("0 9 * * 월", "weekday: '월' .*sun, mon"),
        ("0 9 * * fri-mon", "weekday: 'fri-mon' runs backwards.*fri,mon"),
        ("30-10 9 * * *", "minute: '30-10' runs backwards"),
        ("5/15 9 * * *", "minute: .*write 5-59/15"),
        ("*/0 9 * * *", "minute: the step '0'"),
        ("*/x 9 * * *", "minute: the step 'x'"),
        ("1,,2 9 * * *", "minute: ''"),
        ("-1 9 * * *", "minute: ''"),
        ("９ 9 * * *", "minute: '９'"),
        ("0 9 30 2 *", "30 never comes in month 2"),
        ("0 9 31 apr,jun *", "31 never comes"),
        ("@fortnightly", "five fields"),
    ],
)
def test_a_wrong_cadence_is_told_by_its_field(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse(text)


def test_a_day_that_never_comes_is_allowed_beside_a_weekday() -> None:
    assert names("0 9 30 2 mon", "2027-01-30T00:00", SEOUL, 2) == ["2027-02-01T09:00", "2027-02-08T09:00"]


@pytest.mark.parametrize(
    ("zone", "wall", "expected"),
    [
        (SEOUL, "2026-11-24T09:00", "2026-11-24T00:00"),
        (NEW_YORK, "2026-03-08T01:59", "2026-03-08T06:59"),
        (NEW_YORK, "2026-03-08T02:30", "2026-03-08T07:00"),  # skipped: the end of the gap
        (NEW_YORK, "2026-03-08T03:00", "2026-03-08T07:00"),
        (NEW_YORK, "2026-11-01T00:59", "2026-11-01T04:59"),
        (NEW_YORK, "2026-11-01T01:30", "2026-11-01T05:30"),  # comes twice: the first
        (NEW_YORK, "2026-11-01T02:00", "2026-11-01T07:00"),
        (APIA, "2011-12-30T09:00", "2011-12-30T10:00"),  # a whole day skipped
    ],
)
def test_a_wall_time_has_one_moment(zone: ZoneInfo, wall: str, expected: str) -> None:
    assert moment(datetime.fromisoformat(wall), zone) == utc(expected)


def test_a_skipped_time_fires_under_its_own_name() -> None:
    found = list(islice(parse("30 2 * * *").occurrences(utc("2026-03-07T12:00"), NEW_YORK), 2))
    assert [(one.nominal, one.at) for one in found] == [
        ("2026-03-08T02:30", utc("2026-03-08T07:00")),
        ("2026-03-09T02:30", utc("2026-03-09T06:30")),
    ]


def test_a_repeated_time_fires_once() -> None:
    found = list(islice(parse("30 1 * * *").occurrences(utc("2026-11-01T05:00"), NEW_YORK), 2))
    assert [(one.nominal, one.at) for one in found] == [
        ("2026-11-01T01:30", utc("2026-11-01T05:30")),
        ("2026-11-02T01:30", utc("2026-11-02T06:30")),
    ]


def test_an_occurrence_of_a_skipped_day_is_found_from_both_sides() -> None:
    cadence = parse("0 9 30 12 *")
    assert next(cadence.occurrences(utc("2011-12-30T09:59"), APIA)).nominal == "2011-12-30T09:00"
    assert next(cadence.latest(utc("2011-12-30T10:00"), APIA)).nominal == "2011-12-30T09:00"


MONDAYS = parse("0 9 * * mon")
LONG_AGO = utc("2026-01-01T00:00")


@pytest.mark.parametrize(
    ("last", "now", "newest", "is_late", "superseded"),
    [
        ("2026-11-16T09:00", "2026-11-22T23:59", None, False, []),
        ("2026-11-16T09:00", "2026-11-23T00:00", "2026-11-23T09:00", False, []),
        ("2026-11-16T09:00", "2026-11-23T06:00", "2026-11-23T09:00", False, []),
        ("2026-11-16T09:00", "2026-11-23T06:01", "2026-11-23T09:00", True, []),
        ("2026-11-23T09:00", "2026-11-23T00:00", None, False, []),
        ("2026-11-02T09:00", "2026-11-23T00:01", "2026-11-23T09:00", False, ["2026-11-09T09:00", "2026-11-16T09:00"]),
        ("2026-11-23T09:00", "2026-11-10T00:00", None, False, []),  # the clock was set back
        ("2027-01-04T09:00", "2026-11-23T00:01", None, False, []),  # … from a wrong future
    ],
)
def test_only_the_newest_missed_one_is_made_up(
    last: str, now: str, newest: str | None, is_late: bool, superseded: list[str]
) -> None:
    found = due(MONDAYS, SEOUL, last, LONG_AGO, utc(now), LATE)
    assert (found.newest and found.newest.nominal, found.is_late) == (newest, is_late)
    assert [one.nominal for one in found.superseded] == superseded


def test_a_new_list_has_missed_nothing() -> None:
    now = utc("2026-11-23T00:00")
    assert due(MONDAYS, SEOUL, None, now, now, LATE).newest is None
    assert due(MONDAYS, SEOUL, None, now - timedelta(seconds=1), now, LATE).newest is not None


def test_a_changed_zone_starts_at_its_next_occurrence() -> None:
    changed = utc("2026-11-23T14:30")  # 09:30 in New York: today's time is over there
    found = due(MONDAYS, NEW_YORK, "2026-11-16T09:00", changed, utc("2026-11-23T20:00"), LATE)
    assert found.newest is None


def test_years_of_missed_minutes_are_told_in_a_moment() -> None:
    begun = time.perf_counter()
    found = due(parse("* * * * *"), NEW_YORK, None, utc("1990-01-01T00:00"), utc("2026-11-24T00:00"), LATE)
    assert len(found.superseded) == MOST_SUPERSEDED
    assert found.newest is not None
    assert found.newest.nominal == "2026-11-23T19:00"
    assert time.perf_counter() - begun < 2


def test_a_cadence_that_hardly_ever_comes_ends() -> None:
    found = parse("0 9 29 2 */7").occurrences(utc("2026-11-24T00:00"), SEOUL)
    assert [one.nominal for one in found] == ["2032-02-29T09:00", "2060-02-29T09:00"]


def test_the_end_of_the_calendar_is_no_error() -> None:
    assert list(parse("0 9 * * *").occurrences(utc("9999-12-30T12:00"), SEOUL))[-1].nominal == "9999-12-31T09:00"


# ── Whatever the fields ──────────────────────────────────────────────────────


def field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    span = st.tuples(number, number).map(lambda pair: f"{min(pair)}-{max(pair)}")
    step = st.integers(1, high).map(lambda size: f"*/{size}")
    one = number.map(str) | span | step
    return st.just("*") | st.lists(one, min_size=1, max_size=3).map(",".join)


CADENCES = st.tuples(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 7)).map(
    lambda fields: parse(" ".join(fields))
)
MOMENTS = st.datetimes(datetime(2012, 1, 2), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - limits
ZONES = st.sampled_from([SEOUL, NEW_YORK, APIA, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")])


@settings(max_examples=60, deadline=None)
@given(CADENCES, MOMENTS, ZONES)
def test_names_rise_and_are_never_twice(cadence: Cadence, after: datetime, zone: ZoneInfo) -> None:
    found = list(islice(cadence.occurrences(after, zone), 60))
    assert all(one.at > after for one in found)
    assert all(one.nominal < two.nominal and one.at <= two.at for one, two in pairwise(found))
    assert all(cadence.falls_on(date.fromisoformat(one.nominal[:10])) for one in found)


@settings(max_examples=60, deadline=None)
@given(CADENCES, MOMENTS, ZONES, st.integers(1, 40))
def test_what_is_due_is_what_would_have_occurred(cadence: Cadence, since: datetime, zone: ZoneInfo, count: int) -> None:
    expected = list(islice(cadence.occurrences(since, zone), count))
    if not expected:
        return
    now = expected[-1].at
    told = due(cadence, zone, None, since, now, LATE)
    assert told.newest is not None
    # Several names may share the moment at the end of a gap.
    assert [one for one in (*told.superseded, told.newest) if one in expected] == expected
    assert due(cadence, zone, told.newest.nominal, since, now, LATE).newest is None
