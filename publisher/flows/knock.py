"""Whoever presses a button that mails is counted, by network and in all, before anything is written down."""

import hashlib
import hmac
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network

from publisher.store import knocks
from publisher.store.database import Tx
from publisher.store.keys import Key
from subscribers import proof
from subscribers.pace import Pace, pace

_NOWHERE = "unknown"


async def knock(
    tx: Tx, form: str, host: str | None, key: Key, now: datetime, *, shown: tuple[str, str] = ("", "")
) -> Pace:
    """
    May this request be taken? In the caller's transaction; what is taken is counted.

    `host` is the visitor's address as the server knows it; only a keyed hash of
    its network is kept, for two days. `shown` is a challenge and its answer.
    """
    network = _hash(key, network_of(host))
    found = pace(
        from_network=await knocks.count(tx, "network", network, now), in_all=await knocks.count(tx, "form", form, now)
    )
    if found is Pace.PROOF and await _is_proven(tx, shown, key, now):
        found = Pace.FREE
    if found is Pace.FREE:
        await knocks.note(tx, {"network": network, "form": form}, now)
    return found


def network_of(host: str | None) -> str:
    """The neighbourhood of an address: what one household or office holds (/24, /56)."""
    try:
        address = ip_address((host or "").partition("%")[0])
    except ValueError:
        return _NOWHERE
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(ip_network(f"{address}/{56 if address.version == 6 else 24}", strict=False))


async def _is_proven(tx: Tx, shown: tuple[str, str], key: Key, now: datetime) -> bool:
    challenge, answer = shown
    if not proof.is_met(challenge, answer, secret=key.secret, now=now):
        return False
    return await knocks.use_once(tx, _hash(key, challenge), now)


def _hash(key: Key, text: str) -> str:
    return hmac.new(key.secret, b"knock\n" + text.encode(), hashlib.sha256).hexdigest()
