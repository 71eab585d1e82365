"""
The links that let a reader act without a password.

A token is base64url of: one byte of purpose, two bytes of key id, 16 random
bytes that belong to the subscription, and 16 bytes of HMAC-SHA256 over all of
it. It names nobody, cannot be guessed or altered, and holds as long as its key
exists: an unsubscribe link must work for ever (RFC 8058; CAN-SPAM asks for 30
days, we set no end).
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

_RANDOM = 16
_MAC = 16
_LENGTH = 1 + 2 + _RANDOM + _MAC


class Purpose(IntEnum):
    """What a link is for; a token for one purpose opens nothing else."""

    UNSUBSCRIBE = 1
    PREFERENCES = 2
    CONFIRM = 3
    KEEP = 9  # the answer to the two-yearly question


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token that was made here, and for what."""

    purpose: Purpose
    token_id: bytes


def make(purpose: Purpose, token_id: bytes, *, key_id: int, secret: bytes) -> str:
    """The text that stands in a link; 47 characters of [A-Za-z0-9_-]."""
    if len(token_id) != _RANDOM:
        raise ValueError(f"a token id has {_RANDOM} bytes, not {len(token_id)}")
    body = bytes([purpose]) + key_id.to_bytes(2, "big") + token_id
    return base64.urlsafe_b64encode(body + _mac(secret, body)).decode("ascii").rstrip("=")


def read(text: str, purpose: Purpose, *, secrets: Mapping[int, bytes]) -> Token | None:
    """The token in a link, or None: altered, cut short, for another purpose, or made elsewhere."""
    if not text.isascii() or len(text) > 2 * _LENGTH:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != _LENGTH or raw[0] != purpose:
        return None
    body, mac = raw[:-_MAC], raw[-_MAC:]
    secret = secrets.get(int.from_bytes(body[1:3], "big"))
    if secret is None or not hmac.compare_digest(mac, _mac(secret, body)):
        return None
    return Token(purpose=purpose, token_id=body[3:])


def hash_of(address_key: str, secret: bytes) -> str:
    """
    The keyed hash by which a refusal is remembered after the address itself is erased (hex).

    Made with the instance's first key and never with another: a refusal of
    years ago must still be found.
    """
    return hmac.new(secret, b"address\n" + address_key.encode("utf-8"), hashlib.sha256).hexdigest()


def _mac(secret: bytes, body: bytes) -> bytes:
    return hmac.new(secret, b"token\n" + body, hashlib.sha256).digest()[:_MAC]
