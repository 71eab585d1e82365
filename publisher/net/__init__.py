"""
The only door to the network for reading: guarded HTTP, and names.

Addresses come from strangers (an archive's links, its redirects, its name
server), so each is refused unless it leads to a public host, or to one that
the operator allowed by name and port. `fetch` does the visiting, `guard`
decides where a connection may lead, `cookies` keeps a session, `dns` asks the
domain name system.
"""

from publisher.net.cookies import CookieJar
from publisher.net.dns import Lookup, Records, Unanswered, reverse_name
from publisher.net.dns import Resolver as DnsResolver
from publisher.net.fetch import Fetcher, Page, user_agent
from publisher.net.guard import Resolver, is_public

__all__ = [
    "CookieJar",
    "DnsResolver",
    "Fetcher",
    "Lookup",
    "Page",
    "Records",
    "Resolver",
    "Unanswered",
    "is_public",
    "reverse_name",
    "user_agent",
]
