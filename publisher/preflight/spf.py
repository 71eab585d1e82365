"""
SPF (RFC 7208): whether a domain's record can be evaluated, and whether it lets the sending host write.

Evaluated as a receiver does, with its limits: ten terms that ask the name
system, two of them without an answer, and the record counts for nothing. A
circle of includes ends at the same limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from publisher.net import Lookup, Unanswered

_MOST_LOOKUPS = 10  # RFC 7208 section 4.6.4
_MOST_VOID = 2
_RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}


class Spf(StrEnum):
    """What a receiver would find, the best first."""

    PASS = "pass"  # noqa: S105 - the word of RFC 7208, no password
    NEUTRAL = "neutral"
    SOFTFAIL = "softfail"
    FAIL = "fail"
    NONE = "none"  # there is no record
    UNKNOWN = "unknown"  # nobody answered, or it depends on what is only known while sending
    BROKEN = "broken"  # permerror: two records, too many lookups, what no receiver can read


@dataclass(frozen=True, kw_only=True)
class SpfVerdict:
    """The result, why (a short technical text), and the questions that a receiver needs for it."""

    result: Spf
    why: str = ""
    lookups: int = 0


class _StopError(Exception):
    def __init__(self, result: Spf, why: str) -> None:
        super().__init__(why)
        self.result = result


@dataclass(kw_only=True)
class _Walk:
    lookup: Lookup
    addresses: Sequence[str | None]
    asked: int = 0
    void: int = 0
    trail: list[str] = field(default_factory=list)

    def count(self, term: str) -> None:
        self.asked += 1
        if self.asked > _MOST_LOOKUPS:
            trail = " → ".join(self.trail[:4])
            raise _StopError(Spf.BROKEN, f"more than {_MOST_LOOKUPS} lookups ({trail}, at {term})")

    async def records(self, name: str, kind: str, *, counts: bool = True) -> Sequence[str]:
        found = await self.lookup(name, kind)
        if isinstance(found, Unanswered):
            raise _StopError(Spf.UNKNOWN, found.reason)
        if not found.records and counts:
            self.void += 1
            if self.void > _MOST_VOID:
                raise _StopError(Spf.BROKEN, f"more than {_MOST_VOID} names without records, the last {name}")
        return found.records


async def evaluate(domain: str, addresses: Sequence[str], lookup: Lookup) -> SpfVerdict:
    """
    What a receiver finds when one of these hosts sends for the domain; never raises.

    Of several addresses the worst result counts. Without any, the record is only
    walked through: UNKNOWN then means that it is fit to be evaluated.
    """
    walk = _Walk(lookup=lookup, addresses=[*addresses])
    try:
        results = [await _evaluate(walk, domain, address) for address in walk.addresses or [None]]
    except _StopError as stop:
        return SpfVerdict(result=stop.result, why=str(stop), lookups=walk.asked)
    gravest = max(results, key=list(Spf).index)
    return SpfVerdict(result=gravest, lookups=walk.asked)


async def _evaluate(walk: _Walk, domain: str, address: str | None) -> Spf:
    walk.asked = walk.void = 0
    walk.trail = []
    return await _check(walk, domain, address, is_first=True)


async def _check(walk: _Walk, domain: str, address: str | None, *, is_first: bool) -> Spf:
    walk.trail.append(domain)
    record = await _record(walk, domain, is_first=is_first)
    if record is None:
        return Spf.NONE
    redirect = ""
    result: Spf | None = None
    for term in record.split()[1:]:
        name, is_modifier, value = term.partition("=")
        if is_modifier and ":" not in name and "/" not in name:
            redirect = value if name.lower() == "redirect" else redirect
            continue
        matched = await _matches(walk, term, domain, address)
        if matched and result is None:
            result = Spf(_RESULTS.get(term[0], "pass"))
            if address is not None:
                return result
    if redirect and result is None:
        walk.count(f"redirect={redirect}")
        followed = await _check(walk, _target(redirect), address, is_first=False)
        if followed is Spf.NONE:
            raise _StopError(Spf.BROKEN, f"redirect={redirect} leads to no record")
        return followed
    return Spf.UNKNOWN if address is None else Spf.NEUTRAL


async def _record(walk: _Walk, domain: str, *, is_first: bool) -> str | None:
    texts = await walk.records(domain, "TXT", counts=not is_first)
    found = [text for text in texts if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")]
    if len(found) > 1:
        raise _StopError(Spf.BROKEN, f"{domain} has {len(found)} records that begin with v=spf1")
    return found[0] if found else None


async def _matches(walk: _Walk, term: str, domain: str, address: str | None) -> bool:
    """Whether this mechanism speaks of the address; without one each is only walked through."""
    bare = term[1:] if term[0] in _RESULTS else term
    name, _, rest = bare.partition(":")
    kind, _, prefix = name.partition("/")
    host, _, length = rest.partition("/") if rest else ("", "", prefix)
    match kind.lower():
        case "all":
            return True
        case "ip4" | "ip6":
            return _is_in(address, rest, term)
        case "include":
            walk.count(term)
            found = await _check(walk, _target(host), address, is_first=False)
            if found is Spf.NONE:
                raise _StopError(Spf.BROKEN, f"{term} leads to no record")
            return found is Spf.PASS
        case "a" | "mx":
            walk.count(term)
            return await _is_host(walk, kind.lower(), _target(host) if host else domain, length, address)
        case "exists" | "ptr":
            walk.count(term)
            raise _StopError(Spf.UNKNOWN, f"{term} is only known while sending")
    raise _StopError(Spf.BROKEN, f"{domain} has “{term}”, which no receiver can read")


def _target(host: str) -> str:
    if "%" in host:
        raise _StopError(Spf.UNKNOWN, f"{host} is only known while sending")
    return host.rstrip(".")


async def _is_host(walk: _Walk, kind: str, host: str, length: str, address: str | None) -> bool:
    names = [host]
    if kind == "mx":
        names = [record.partition(" ")[2] for record in await walk.records(host, "MX")][:_MOST_LOOKUPS]
    if address is None:
        return False
    family = "AAAA" if ":" in address else "A"
    bits = (length.partition("//")[2] or "128") if family == "AAAA" else (length.partition("/")[0] or "32")
    for name in names:
        for found in await walk.records(name, family, counts=kind == "a"):
            if _is_in(address, f"{found}/{bits}", host):
                return True
    return False


def _is_in(address: str | None, network: str, term: str) -> bool:
    try:
        wanted: IPv4Network | IPv6Network = ip_network(network, strict=False)
        return address is not None and ip_address(address) in wanted
    except ValueError:
        raise _StopError(Spf.BROKEN, f"“{term}” names no network") from None
