"""What came of a file: each row by itself, and the counts of all."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class What(StrEnum):
    """What a file does to one person on one list."""

    ACTIVE = "active"  # comes onto the list and gets its letters
    PENDING = "pending"  # comes onto the list, but gets nothing before they confirm
    UNCHANGED = "unchanged"  # all is as the file says
    KEPT = "kept"  # is on it in other languages than the file says; those stay, for the reader chose them
    REFUSAL = "refusal"  # another house does not write there any more, so nor do we
    REJECTED = "rejected"
    DUPLICATE = "duplicate"  # an earlier row has this person


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """
    One person of one row. `list` is empty where all lists are meant, or none is known.

    `value` is what was wrong, for rejected rows, and else the languages; `first_line`
    is of duplicates: the row that has the same address.
    """

    line: int
    what: What
    address: str = ""
    list: str = ""
    reason: str = ""
    value: str = ""
    first_line: int | None = None


Told: TypeAlias = Callable[[Outcome], None]


@dataclass
class Enrolled:
    """
    What came of a file so far.

    `pending` of the accepted wait for their own confirmation, since no date of a
    consent is told; `unchanged` are as the file has them already, `kept` but for
    their languages; `refusals` were taken over from another house.
    """

    rows: int = 0
    accepted: int = 0
    pending: int = 0
    unchanged: int = 0
    kept: int = 0
    refusals: int = 0
    rejected: int = 0
    duplicates: int = 0

    def count(self, what: What) -> None:
        match what:
            case What.ACTIVE:
                self.accepted += 1
            case What.PENDING:
                self.accepted += 1
                self.pending += 1
            case What.UNCHANGED:
                self.unchanged += 1
            case What.KEPT:
                self.kept += 1
            case What.REFUSAL:
                self.refusals += 1
            case What.REJECTED:
                self.rejected += 1
            case What.DUPLICATE:
                self.duplicates += 1

    @property
    def is_empty(self) -> bool:
        """Was there nothing that could be read?"""
        told = (self.accepted, self.unchanged, self.kept, self.refusals, self.rejected, self.duplicates)
        return not any(told)
