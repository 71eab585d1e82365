"""
The life of a subscription, and who may come onto a list.

    pending ─confirm▶ active ─▶ ended (unsubscribed · bounced · complained · replaced · erased)
       └─time▶ expired
"""

from dataclasses import dataclass

from subscribers.model import EndedWhy, Subscription, SubscriptionStatus


@dataclass(frozen=True, kw_only=True)
class Admit:
    """Put them on the list in this state."""

    status: SubscriptionStatus


@dataclass(frozen=True, kw_only=True)
class Unchanged:
    """They are on it already, as asked."""

    status: SubscriptionStatus


@dataclass(frozen=True, kw_only=True)
class Refuse:
    """They may not be put on the list; the reason is for the operator."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Kept:
    """They are on it already, in other languages; those stay, since the reader chooses them."""

    languages: str


_REFUSED = {
    "unsubscribed": "has unsubscribed; only the person can ask anew",
    "moved": "has their letters at another address now; only the person can ask anew",
    "stopped": "has asked not to be written to at all; only the person can ask anew",
    "erased": "has been erased, and asked not to be written to; only the person can ask anew",
    "bounced": "cannot be written to: letters to this address came back (bounced)",
    "complained": "has marked a letter as spam; nothing is sent to them any more",
    "readmitted": "may ask anew on the page for subscribing, and has not done so; only the person can",
}


def admission(
    *, has_consent: bool, current: Subscription | None, languages: str, refused: str | None
) -> Admit | Unchanged | Kept | Refuse:
    """
    May an operator or a file put this person on this list, and in which state?

    A refusal stands above both (`refused` is the word for why nothing is sent):
    only the person can lift it, by asking and confirming anew. Nobody is moved
    back from active to pending, and neither other languages than the ones a
    reader chose nor a list that they exchanged for another are forced on them.
    """
    if refused is not None:
        return Refuse(reason=_REFUSED[refused])
    if current is not None and current.ended_why is EndedWhy.REPLACED:
        return Refuse(reason="has chosen another list or address instead; only the person can ask anew")
    wanted = SubscriptionStatus.ACTIVE if has_consent else SubscriptionStatus.PENDING
    if current is None or current.status in (SubscriptionStatus.EXPIRED, SubscriptionStatus.ENDED):
        return Admit(status=wanted)
    if current.status is SubscriptionStatus.PENDING and wanted is SubscriptionStatus.ACTIVE:
        return Admit(status=wanted)
    if current.languages != languages:
        return Kept(languages=current.languages)
    return Unchanged(status=current.status)
