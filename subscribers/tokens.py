"""
The links that let a reader act without a password.

A token is base64url of: one byte of purpose, two bytes of key id, 16 random
bytes that belong to the subscription, and 16 bytes of HMAC-SHA256 over all of
it. It names nobody, cannot be guessed or altered, and holds as long as its key
exists: an unsubscribe link must work for ever (RFC 8058; CAN-SPAM asks for 30
days, we set no end).

A link that shall grow old is made with its day. The token is no longer for it:
the week goes into the HMAC, and whoever reads it tries the weeks backwards. So
millions of letters need no row that says when their links were made.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

_RANDOM = 16
_MAC = 16
_LENGTH = 1 + 2 + _RANDOM + _MAC
_OLDEST = 520  # weeks that a dated link is still told from a forged one

DATED_LIVES = timedelta(days=90)
"""How long a dated link opens something; it may be up to six days more."""


class Purpose(IntEnum):
    """What a link is for; a token for one purpose opens nothing else."""

    UNSUBSCRIBE = 1
    PREFERENCES = 2
    CONFIRM = 3
    LINK = 4  # mailed on request, for an hour: what a forwarded letter must not allow
    KEEP = 9  # the answer to the two-yearly question


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token that was made here, and for what. `issued` is the first day of a dated one's week."""

    purpose: Purpose
    token_id: bytes
    issued: date | None = None

    def is_fresh(self, today: date) -> bool:
        """Whether a dated one still opens something; others do not grow old."""
        return self.issued is None or today - self.issued < DATED_LIVES + timedelta(days=7)


def make(purpose: Purpose, token_id: bytes, *, key_id: int, secret: bytes, day: date | None = None) -> str:
    """The text that stands in a link; 47 characters of [A-Za-z0-9_-]. With a day it is a dated one."""
    if len(token_id) != _RANDOM:
        raise ValueError(f"a token id has {_RANDOM} bytes, not {len(token_id)}")
    body = bytes([purpose]) + key_id.to_bytes(2, "big") + token_id
    week = None if day is None else _week(day)
    return base64.urlsafe_b64encode(body + _mac(secret, body, week)).decode("ascii").rstrip("=")


def read(text: str, purpose: Purpose, *, secrets: Mapping[int, bytes], today: date | None = None) -> Token | None:
    """
    The token in a link, or None: altered, cut short, for another purpose, or made elsewhere.

    With `today` it must be a dated one; one that has grown old is given, too.
    """
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
    if secret is None:
        return None
    for week in _weeks(today):
        if hmac.compare_digest(mac, _mac(secret, body, week)):
            issued = None if week is None else date.fromordinal(week * 7)
            return Token(purpose=purpose, token_id=body[3:], issued=issued)
    return None


def hash_of(address_key: str, secret: bytes) -> str:
    """
    The keyed hash by which a refusal is remembered after the address itself is erased (hex).

    Made with the instance's first key and never with another: a refusal of
    years ago must still be found.
    """
    return hmac.new(secret, b"address\n" + address_key.encode("utf-8"), hashlib.sha256).hexdigest()


def _week(day: date) -> int:
    return day.toordinal() // 7


def _weeks(today: date | None) -> Iterable[int | None]:
    """What is tried: no week, or this one (and the next, where a clock was wrong) and those before."""
    if today is None:
        return (None,)
    return range(_week(today) + 1, _week(today) - _OLDEST, -1)


def _mac(secret: bytes, body: bytes, week: int | None) -> bytes:
    dated = b"" if week is None else week.to_bytes(4, "big")
    return hmac.digest(secret, b"token\n" + body + dated, "sha256")[:_MAC]
