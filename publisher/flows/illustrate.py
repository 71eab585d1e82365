"""Copy the images of entries that letters are to show, before there are such letters."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import structlog

from publisher import pictures
from publisher.digest.enclosures import wanted_images
from publisher.errors import FetchError, UnusablePicture
from publisher.model import Entry, Images, MailingList
from publisher.net import Fetcher
from publisher.pictures import Copy
from publisher.store import editions, entries, media
from publisher.store.database import Database, Tx

log = structlog.get_logger()

_EVER = datetime.max.replace(tzinfo=UTC)
_PATIENCE = 60.0  # seconds: whoever sends by hand waits for it, and a server may let each image take its time


async def illustrate(
    db: Database,
    archive: str,
    lists: Iterable[MailingList],
    fetcher: Fetcher,
    *,
    now: datetime,
    patience: float = _PATIENCE,
) -> int:
    """
    Fetch the images of an archive's entries that wait for a letter of these lists, or stand in an open edition.

    Gives how many. Those of other archives are not asked for: what the fetcher
    may visit is allowed to this archive, and to no stranger's. An image that
    cannot be had is tried three times and then done without: it stops no letter.
    After `patience` seconds no further one is begun; the next look takes the others.
    """
    until = time.monotonic() + patience
    async with db.read() as tx:
        wanted = await _wanted(tx, archive, lists)
        done = await media.settled(tx, wanted, now=now)
    copied = 0
    for url in [one for one in wanted if one not in done]:
        if time.monotonic() >= until:
            break
        copied += await _copy(db, url, fetcher, now)
    return copied


async def _wanted(tx: Tx, archive: str, lists: Iterable[MailingList]) -> list[str]:
    urls: dict[str, None] = {}
    for mailing_list in lists:
        if mailing_list.images is not Images.NONE:
            for entry in (one for one in await _waiting(tx, mailing_list) if archive in one.archives):
                for face in entry.faces.values():
                    urls |= dict.fromkeys(url for url, _ in wanted_images(face, mailing_list.images))
    return list(urls)


async def _waiting(tx: Tx, mailing_list: MailingList) -> Sequence[Entry]:
    name = mailing_list.name
    current = await editions.open_one(tx, name)
    due = await entries.due_for(tx, name, mailing_list.archives, after=await editions.started_at(tx, name), until=_EVER)
    return [*(current.entries if current else ()), *due]


async def _copy(db: Database, url: str, fetcher: Fetcher, now: datetime) -> bool:
    found = await _fetched(url, fetcher)
    async with db.begin() as tx:
        if isinstance(found, Copy):
            await media.keep(tx, found, now=now)
            await media.note(tx, url, digest=found.picture.hash, trouble=None, now=now)
            return True
        await media.note(tx, url, digest=None, trouble=found, now=now)
    log.warning("image not copied", url=url, reason=found)
    return False


async def _fetched(url: str, fetcher: Fetcher) -> Copy | str:
    """The copy, or why there is none."""
    try:
        page = await fetcher.get(url, max_bytes=pictures.LARGEST_FILE)
        if page.status != 200:
            return f"status {page.status}"
        return await asyncio.to_thread(pictures.for_letter, page.content)
    except (FetchError, UnusablePicture) as error:
        return str(error)
