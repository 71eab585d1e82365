"""
The read of a list and its posts.

An unchanged list costs one request, and at most two more for posts that are
looked at again. Once a day all its pages are walked.
"""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import astuple
from datetime import UTC, datetime

from publisher.archive.asking import Asking
from publisher.archive.html.lists import Lists
from publisher.archive.html.memory import Memory
from publisher.archive.html.missing import tell_missing
from publisher.archive.html.posts import Posts
from publisher.archive.source import ArchivePolicy, Cursor, Event, Expecting, Finished
from publisher.errors import SourceError
from publisher.net import Fetcher


class HtmlSource:
    """One list as a source; see `archive.source.Source`. `now` is asked once per read."""

    def __init__(
        self, policy: ArchivePolicy, fetcher: Fetcher, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        if policy.select is None:
            raise SourceError("not configured", f"archives.{policy.name}.select is missing")
        self._select = policy.select
        self._policy = policy
        self._fetcher = fetcher
        self._now = now

    async def read(self, known: Mapping[str, str], cursor: Cursor) -> AsyncIterator[Event]:
        policy, select, now = self._policy, self._select, self._now()
        memory = Memory.of(cursor if known else {}, _fingerprint(astuple(select)))
        asking = Asking(self._fetcher, policy.pause, now)
        lists = Lists(policy.name, policy.url, select, asking, memory, known, now, policy.zone)
        is_readable = await lists.open()
        yield Expecting(total=len(lists.rows))  # so far: whoever only wants to know that it can be read may go
        if is_readable:
            await lists.go_on()
        for remark in lists.remarks:
            yield remark
        if not is_readable:
            yield Finished(cursor=cursor)
            return
        posts = Posts(
            name=policy.name,
            select=select,
            asking=asking,
            memory=memory,
            known=known,
            hosts=lists.hosts,
            now=now,
            zone=policy.zone,
        )
        looks = posts.plan(lists.rows)
        yield Expecting(total=len(looks))
        async for event in posts.look_at(looks):
            yield event
        async for missing in tell_missing(posts, lists.rows, lists.swept, known, policy.url):
            yield missing
        posts.note_unread(lists.rows.values())
        yield Finished(cursor=memory.cursor(), is_sweep=lists.swept is not None)


def _fingerprint(said: tuple[str, ...]) -> str:
    return hashlib.sha256("\x1f".join(said).encode()).hexdigest()[:12]
