"""
How long things are kept that nobody needs any more.

Who was asked and never confirmed is expired, and then forgotten without a
trace: they agreed to nothing. What proves a consent or a refusal is kept as
long as the person is; erasing one is a matter of its own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from subscribers.model import SubscriptionStatus

CONFIRM_WITHIN = timedelta(days=7)
FORGET_AFTER = timedelta(days=30)
"""
Since they asked; and since all their letters go to another address.

Till then a late click can still be answered with what to do.
"""

ERASE_WITHIN = timedelta(hours=24)
"""After this an erasure no longer waits for its own notice to leave."""

KEEP_REPLIES = timedelta(days=90)
"""Mail servers repeat addresses in their replies. How a copy ended is kept, with its code."""

KEEP_ACCESSES = timedelta(days=2 * 365)
"""Who looked at addresses in full. The Korean standard for safety measures asks for at least one year."""


@dataclass(frozen=True, kw_only=True)
class Expire:
    """pending → expired"""


@dataclass(frozen=True, kw_only=True)
class Forget:
    """The row goes, and its person too if there is nothing else of them."""


def retention(
    status: SubscriptionStatus, asked_at: datetime, now: datetime, *, was_reader: bool = False
) -> Expire | Forget | None:
    """
    What becomes of a subscription that nobody confirmed; None: it stays.

    `was_reader`: there is a consent from before somebody asked anew. What proves
    it is kept, or whoever types an address into the form could have it dropped.
    """
    if status not in (SubscriptionStatus.PENDING, SubscriptionStatus.EXPIRED):
        return None
    if now - asked_at >= FORGET_AFTER and not was_reader:
        return Forget()
    if status is SubscriptionStatus.PENDING and now - asked_at >= CONFIRM_WITHIN:
        return Expire()
    return None
