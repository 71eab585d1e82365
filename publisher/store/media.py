"""Our copies of images, and which image of an archive became which."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from publisher.model import Picture
from publisher.pictures import Copy
from publisher.store.database import Tx
from publisher.store.tables import images, media

MOST_TRIES = 3
_PAUSE = timedelta(minutes=10)  # before an image that could not be had is asked for again


async def get(tx: Tx, digest: str) -> Copy | None:
    """The copy with this hash."""
    row = (await tx.execute(select(media).where(media.c.hash == digest))).one_or_none()
    if row is None:
        return None
    picture = Picture(hash=row.hash, type=row.type, width=row.width, height=row.height)
    return Copy(picture=picture, content=row.content)


async def is_kept(tx: Tx, digest: str) -> bool:
    return (await tx.execute(select(media.c.hash).where(media.c.hash == digest))).first() is not None


async def keep(tx: Tx, copy: Copy, *, now: datetime) -> None:
    """Keep a copy; one that is there already stays."""
    one = copy.picture
    row = {"hash": one.hash, "type": one.type, "width": one.width, "height": one.height, "content": copy.content}
    await tx.execute(insert(media).values(**row, kept_at=now).on_conflict_do_nothing())


async def note(tx: Tx, url: str, *, digest: str | None, trouble: str | None, now: datetime) -> None:
    """Write down what came of asking for an image: its copy, or why there is none."""
    tried = {"hash": digest, "trouble": trouble, "tried_at": now}
    statement = insert(images).values(url=url, tries=1, **tried)
    await tx.execute(
        statement.on_conflict_do_update(index_elements=[images.c.url], set_={**tried, "tries": images.c.tries + 1})
    )


async def copies_of(tx: Tx, urls: Collection[str]) -> Mapping[str, Picture]:
    """The copies there are of these images."""
    rows = await tx.execute(
        select(images.c.url, media.c.hash, media.c.type, media.c.width, media.c.height)
        .join(media, media.c.hash == images.c.hash)
        .where(images.c.url.in_(list(urls)))
    )
    return {row.url: Picture(hash=row.hash, type=row.type, width=row.width, height=row.height) for row in rows}


async def settled(tx: Tx, urls: Collection[str], *, now: datetime) -> set[str]:
    """Those of these images that need not be asked for now: there is a copy, or it was tried lately or often enough."""
    done = images.c.hash.is_not(None) | (images.c.tries >= MOST_TRIES) | (images.c.tried_at > now - _PAUSE)
    return set((await tx.execute(select(images.c.url).where(images.c.url.in_(list(urls)), done))).scalars())


async def drop(tx: Tx, urls: Collection[str]) -> None:
    """Forget these images, and the copies that no other image became."""
    gone = images.c.url.in_(list(urls))
    hashes = [digest for digest in (await tx.execute(select(images.c.hash).where(gone))).scalars() if digest]
    await tx.execute(delete(images).where(gone))
    shown = select(images.c.hash).where(images.c.hash.is_not(None))
    await tx.execute(delete(media).where(media.c.hash.in_(hashes), media.c.hash.not_in(shown)))
