"""
Which stored posts to look at once more, though nothing shows that they changed.

An edit leaves no mark, and the feed holds only the newest posts. So recent
posts are read again every few hours, then days; and a slow round goes through
all of them, over months. Each look adds one to a post's counter. Shared by the
sources that read pages.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol

from publisher.model import MISSED, RETRACTED

_RECENT = (
    (timedelta(hours=6), timedelta(hours=1)),
    (timedelta(days=3), timedelta(hours=12)),
    (timedelta(days=60), timedelta(days=7)),
)  # up to this age, every so often
_ROUND = timedelta(days=120)
_MOST = 2  # per read


class Noted(Protocol):
    """What is remembered of a post: when it was written, and when it was last looked at (`moment` reads it)."""

    @property
    def time(self) -> datetime | None: ...
    @property
    def read(self) -> str: ...


class Noting(Protocol):
    """A memory of posts, and of where the round through all of them stands."""

    round_key: str
    round_read: str

    @property
    def posts(self) -> Mapping[str, Noted]: ...


def rereads(
    memory: Noting, known: Mapping[str, str], out_of_turn: Collection[str], now: datetime, *, most: int
) -> list[str]:
    """
    The keys whose turn it is, at most `most`, the most recent first; and notes where the round stands.

    `out_of_turn` are the posts that are read anyway or that the feed shows in full.
    """
    stored = {key for key, digest in known.items() if digest not in {MISSED, RETRACTED} and key not in out_of_turn}
    chosen = list(islice(_recent(memory, stored, now), max(min(most, _MOST), 0)))
    if len(chosen) < min(most, _MOST) and (key := _next_in_round(memory, stored - set(chosen), now)):
        chosen.append(key)
        memory.round_key, memory.round_read = key, now.isoformat()
    return chosen


def _recent(memory: Noting, stored: Collection[str], now: datetime) -> Iterator[str]:
    ages = {key: now - at for key in stored if (seen := memory.posts.get(key)) and (at := seen.time)}
    for key in sorted(ages, key=lambda key: (ages[key], key)):
        often = next((every for limit, every in _RECENT if ages[key] < limit), None)
        read = moment(memory.posts[key].read)
        if often and (read is None or now - read >= often):
            yield key


def _next_in_round(memory: Noting, stored: Collection[str], now: datetime) -> str | None:
    turned = moment(memory.round_read)
    if turned is None:  # a board that was just read: the round begins one step later
        memory.round_read = now.isoformat()
        return None
    if not stored or now - turned < _ROUND / len(stored):
        return None
    ordered = sorted(stored, key=_place)
    return next((key for key in ordered if _place(key) > _place(memory.round_key)), ordered[0])


def moment(text: str) -> datetime | None:
    """A time with its zone as a memory writes it, or None."""
    try:
        stated = datetime.fromisoformat(text)
    except ValueError:
        return None
    return stated if stated.tzinfo else None


def _place(key: str) -> tuple[int, str]:
    return len(key), key
