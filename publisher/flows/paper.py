"""
What a letter is written on, and what the house puts on every copy of it.

Delivering and preflight both make copies here, so that what was looked at is
what goes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from publisher.delivery.bounces.traces import ReturnAddress
from publisher.delivery.dkim import Signer
from publisher.delivery.enclosed import shown_in, that_fit
from publisher.delivery.envelope import Stationery
from publisher.delivery.policy import ReturnPolicy
from publisher.model import ImagesAs, Letter, MailingList, Site, Slot
from publisher.pictures import Copy
from publisher.store import media
from publisher.store.database import Tx
from publisher.store.keys import Key
from subscribers import tokens


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """To whom a copy goes; `token_id` is that of the subscription, None for letters that are not sent to one."""

    delivery_id: int
    recipient: str
    message_id: str
    queued_at: datetime
    token_id: bytes | None


@dataclass(frozen=True, kw_only=True)
class Seal:
    """Makes copies: with the reader's own links, an address to come back to, and the house's signatures."""

    site: Site
    key: Key  # of the links
    returns: ReturnAddress | None = None  # None: copies come back to the sender
    signer: Signer | None = None

    @classmethod
    def of(cls, site: Site, keys: Sequence[Key], bounces: ReturnPolicy, signer: Signer | None) -> "Seal":
        newest = keys[-1]
        returns = (
            ReturnAddress(address=bounces.address, separator=bounces.separator, secret=newest.secret)
            if bounces.address
            else None
        )
        return cls(site=site, key=newest, returns=returns, signer=signer)

    def copy(self, paper: Stationery, to: Addressee) -> bytes:
        """The finished bytes. Raises ValueError for what cannot stand in a header."""
        content = paper.copy(
            recipient=to.recipient,
            message_id=to.message_id,
            date=to.queued_at,
            values=self.links(to.token_id, to.queued_at.date()),
            leave=self.leave(to),
        )
        return self.signer.signed(content) if self.signer else content

    def leave(self, to: Addressee) -> str | None:
        """Where the reader may write to for leaving; None where there is no such address."""
        return self.returns.leave(to.delivery_id) if self.returns and to.token_id else None

    def links(self, token_id: bytes | None, day: date) -> Mapping[Slot, str]:
        """The reader's own links; those of a test look right and open nothing."""
        leave, choose = (
            "test"
            if token_id is None
            else tokens.make(purpose, token_id, key_id=self.key.id, secret=self.key.secret, day=valid_from)
            for purpose, valid_from in ((tokens.Purpose.UNSUBSCRIBE, None), (tokens.Purpose.PREFERENCES, day))
        )
        return {
            Slot.UNSUBSCRIBE: self.site.unsubscribe_url(leave),
            Slot.PREFERENCES: self.site.preferences_url(choose),
        }


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
