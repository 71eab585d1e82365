"""
The only door to the network for reading: guarded HTTP.

Addresses come from strangers (an archive's links, its redirects, its name
server), so each is refused unless it leads to a public host, or to one that
the operator allowed by name and port. `fetch` does the visiting, `guard`
decides where a connection may lead, `cookies` keeps a session.
"""

from publisher.net.cookies import CookieJar
from publisher.net.fetch import Fetcher, Page, user_agent
from publisher.net.guard import Resolver, is_public

__all__ = ["CookieJar", "Fetcher", "Page", "Resolver", "is_public", "user_agent"]
