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
from publisher.store.feed_documents import Untold

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
    heard = 0
    for document in changed:
        why_not = await _tell(fetcher, hub, f"{site.url}/feeds/{document.name}")
        async with db.begin() as tx:
            if why_not is None:
                await feed_documents.mark_told(tx, document)
            else:
                await feed_documents.tell_later(tx, document, at=now + wait_after(document.tellings))
        heard += why_not is None
        _log(document, why_not)
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


async def _tell(fetcher: Fetcher, hub: str, topic: str) -> str | None:
    """Why the hub did not hear; None when it did."""
    try:
        answer = await fetcher.post(hub, {"hub.mode": "publish", "hub.url": topic, "hub.topic": topic})
    except FetchError as error:
        return error.reason
    return None if 200 <= answer.status < 300 else f"status {answer.status}"


def _log(document: Untold, why_not: str | None) -> None:
    if why_not is None:
        log.info("hub told", document=document.name)
    else:
        log.warning("hub not told", document=document.name, reason=why_not, tellings=document.tellings + 1)
