"""
DKIM signatures (RFC 6376, and RFC 8463 for Ed25519) over finished copies.

    bytes of a copy ─▶ header lines in relaxed form, SHA-256 of the body ─▶ one `DKIM-Signature` per key, above it

What is signed are the bytes that go out, whatever letter they are. A body is
hashed as it is: ours is its own relaxed form (`bodies` sees to it), and to put
one into that form anew would take as long as all the rest of a copy. Every
header is named once more than it occurs, so that nobody can add a second From
or a Reply-To and keep the signature (RFC 6376 section 8.15).

An RSA signature costs more than all else that is done for a copy. It holds up
the loop; a thread would gain nothing beside it, further processes do.
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

PrivateKey: TypeAlias = RSAPrivateKey | Ed25519PrivateKey

_SIGNED = (
    *(b"from", b"to", b"cc", b"reply-to", b"subject", b"date", b"message-id"),
    *(b"mime-version", b"content-type", b"content-transfer-encoding"),
    *(b"list-id", b"list-unsubscribe", b"list-unsubscribe-post"),
)
_END_OF_HEAD = b"\r\n\r\n"
_FIELDS = re.compile(rb"\r\n(?![ \t])")
_FOLD = b"\r\n\t"
_LINE = 70  # characters of a signature or a list of names in one line
_PADDING, _SHA256 = PKCS1v15(), hashes.SHA256()


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A private key, and where its public half stands: at `selector._domainkey.domain`."""

    domain: str
    selector: str
    key: PrivateKey

    @property
    def algorithm(self) -> str:
        return "rsa" if isinstance(self.key, RSAPrivateKey) else "ed25519"


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Signs with each of its keys. The same copy gets the same signatures."""

    keys: Sequence[SigningKey]

    def signed(self, content: bytes) -> bytes:
        """A finished copy (CRLF, its body in relaxed form) with a signature of each key above it."""
        end = content.index(_END_OF_HEAD)
        fields = _relaxed(content[:end])
        body = memoryview(content)[end + len(_END_OF_HEAD) :]
        body_hash = base64.b64encode(hashlib.sha256(body).digest())
        return b"".join([*(_signature(key, fields, body_hash) for key in self.keys), content])


def _relaxed(head: bytes) -> Mapping[bytes, bytes]:
    """Names in small letters → lines in relaxed form (section 3.4.2). No header of ours occurs twice."""
    return dict(map(_relaxed_field, _FIELDS.split(head)))


@lru_cache(maxsize=256)  # most are the same in all copies of a letter
def _relaxed_field(field: bytes) -> tuple[bytes, bytes]:
    name, _, value = field.partition(b":")
    name = name.rstrip().lower()
    return name, b"%b:%b\r\n" % (name, b" ".join(value.split()))


def _signature(key: SigningKey, fields: Mapping[bytes, bytes], body_hash: bytes) -> bytes:
    present = tuple(name for name in _SIGNED if name in fields)
    opening, relaxed = _opening(key, present)
    signed = [*(fields[name] for name in present), relaxed, body_hash, b"; b="]
    signature = base64.b64encode(_sign(key.key, b"".join(signed)))
    lines = [signature[start : start + _LINE] for start in range(0, len(signature), _LINE)]
    return b"%b%b;%bb=%b\r\n" % (opening, body_hash, _FOLD, _FOLD.join(lines))


@lru_cache(maxsize=64)
def _opening(key: SigningKey, present: Sequence[bytes]) -> tuple[bytes, bytes]:
    """A signature header as far as `bh=`, and the same in relaxed form."""
    names = _folded([*present, *_SIGNED])
    value = b"v=1; a=%b-sha256; c=relaxed/relaxed;%bd=%b;%bs=%b;%bh=%b;%bbh=" % (
        key.algorithm.encode("ascii"),
        *(_FOLD, key.domain.encode("ascii")),
        *(_FOLD, key.selector.encode("ascii")),
        *(_FOLD, names, _FOLD),
    )
    return b"DKIM-Signature: " + value, b"dkim-signature:" + value.replace(_FOLD, b" ")


def _folded(names: Sequence[bytes]) -> bytes:
    """The names with colons between them, folded behind a colon."""
    lines = [names[0]]
    for name in names[1:]:
        if len(lines[-1]) + len(name) < _LINE:
            lines[-1] += b":" + name
        else:
            lines[-1] += b":"
            lines.append(name)
    return _FOLD.join(lines)


def _sign(key: PrivateKey, signed: bytes) -> bytes:
    if isinstance(key, RSAPrivateKey):
        return key.sign(signed, _PADDING, _SHA256)
    return key.sign(hashlib.sha256(signed).digest())  # of the hash (RFC 8463 section 3)
