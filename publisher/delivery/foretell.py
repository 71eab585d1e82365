"""When an edition will have gone, at the pace that is configured. Pure: counts in, a moment out."""

import heapq
from collections.abc import Mapping
from datetime import datetime, timedelta

from publisher.delivery.policy import SmtpProfile

_DAY = timedelta(days=1)


def ends_at(
    letters: int,
    by_domain: Mapping[str, int],
    *,
    profile: SmtpProfile,
    limits: Mapping[str, float],
    lately: Mapping[datetime, int],
    now: datetime,
) -> datetime | None:
    """
    When so many letters will have gone; None where nothing but the server's speed holds them up.

    `by_domain`: how many of them go to domains with a limit. `lately`: letters
    of the last 24 hours, by the moment when they count no longer.
    """
    seconds = [count / limits[domain] for domain, count in by_domain.items() if domain in limits]
    if profile.per_second is not None:
        seconds.append(letters / profile.per_second)
    if profile.per_day is None and not any(seconds):
        return None
    by_pace = now + timedelta(seconds=max(seconds, default=0.0))
    if profile.per_day is None:
        return by_pace
    return max(by_pace, _by_days(letters, profile.per_day - profile.reserve, lately, now))


def _by_days(letters: int, of_a_day: int, lately: Mapping[datetime, int], now: datetime) -> datetime:
    """What goes at a moment leaves room for as many a day later."""
    free = [(now, max(0, of_a_day - sum(lately.values()))), *lately.items()]
    heapq.heapify(free)
    at, room = heapq.heappop(free)
    while room < letters:
        letters -= room
        heapq.heappush(free, (at + _DAY, room))
        at, room = heapq.heappop(free)
    return at
