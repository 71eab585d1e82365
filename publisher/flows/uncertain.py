"""What an operator decides about copies whose answer was lost: once more, or taken for sent."""

from datetime import datetime

import structlog

from publisher.errors import NotAllowed
from publisher.store import editions, texts, uncertain
from publisher.store.database import Tx

log = structlog.get_logger()


async def send_again(tx: Tx, edition_id: int | None, *, by: str, now: datetime) -> int:
    """
    Queue the uncertain copies, of one edition or all, once more; gives how many.

    With the same Message-ID, so most mailboxes that have one show it once. An
    edition that had ended is under way again. Raises NotAllowed for one with an
    entry that became secret since.
    """
    count, of_editions = await uncertain.send_again(tx, edition_id, now=now)
    for one in await texts.withdrawn_from(tx, of_editions):
        edition = await editions.get(tx, one)
        name = f"{edition.list} No. {edition.number}"
        raise NotAllowed(
            f"{name} holds an entry that became secret since: it is sent to nobody again; `publisher uncertain accept"
            f" {edition.list} {edition.number}` takes its copies for sent"
        )
    for one in of_editions:
        await editions.reopen(tx, one)
    log.info("uncertain copies queued again", copies=count, by=by)
    return count


async def take_for_sent(tx: Tx, edition_id: int | None, *, by: str) -> int:
    """Count the uncertain copies, of one edition or all, as sent; gives how many. Who said so stands with each."""
    count = await uncertain.take_for_sent(tx, edition_id, by=by)
    log.info("uncertain copies taken for sent", copies=count, by=by)
    return count
