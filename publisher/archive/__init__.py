"""
Entries in: the archives that are read.

A source is a class of the shape in `source.py`, named in `SOURCES` by the kind
that `config.yaml` uses. To add one: a file (or folder) here with that class, a
line in `SOURCES`, tests against pages of the real thing; and, where a page shows
what it is, a `recognise` beside it with its line in `recognise.py`. Shared steps, from
what a page says to an item, are in `piece.py`; sources never import each other.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from publisher.archive.asking import Waiting
from publisher.archive.folder.source import FolderSource
from publisher.archive.gnuboard.addresses import board_of
from publisher.archive.gnuboard.api import ApiSource
from publisher.archive.gnuboard.database import DatabaseSource
from publisher.archive.gnuboard.http import GnuboardSource
from publisher.archive.gnuboard.six import board_six_of
from publisher.archive.html.http import HtmlSource
from publisher.archive.rss.http import RssSource
from publisher.archive.source import ArchivePolicy, Source
from publisher.archive.wordpress.http import WordpressSource
from publisher.errors import SourceError
from publisher.net import Fetcher

Clock: TypeAlias = Callable[[], datetime]


def _six(policy: ArchivePolicy, fetcher: Fetcher, now: Clock) -> Source:
    """Gnuboard 6: in its database where the configuration names one, else by its API."""
    board = board_six_of(policy.url)
    if policy.database:
        return DatabaseSource(policy, board, now)
    return Waiting(ApiSource(policy, board, fetcher, now), now)


SOURCES: Mapping[str, Callable[[ArchivePolicy, Fetcher, Clock], Source]] = {
    "gnuboard": GnuboardSource,
    "gnuboard-db": lambda policy, _fetcher, now: DatabaseSource(policy, board_of(policy.url), now),
    "gnuboard6": _six,
    "rss": lambda policy, fetcher, now: Waiting(RssSource(policy, fetcher, now), now),
    "wordpress": lambda policy, fetcher, now: Waiting(WordpressSource(policy, fetcher, now), now),
    "html": lambda policy, fetcher, now: Waiting(HtmlSource(policy, fetcher, now), now),
    "folder": lambda policy, _fetcher, now: FolderSource(policy, now),
}
"""Kind (`archives.<name>.kind`) → how such an archive is opened."""


def _system_clock() -> datetime:
    return datetime.now(UTC)


def open_source(policy: ArchivePolicy, fetcher: Fetcher, now: Clock = _system_clock) -> Source:
    """
    The source of one configured archive; nothing is read yet.

    `fetcher` is this archive's own visitor (its cookies are kept between
    requests). `now` is asked once per read. Raises SourceError (`unknown kind`,
    `not a board`) when the archive cannot be what the configuration says.
    """
    opener = SOURCES.get(policy.kind)
    if opener is None:
        raise SourceError(
            "unknown kind", f"archives.{policy.name}.kind: {policy.kind!r} is not one of {', '.join(sorted(SOURCES))}"
        )
    return opener(policy, fetcher, now)
