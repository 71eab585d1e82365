"""
Emptying an outbox as the house does, signed or not.

Imports no more than that needs: its memory is measured too.
"""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from publisher.delivery.dkim import PrivateKey, Signer, SigningKey
from publisher.delivery.smtp import SmtpTransport
from publisher.flows import deliver as flow
from publisher.store.database import open_database
from tests.bench.process import profile
from tests.delivery.post import post_office


async def deliver(store: Path, port: int, signs: str = "") -> int:
    """Send everything in a store to this port; `signs` as for `signer`. Gives how many copies went."""
    db = await open_database(f"sqlite:///{store}")
    road = SmtpTransport(profile(port))
    office = await post_office(db, store.parent / "journal", road)
    tally = await flow.deliver(replace(office, signer=signer(signs)))
    await road.close()
    await db.close()
    return tally.sent


def signer(kinds: str) -> Signer | None:
    """Signs with a key of each kind, `rsa` and `ed25519`, joined by +; None for ''."""
    keys = [
        SigningKey(domain="hanbit-peace.example", selector=kind, key=_key(kind)) for kind in kinds.split("+") if kind
    ]
    return Signer(keys=keys) if keys else None


def private_key(kind: str) -> str:
    """The same key in PEM."""
    return _key(kind).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


@lru_cache
def _key(kind: str) -> PrivateKey:
    return generate_private_key(65537, 2048) if kind == "rsa" else Ed25519PrivateKey.generate()
