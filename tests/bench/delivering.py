"""
Emptying an outbox as the house does, signed or not.

Imports no more than that needs: its memory is measured too.
"""

import time
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, kw_only=True)
class Done:
    """How many pieces were done, and in how many seconds."""

    count: int
    took: float


async def deliver(store: Path, port: int, signs: str = "") -> Done:
    """
    Send everything in a store to this port; `signs` as for `signer`.

    Timed from the moment at which a house that runs would begin: its store is
    open and its keys are read. Connections, letters and the end of it count.
    """
    db = await open_database(f"sqlite:///{store}")
    road = SmtpTransport(profile(port))
    office = replace(await post_office(db, store.parent / "journal", road), signer=signer(signs))
    began = time.perf_counter()
    tally = await flow.deliver(office)
    await road.close()
    took = time.perf_counter() - began
    await db.close()
    return Done(count=tally.sent, took=took)


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
