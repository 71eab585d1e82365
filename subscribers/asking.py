"""
What a request may do: how long its link works, when it is called to mind, and what it lifts.

A request is what somebody typed into a page. It says nothing about the owner of
the address until they have answered by the link that was mailed there.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CONFIRM_LIVES = timedelta(days=7)
LINK_LIVES = timedelta(hours=1)
REMIND_AFTER = timedelta(days=2)
FORGOTTEN_AFTER = timedelta(days=30)
"""How long the row of a request is kept after its link has ended."""

_LETTERS_A_DAY = 3
_LETTERS_A_DAY_TO_A_REFUSER = 1
READMITTED = "readmitted"
"""The reason of a suppression that was a graver one, before an operator let the address ask anew."""

NOT_THEIR_OWN_WORD = ("bounced", "complained")  # the graver one last
"""Reasons of a suppression by which no letter goes to the address at all, and that its owner alone cannot undo."""

_UNDONE_BY_ASKING = ("stopped", "erased", READMITTED)


class Standing(StrEnum):
    """What the link of a request opens now."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    VOID = "void"


def standing(*, outcome: str | None, expires_at: datetime, now: datetime) -> Standing:
    """A confirmed one stays so for whoever presses twice; all others end with their time."""
    match outcome:
        case "confirmed":
            return Standing.CONFIRMED
        case None:
            return Standing.OPEN if now < expires_at else Standing.EXPIRED
        case "expired":
            return Standing.EXPIRED
        case _:
            return Standing.VOID


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What stands against writing to an address. `reason` is None for a list that was left."""

    at: datetime
    reason: str | None = None


def lifts(asked_at: datetime, refusal: Refusal | None) -> bool:
    """
    May the confirmation of a request made then undo this refusal?

    Only what was asked after it; and only the person's own word: what bounced or
    complained is not undone by pressing a button, unless an operator let the
    address ask anew before.
    """
    if refusal is None:
        return True
    return asked_at > refusal.at and (refusal.reason is None or refusal.reason in _UNDONE_BY_ASKING)


def no_graver_than(reason: str) -> tuple[str, ...]:
    """The reasons of a suppression that a new one for this reason takes the place of."""
    grave = NOT_THEIR_OWN_WORD
    return (*_UNDONE_BY_ASKING, *grave[: grave.index(reason) + 1]) if reason in grave else _UNDONE_BY_ASKING


def may_be_mailed(*, letters_today: int, since_refusal: int | None) -> bool:
    """
    May one more letter go to an address that somebody typed?

    `since_refusal` counts those of today that followed a refusal which still
    stands (None: there is none): whoever refused is asked once a day at most.
    """
    if since_refusal is not None and since_refusal >= _LETTERS_A_DAY_TO_A_REFUSER:
        return False
    return letters_today < _LETTERS_A_DAY
