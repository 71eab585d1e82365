"""Complaints: the abuse reporting format (RFC 5965), as feedback loops send it."""

from publisher.delivery.bounces.mail import Mail, fields
from publisher.delivery.bounces.returned import Failure

_COMPLAINTS = frozenset({"abuse", "fraud", "opt-out", "other", "virus"})
"""Not among them: `not-spam`, and `auth-failure` (RFC 6591), which tells of forgers and not of readers."""


def complaint(mail: Mail) -> tuple[Failure, ...] | None:
    """Whose complaint it is, as far as the report says so; None where it is none."""
    for part in mail.of_type("message/feedback-report"):
        block: dict[str, str] = {}
        for more in fields(part):
            block = more | block
        if block.get("feedback-type", "").lower() in _COMPLAINTS:
            # Most loops take the address out; our own marks in the returned letter are what counts.
            address = (block.get("original-rcpt-to") or block.get("removal-recipient") or "").strip("<> ")
            return (Failure(recipient=address, weight=None),) if "@" in address else ()
    return None
