"""
Our own marks in what comes back: which letter it is about.

Each copy leaves from an address of its own, `bounces+b…@`, and offers another to
write to for leaving, `bounces+l…@`. The 26 characters behind the purpose hold
the delivery's number and a MAC over both, so nobody can make one up: a bounce to
an unsigned or forged address changes nothing. The number is found again
whatever a server did to the letter, and without asking the store for it.

Where the return path is not ours to choose (many providers put the account's
address there), the Message-ID of the returned letter serves: it is a MAC
itself, and only who has the letter knows it.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from publisher.delivery.bounces.mail import Mail, text_of
from publisher.delivery.bounces.returned import Traces

_ADDRESSED = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Rcpt-To", "Cc")
_NAMED = re.compile(r"[-+=]([bl])([a-z2-7]{26})@", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<[a-z2-7]{26}@[A-Za-z0-9.-]{1,253}>")
_MOST = 20  # marks of one mail that are looked up

_NUMBER, _MAC = 6, 10  # bytes; together 26 characters of base32 without padding
_BOUNCE, _LEAVE = "b", "l"


# ── Made ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class ReturnAddress:
    """
    The addresses of one house's copies. `separator` is what its server takes for
    the beginning of an address's extension; '' for a server that knows none: then
    every copy has the plain address.
    """

    address: str
    separator: str = "+"
    secret: bytes = field(repr=False)

    def bounce(self, delivery_id: int) -> str:
        """MAIL FROM of a copy."""
        return self._extended(_BOUNCE, delivery_id) if self.separator else self.address

    def leave(self, delivery_id: int) -> str | None:
        """Where its reader may write to for leaving; None where no address can tell readers apart."""
        return self._extended(_LEAVE, delivery_id) if self.separator else None

    def _extended(self, purpose: str, delivery_id: int) -> str:
        local, _, domain = self.address.rpartition("@")
        return f"{local}{self.separator}{purpose}{_token(purpose, delivery_id, self.secret)}@{domain}"


def _token(purpose: str, delivery_id: int, secret: bytes) -> str:
    number = delivery_id.to_bytes(_NUMBER, "big")
    return base64.b32encode(number + _mac(purpose, number, secret)).decode("ascii")[:26].lower()


def _mac(purpose: str, number: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, b"return path\n" + purpose.encode("ascii") + number, "sha256")[:_MAC]


# ── Found again ──────────────────────────────────────────────────────────────


def traces_of(mail: Mail) -> Traces:
    """
    Every mark of ours in a mail, wherever it stands.

    Only the address that it was written to can say that somebody leaves: the
    returned letter carries that address as well, and says nothing by it.
    """
    addressed = [value for name in _ADDRESSED for value in mail.headers(name)]
    named = [found for value in addressed for found in _NAMED.findall(value)]
    everything = [
        mail.raw.decode("latin-1"),
        *(text_of(part) for part in mail.parts if part.get_content_maintype() == "text"),
    ]
    anywhere = [found for text in everything for found in _NAMED.findall(text)]
    return Traces(
        tokens=_first(token for purpose, token in (*named, *anywhere) if purpose.lower() == _BOUNCE),
        leaving=_first(token for purpose, token in named if purpose.lower() == _LEAVE),
        message_ids=_first(found for text in everything for found in _MESSAGE_ID.findall(text)),
    )


def traces_in(sender: str, message_id: str) -> Traces:
    """The marks in what a provider tells by webhook: MAIL FROM and Message-ID of the letter."""
    found = _MESSAGE_ID.findall(f"<{message_id.strip().strip('<>')}>")
    tokens = [token for purpose, token in _NAMED.findall(sender) if purpose.lower() == _BOUNCE]
    return Traces(tokens=_first(tokens), message_ids=_first(found))


def delivery_in(token: str, purpose: str, secrets: Iterable[bytes]) -> int | None:
    """The delivery that a token was made for; None when it was not made here for this purpose."""
    try:
        raw = base64.b32decode(token.upper() + "======")
    except binascii.Error:
        return None
    number, mac = raw[:_NUMBER], raw[_NUMBER:]
    is_ours = any(hmac.compare_digest(mac, _mac(purpose, number, secret)) for secret in secrets)
    return int.from_bytes(number, "big") if is_ours else None


def bounced_delivery(token: str, secrets: Iterable[bytes]) -> int | None:
    """The delivery whose return path this is."""
    return delivery_in(token, _BOUNCE, secrets)


def left_delivery(token: str, secrets: Iterable[bytes]) -> int | None:
    """The delivery whose reader wrote to leave."""
    return delivery_in(token, _LEAVE, secrets)


def _first(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.lower() for one in found))[:_MOST]
