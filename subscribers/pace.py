"""
How often a page that mails may be used: by one network, and by everybody.

Near a limit something is asked that costs a person a moment and a flood a lot;
above it nothing is taken until the hour is over.
"""

from enum import StrEnum

_NETWORK_NEAR, _NETWORK_MOST = 10, 60  # an hour: an office or a school behind one address gets through
_FORM_NEAR, _FORM_MOST = 200, 2000


class Pace(StrEnum):
    FREE = "free"
    PROOF = "proof"  # something must be shown first
    TOO_MANY = "too many"


def pace(*, from_network: int, in_all: int) -> Pace:
    """What is asked of whoever presses now, after so many within this hour."""
    if from_network >= _NETWORK_MOST or in_all >= _FORM_MOST:
        return Pace.TOO_MANY
    if from_network >= _NETWORK_NEAR or in_all >= _FORM_NEAR:
        return Pace.PROOF
    return Pace.FREE
