"""
What the law wants told about a consent to advertising, and by when.

The result of a consent, a refusal or a withdrawal is told within 14 days
(Network Act art. 50⑦), and every two years the person is asked whether the
consent still stands (art. 50⑧). Both count days of the calendar: 14 days after
the 25th is the 8th or 11th, and two years after 29 February is 28 February.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from subscribers.model import SubscriptionStatus

GIVES = ("given", "confirmed")
TAKES = "withdrawn"
BY_OTHERS = ("import", "operator")
"""Means of a consent that the person did not give here themselves."""

RESULT_WITHIN = timedelta(days=14)
YEARS = 2
AHEAD = timedelta(days=30)
"""How long before its day the question goes out: time to read it, and to answer."""


class NoticeKind(StrEnum):
    CONSENT = "consent"
    REFUSAL = "refusal"  # no letters at all any more
    WITHDRAWAL = "withdrawal"  # letters, but no advertising
    QUESTION = "question"  # the two-yearly one


class Silence(StrEnum):
    """What it means that nobody answered the two-yearly question by its day."""

    KEEP = "keep"
    END = "end"


@dataclass(frozen=True, kw_only=True)
class NoticePolicy:
    """`subscribers.consent` as far as it is about asking again."""

    silence: Silence = Silence.KEEP


class HeldWhy(StrEnum):
    """Why a letter about a consent waits for the operator's yes."""

    IMPORT = "import"  # came with a file: nothing mails by itself because of one
    UNDATED = "undated"  # nobody knows when they agreed
    OLD = "old"  # its last day had passed when it was found: after a restore, an upgrade, a long stop


def kind_of(event: str, status: SubscriptionStatus) -> NoticeKind:
    """Of what a line of the record makes a notice; `status` is that of the subscription now."""
    if event != TAKES:
        return NoticeKind.CONSENT
    return NoticeKind.REFUSAL if status is SubscriptionStatus.ENDED else NoticeKind.WITHDRAWAL


def result_due_on(at: datetime, zone: tzinfo) -> date:
    """The last day on which the result may be told."""
    return at.astimezone(zone).date() + RESULT_WITHIN


def years_after(day: date, years: int) -> date:
    """The same day so many years later; the last day of its month where there is none."""
    year = day.year + years
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))


def question_due_on(agreed_on: date, today: date) -> date | None:
    """
    The last two-yearly day for which it is time to ask; None before the first.

    Counted from the day of the consent, not from the question before: a
    29 February comes back in leap years. The day may have passed already, where
    nobody asked in time.
    """
    turns = (today.year - agreed_on.year) // YEARS + 1
    days = (years_after(agreed_on, turn * YEARS) for turn in range(turns, 0, -1))
    return next((day for day in days if day - AHEAD <= today), None)


def held_why(*, means: str, is_dated: bool, due_on: date, today: date) -> HeldWhy | None:
    """Why a letter about a consent must not leave by itself; None when it may."""
    if not is_dated:
        return HeldWhy.UNDATED
    if means == "import":
        return HeldWhy.IMPORT
    return HeldWhy.OLD if due_on < today else None
