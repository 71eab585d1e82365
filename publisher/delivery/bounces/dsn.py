"""Delivery status notifications (RFC 3464; in Unicode RFC 6533)."""

import re

from publisher.delivery.bounces.codes import status_in, weigh
from publisher.delivery.bounces.mail import Mail, fields
from publisher.delivery.bounces.returned import Failure, Kind

_TYPES = ("message/delivery-status", "message/global-delivery-status")
_ACTIONS = frozenset({"failed", "delayed", "delivered", "relayed", "expanded"})


def failures(mail: Mail) -> tuple[Failure, ...]:
    """Every recipient that the mail reports on; none where it is no such report."""
    blocks = (block for part in mail.of_type(*_TYPES) for block in fields(part))
    return tuple(_failure(block) for block in blocks if _recipient(block))


def kind_of(found: tuple[Failure, ...]) -> Kind:
    """What a report tells as a whole: that something was given up, else that it is being tried on."""
    actions = {one.action for one in found}
    if "failed" in actions:
        return Kind.BOUNCE
    return Kind.DELAY if "delayed" in actions else Kind.OTHER


def _failure(block: dict[str, str]) -> Failure:
    status = status_in(block.get("status", ""))
    said = _value(block.get("diagnostic-code", ""))
    action = _action(block.get("action", ""), status)
    return Failure(
        recipient=_recipient(block),
        weight=weigh(_sharper(status, said), said) if action == "failed" else None,
        action=action,
        status=status or status_in(said),
        said=said[:400],
    )


def _sharper(status: str, said: str) -> str:
    """The server's own code where the reporting host only says that it failed (5.0.0)."""
    return (status_in(said) or status) if status.endswith(".0.0") or not status else status


def _action(action: str, status: str) -> str:
    """The action; where it is missing or unknown, what the status means (RFC 3464 wants both, not all give both)."""
    word = action.lower().partition(" ")[0]
    if word in _ACTIONS:
        return word
    return {"5": "failed", "4": "delayed"}.get(status[:1], "")


def _recipient(block: dict[str, str]) -> str:
    found = block.get("original-recipient") or block.get("final-recipient") or ""
    address = _value(found).strip("<> ")
    return address if "@" in address and len(address) <= 320 else ""


def _value(field: str) -> str:
    """`rfc822; kim@reader.example` → what stands after the type."""
    return re.sub(r"^\s*[A-Za-z0-9-]{1,30}\s*;\s*", "", field).strip()
