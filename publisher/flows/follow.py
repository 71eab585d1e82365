"""
How many follow the feeds: numbers, and nothing else.

Who comes is known for one day only, as a hash with a salt that is in memory
alone and thrown away with the day. What is stored is a day, a feed, and a number.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from publisher.feeds.followers import told_by
from publisher.flows.patience import A_MOMENT
from publisher.store import followers
from publisher.store.database import Database
from publisher.store.followers import Count

KEPT_FOR = timedelta(days=400)

_MOST_READERS = 100_000  # of a day, over all feeds: then we stop counting, not serving
_MOST_FEEDS = 2_000
_MOST_SERVICES = 50  # per feed; whoever invents names fills a bounded list
_HASH = 8  # bytes: two of 100,000 readers look the same once in billions of days


class Followers:
    """
    The count of today, in memory; `write` takes it over into the store.

    After a restart the day is counted anew and the larger number stands, so a
    number says "at least so many".
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._over: list[Count] = []  # of days that ended since the last `write`
        self._written: list[Count] = []
        self._begin(now().astimezone(UTC).date())

    def seen(self, slug: str, user_agent: str, address: str) -> None:
        """Somebody looked at a feed."""
        today = self._now().astimezone(UTC).date()
        if today != self._day:
            self._keep_yesterday()
            self._begin(today)
        told = told_by(user_agent)
        if told is not None:
            self._hear(slug, *told)
        elif self._has_room_for(slug):
            readers = self._readers.setdefault(slug, set())
            before = len(readers)
            readers.add(self._hashed(user_agent, address))
            self._total += len(readers) - before

    async def write(self, db: Database) -> None:
        """Write down what was counted since the last time; nothing, if nobody came."""
        over, today = self._over, self._counts()
        counts = [*over, *today]
        if counts == self._written:
            return
        async with db.begin(patience=A_MOMENT) as tx:  # also done at a stop, which does not wait
            await followers.write(tx, counts)
            await followers.forget(tx, self._day - KEPT_FOR)
        # Not what was counted meanwhile, and not a day that ended meanwhile.
        self._over = [count for count in self._over if count not in over]
        self._written = today

    def _begin(self, day: date) -> None:
        self._day = day
        self._salt = secrets.token_bytes(16)
        self._readers: dict[str, set[bytes]] = {}
        self._told: dict[str, dict[str, int]] = {}
        self._total = 0
        self._written = []

    def _keep_yesterday(self) -> None:
        """Its numbers only: who they were is forgotten with the salt."""
        self._over = [*self._over, *self._counts()][-_MOST_FEEDS:]

    def _hear(self, slug: str, service: str, count: int) -> None:
        services = self._told.get(slug)
        if services is None:
            if len(self._told) >= _MOST_FEEDS:
                return
            services = self._told[slug] = {}
        if service in services or len(services) < _MOST_SERVICES:
            services[service] = max(count, services.get(service, 0))

    def _has_room_for(self, slug: str) -> bool:
        return self._total < _MOST_READERS and (slug in self._readers or len(self._readers) < _MOST_FEEDS)

    def _hashed(self, user_agent: str, address: str) -> bytes:
        who = f"{address}\n{user_agent}".encode(errors="replace")
        return hashlib.blake2b(who, key=self._salt, digest_size=_HASH).digest()

    def _counts(self) -> list[Count]:
        ours = [("", slug, len(readers)) for slug, readers in self._readers.items()]
        told = [(name, slug, count) for slug, services in self._told.items() for name, count in services.items()]
        return [Count(day=self._day, slug=slug, family=name, count=count) for name, slug, count in (*ours, *told)]
