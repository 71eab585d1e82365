"""What a letter is written on: its stationery, with the images that its list wants within."""

from publisher.delivery.enclosed import shown_in, that_fit
from publisher.delivery.envelope import Stationery
from publisher.model import ImagesAs, Letter, MailingList, Site
from publisher.pictures import Copy
from publisher.store import media
from publisher.store.database import Tx


async def paper_for(
    tx: Tx, letter: Letter, site: Site, mailing_list: MailingList | None, *, is_test: bool = False
) -> Stationery:
    """A letter ready for copies; without a list it is a letter to one person."""
    is_inline = mailing_list is not None and mailing_list.images_as is ImagesAs.INLINE
    images = await _images(tx, letter, site) if is_inline else ()
    return Stationery(letter=letter, site=site, list=mailing_list, is_test=is_test, images=images)


async def _images(tx: Tx, letter: Letter, site: Site) -> tuple[Copy, ...]:
    """Those that are still kept: what became secret since is gone, and goes along no more."""
    kept = [await media.get(tx, digest) for digest in shown_in(letter, site)]
    return that_fit(copy for copy in kept if copy)
