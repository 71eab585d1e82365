"""
Questions to the domain name system.

What comes back was written by strangers: `records` are texts to be judged,
never to be trusted. A question that got no answer is told apart from the answer
that there is nothing, since only the second is a fact about the domain.
"""

from dataclasses import dataclass
from typing import Protocol

import dns.asyncresolver
import dns.exception
import dns.rdatatype
import dns.resolver
import dns.reversename

_LONGEST = 64  # records read of one answer; no domain in its right mind has more of a kind


@dataclass(frozen=True, kw_only=True)
class Records:
    """
    What the domain name system says of a name; of a kind that it has none of, `records` is empty.

    TXT records are joined from their pieces, MX records read `10 mx.example`, addresses and
    names stand without the dot at their end. `exists`: the name has records of some kind.
    """

    records: tuple[str, ...] = ()
    exists: bool = True


@dataclass(frozen=True, kw_only=True)
class Unanswered:
    """Nobody answered, or what came was no answer: nothing is known."""

    reason: str


class Lookup(Protocol):
    """Asks for the records of one kind (`TXT`, `MX`, `A`, `AAAA`, `PTR`); never raises."""

    async def __call__(self, name: str, kind: str) -> Records | Unanswered: ...


class Resolver:
    """
    Asks the name servers of this machine, or the one that is given as (address, port).

    `seconds` bounds one question, whatever the servers do; aliases (CNAME) are
    followed as far as one answer holds them, so a circle of them ends.
    """

    def __init__(self, seconds: float = 4.0, *, server: tuple[str, int] | None = None) -> None:
        self._seconds = seconds
        self._server = server
        self._resolver: dns.asyncresolver.Resolver | None = None

    async def __call__(self, name: str, kind: str) -> Records | Unanswered:
        try:
            resolver = self._resolver or self._opened()
            answer = await resolver.resolve(name, kind, lifetime=self._seconds, search=False)
        except dns.resolver.NXDOMAIN:
            return Records(exists=False)
        except dns.resolver.NoAnswer:
            return Records()
        except (dns.exception.DNSException, OSError, UnicodeError, ValueError) as error:
            return Unanswered(reason=f"{name}: {type(error).__name__}")
        return Records(records=tuple(_text(record, answer.rdtype) for record in list(answer)[:_LONGEST]))

    def _opened(self) -> dns.asyncresolver.Resolver:
        """Not before the first question: a machine without name servers is told of then."""
        self._resolver = dns.asyncresolver.Resolver(configure=self._server is None)
        if self._server is not None:
            address, self._resolver.port = self._server
            self._resolver.nameservers = [address]
        return self._resolver


def reverse_name(address: str) -> str:
    """The name under which an address tells its own: `10.2.0.192.in-addr.arpa`."""
    return str(dns.reversename.from_address(address)).rstrip(".")


def _text(record: object, kind: dns.rdatatype.RdataType) -> str:
    if kind is dns.rdatatype.TXT:
        pieces: tuple[bytes, ...] = getattr(record, "strings", ())
        return b"".join(pieces).decode("utf-8", "replace")
    return str(record).rstrip(".")
