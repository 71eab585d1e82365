"""
Proof of work without a third party, for forms that are pressed too often.

A challenge is 8 bytes of time, 8 random ones and 16 of HMAC. It is answered by
a number: SHA-256 of `challenge:number` begins with enough zero bits, which a
browser finds in a second or two. Whoever has no script waits a minute instead
and presses again. Either way a challenge is good once, for a quarter of an hour.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta

ZERO_BITS = 16
WAIT = timedelta(minutes=1)
_LIVES = timedelta(minutes=15)
_MAC = 16


def challenge(secret: bytes, now: datetime) -> str:
    """A new challenge, 43 characters."""
    body = int(now.timestamp()).to_bytes(8, "big") + secrets.token_bytes(8)
    return base64.urlsafe_b64encode(body + _mac(secret, body)).decode("ascii").rstrip("=")


def is_met(text: str, answer: str, *, secret: bytes, now: datetime) -> bool:
    """Whether this challenge of ours was answered, or waited for. That it is used once is the store's part."""
    issued = _issued(text, secret)
    if issued is None or not issued <= now <= issued + _LIVES:
        return False
    return now - issued >= WAIT or _is_found(text, answer)


def _issued(text: str, secret: bytes) -> datetime | None:
    if len(text) != 43 or not text.isascii():
        return None
    try:
        raw = base64.b64decode(text + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    body, mac = raw[:-_MAC], raw[-_MAC:]
    if not hmac.compare_digest(mac, _mac(secret, body)):
        return None
    return datetime.fromtimestamp(int.from_bytes(body[:8], "big"), tz=UTC)


def _is_found(text: str, answer: str) -> bool:
    if not (answer.isascii() and answer.isdigit() and len(answer) <= 12):
        return False
    digest = hashlib.sha256(f"{text}:{answer}".encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - ZERO_BITS) == 0


def _mac(secret: bytes, body: bytes) -> bytes:
    return hmac.new(secret, b"proof\n" + body, hashlib.sha256).digest()[:_MAC]
