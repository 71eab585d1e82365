"""Deliveries: one copy to one recipient, and how many of an edition are in each state."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias


class DeliveryKind(StrEnum):
    EDITION = "edition"
    TEST = "test"  # of an edition, too
    # The others belong to no edition. Each has its folder under `templates/email`.
    ALARM = "alarm"
    CONFIRM = "confirm"  # somebody asked for letters, or for them at another address: was it you?
    REMINDER = "reminder"  # the same, once more
    WELCOME = "welcome"
    LINK = "link"  # to one's own page
    GOODBYE = "goodbye"
    NOTICE = "notice"  # what became of a consent, a refusal, a withdrawal, an erasure
    RECONFIRM = "reconfirm"  # the two-yearly question
    # Later rooms add: approval.


Facts: TypeAlias = Mapping[str, Any]
"""What a letter that belongs to no edition says: JSON, kept in its row, so that the row explains itself."""


class DeliveryStatus(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    WITHHELD = "withheld"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, kw_only=True)
class Account:
    """What became of an edition's copies; `total` is the number of recipients."""

    waiting: int = 0
    sending: int = 0
    sent: int = 0
    failed: int = 0
    withheld: int = 0
    uncertain: int = 0

    @property
    def total(self) -> int:
        return self.waiting + self.sending + self.sent + self.failed + self.withheld + self.uncertain

    @property
    def open(self) -> int:
        """Copies that have not come to an end yet."""
        return self.waiting + self.sending
