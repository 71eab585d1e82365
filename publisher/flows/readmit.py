"""
An operator lets an address ask anew that bounced, or whose owner complained.

That is half of the way back, and the only half that an operator has: from then
on the owner can ask on the page, and nothing goes to the address before they
have confirmed it by the link. Who refused by their own word needs no operator
for this, and none can do it for them.
"""

from datetime import datetime

import structlog

from publisher.address import EmailAddress
from publisher.errors import NotAllowed, NotFound
from publisher.store import audience, readmissions
from publisher.store.database import Tx
from publisher.store.keys import Key
from subscribers.asking import READMITTED
from subscribers.tokens import hash_of

log = structlog.get_logger()


async def readmit(tx: Tx, address: EmailAddress, first_key: Key, *, who: str, why: str, now: datetime) -> str:
    """
    Let an address ask anew, in the caller's transaction; gives what stood against it (bounced · complained).

    Raises NotFound where nothing does, and NotAllowed where it is the person's own word.
    """
    address_hash = hash_of(address.key, first_key.secret)
    reason = await readmissions.readmit(tx, address_hash, who=who, why=why, now=now)
    if reason is not None:
        log.info("address readmitted", reason=reason)
        return reason
    suppression = await audience.suppression_of(tx, address_hash)
    if suppression is None:
        raise NotFound(f"{address.address} has neither bounced for good nor complained: nothing is to be undone")
    if suppression.reason == READMITTED:
        raise NotAllowed(f"{address.address} was let in before; now its owner has to ask on the page, and confirm")
    raise NotAllowed(
        f"{address.address} refused by its owner's own word ({suppression.reason});"
        " only they can undo that, by asking on the page and confirming"
    )
