"""
Mailgun's webhooks: failed, complained, unsubscribed.

Each carries a time, a token and the HMAC of both under the account's signing
key. Made from Mailgun's documents, not tried against the real one.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

from publisher.delivery.bounces.codes import status_in, weigh
from publisher.delivery.bounces.posted import Fetch, Forged, Told, Unreadable, parsed, text
from publisher.delivery.bounces.returned import Failure, Kind, Returned
from publisher.delivery.bounces.traces import traces_in
from publisher.delivery.policy import ReturnPolicy
from publisher.markup import fold
from subscribers.bounces import Weight

# Mailgun tries for eight hours; within that a message that is repeated counts once all the same.
_PAST, _AHEAD = timedelta(hours=9), timedelta(minutes=5)


class Mailgun:
    """Events of the account whose signing key is configured."""

    def is_open(self, policy: ReturnPolicy) -> bool:
        return bool(policy.mailgun_key)

    async def read(self, body: bytes, policy: ReturnPolicy, fetch: Fetch, now: datetime) -> Told | Forged | Unreadable:
        message = parsed(body)
        if message is None or not isinstance(message.get("signature"), dict):
            return Unreadable(reason="not a message of Mailgun")
        if (reason := _why_forged(message["signature"], policy.mailgun_key, now)) is not None:
            return Forged(reason=reason)
        found = _returned(message.get("event-data"))
        return Told(returned=(found,) if found else ())


def _why_forged(signature: dict[str, Any], key: str, now: datetime) -> str | None:
    timestamp, token = text(signature, "timestamp"), text(signature, "token")
    expected = hmac.new(key.encode(), f"{timestamp}{token}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), text(signature, "signature").encode("utf-8", "replace")):
        return "its signature does not hold"
    signed_at = _moment(timestamp)
    if signed_at is None or not now - _PAST <= signed_at <= now + _AHEAD:
        return "it was signed at another time"
    return None


def _returned(event: Any) -> Returned | None:
    sender, message_id = text(event, "envelope", "sender"), text(event, "message", "headers", "message-id")
    traces, dated = traces_in(sender, message_id), _moment(text(event, "timestamp"))
    match text(event, "event"):
        case "failed":
            is_over = text(event, "severity") == "permanent"
            kind = Kind.BOUNCE if is_over else Kind.DELAY
            return Returned(kind=kind, failures=(_failure(event, is_over),), traces=traces, dated=dated)
        case "complained":
            return Returned(kind=Kind.COMPLAINT, traces=traces, dated=dated)
        case "unsubscribed":
            return Returned(kind=Kind.REFUSAL, traces=traces, dated=dated)
        case _:
            return None


def _failure(event: Any, is_over: bool) -> Failure:
    said = text(event, "delivery-status", "message") or text(event, "delivery-status", "description")
    status = text(event, "delivery-status", "enhanced-code") or status_in(said)
    code = text(event, "delivery-status", "code")
    return Failure(
        recipient=fold(text(event, "recipient")),
        weight=_weight(text(event, "reason"), status, f"{code} {said}") if is_over else None,
        action="failed" if is_over else "delayed",
        status=status,
        said=fold(said)[:400],
    )


def _weight(reason: str, status: str, said: str) -> Weight:
    if reason == "suppress-bounce":  # it bounced for good before, and Mailgun did not try again
        return Weight.HARD
    if reason in ("suppress-complaint", "suppress-unsubscribe", "espblock", "greylisted", "old"):
        return Weight.SOFT if reason in ("greylisted", "old") else Weight.BLOCKED
    return weigh(status, said)


def _moment(seconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
