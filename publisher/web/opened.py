"""
A feed that is opened in a browser: the same bytes, under a type that browsers show.

Chromium prints `application/atom+xml` as plain text, others want to save it.
Under `application/xml` all of them style it by its stylesheet (`/feeds.css`),
which says what it is and how to follow it. Whoever asks is told by
Sec-Fetch-Dest, which every browser of today sends and no feed reader; should
one be mistaken for the other, it still gets the feed.
"""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from publisher.model import Site

_SHOWN = (b"content-type", b"application/xml; charset=utf-8")
_FEED_TYPES = (b"application/atom+xml", b"application/rss+xml")
_VARY = (b"vary", b"Sec-Fetch-Dest")


def shown_to_people(feeds: ASGIApp, site: Site) -> ASGIApp:
    """The feeds, fit to be looked at by whoever opens one in a browser."""
    parts = urlsplit(site.url)
    # Nothing in a feed is to be run or loaded but its looks, which come from the public address.
    policy = f"default-src 'none'; style-src 'self' {parts.scheme}://{parts.netloc}; frame-ancestors 'none'"
    protecting = (b"content-security-policy", policy.encode())

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        is_opened = (b"sec-fetch-dest", b"document") in scope["headers"]

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 304):
                headers = [*message["headers"], _VARY]
                if is_opened:
                    headers = [_SHOWN if _is_feed(header) else header for header in headers] + [protecting]
                message = {**message, "headers": headers}
            await send(message)

        await feeds(scope, receive, sent)

    return app


def _is_feed(header: tuple[bytes, bytes]) -> bool:
    name, value = header
    return name == b"content-type" and value.startswith(_FEED_TYPES)
