"""
Tell a WebSub hub (W3C Recommendation, 2018) which feeds changed, so that its readers hear at once.

What the hub has heard of stands in the store: a restart forgets nothing, and a
hub that is away is asked again, after a wait that doubles.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from publisher.errors import FetchError
from publisher.feeds import FORMATS
from publisher.flows.syndicate import FeedShelf
from publisher.model import Feed, Site
from publisher.net import Fetcher
from publisher.store import feed_documents
from publisher.store.database import Database

log = structlog.get_logger()

_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=6)


async def announce(
    db: Database, shelf: FeedShelf, feeds: Iterable[Feed], site: Site, *, hub: str, fetcher: Fetcher, now: datetime
) -> int:
    """
    Tell the hub of each document that changed since it was last told; gives how many it heard of.

    A hub that cannot be reached, or refuses, is left alone until the next wait
    of that document is over.
    """
    names = await _dated(shelf, feeds)
    async with db.read() as tx:
        changed = await feed_documents.untold(tx, names, now=now)
    heard, why_not, is_away = 0, "", False
    for document in changed:
        refused = why_not if is_away else ""
        try:
            refused = refused or await _refused(fetcher, hub, f"{site.url}/feeds/{document.name}")
        except FetchError as error:  # the others need not wait for it one by one
            refused, is_away = error.reason, True
        async with db.begin() as tx:
            if refused:
                await feed_documents.tell_later(tx, document, at=now + wait_after(document.tellings))
            else:
                await feed_documents.mark_told(tx, document)
        heard += not refused
        why_not = refused or why_not
    _log(heard, len(changed) - heard, why_not)
    return heard


def wait_after(tellings: int) -> timedelta:
    """How long to leave the hub alone after so many tellings in vain before this one."""
    return min(_FIRST_WAIT * (1 << min(tellings, 16)), _LONGEST_WAIT)


async def _dated(shelf: FeedShelf, feeds: Iterable[Feed]) -> list[str]:
    """Have every feed printed as it is now: its new tag is written down with that."""
    return [
        document.name
        for feed in feeds
        for extension in FORMATS
        if (document := await shelf.get(feed.slug, extension)) is not None
    ]


async def _refused(fetcher: Fetcher, hub: str, topic: str) -> str:
    """Tell the hub of one feed; gives what it answered if it did not take it, else ''."""
    answer = await fetcher.post(hub, {"hub.mode": "publish", "hub.url": topic, "hub.topic": topic})
    return "" if 200 <= answer.status < 300 else f"status {answer.status}"


def _log(heard: int, missed: int, why_not: str) -> None:
    if heard:
        log.info("hub told", documents=heard)
    if missed:
        log.warning("hub not told", documents=missed, reason=why_not)
