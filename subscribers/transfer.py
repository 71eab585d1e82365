"""
People who come from another house: what its word about them counts here.

A reader that it names goes by `lifecycle.admission`, as anybody that an operator
brings. A refusal that it names is taken over: whoever said no to the same
sender there has said no, and only the person can say otherwise.
"""

from datetime import datetime
from enum import StrEnum

from subscribers.notices import BY_OTHERS

ENTERED = "entered"
"""What the record says of whoever a file or an operator brought in without a proof: nobody knows that they asked."""


def event_told(event: str, means: str) -> str:
    """What a line of the record tells: only who asked on a page has asked."""
    return ENTERED if event == "asked" and means in BY_OTHERS else event


class Ended(StrEnum):
    """Why another house does not write to an address any more."""

    UNSUBSCRIBED = "unsubscribed"  # of the lists that the file is for
    STOPPED = "stopped"  # wants nothing at all
    BOUNCED = "bounced"
    COMPLAINED = "complained"

    @property
    def is_of_all_lists(self) -> bool:
        return self is not Ended.UNSUBSCRIBED


def counts_here(*, refused_at: datetime | None, confirmed_at: datetime | None) -> bool:
    """
    Does a refusal given elsewhere end what the person has here?

    Only a confirmation that the person gave here, and after it, stands above it.
    A refusal without a date is taken for newer: in doubt nothing is sent.
    """
    return refused_at is None or confirmed_at is None or refused_at >= confirmed_at
