"""JSON Feed 1.1 (jsonfeed.org/version/1.1), written by hand: a feed is a dictionary."""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from publisher.feeds.head import Head, publisher_of
from publisher.feeds.piece import Enclosure, Piece

Value: TypeAlias = "str | int | Sequence[Value] | Mapping[str, Value] | None"
"""What a key may hold; a key whose value is empty is left out, as the format wants it."""


def entries(pieces: Sequence[Piece]) -> list[bytes]:
    """The entries as they stand in a document, each a line."""
    return [_item(piece).encode() for piece in pieces]


def document(head: Head, written: Sequence[bytes]) -> bytes:
    """The document. It has no date of its own; the way to older entries is `next_url`."""
    feed, site, older = head.feed, head.site, head.place.older
    start = _written(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "description": feed.description,
            "home_page_url": head.home,
            "feed_url": head.address("json"),
            "next_url": head.page(older, "json") if older is not None else None,
            "language": feed.language,
            "authors": [{"name": publisher_of(feed, site), "url": head.home}],
            "hubs": [{"type": "WebSub", "url": head.hub}] if head.hub and head.place.number is None else None,
        },
        indent=1,
    )
    return b"".join((start.removesuffix("\n}").encode(), b',\n "items": [\n', b",\n".join(written), b"\n ]\n}\n"))


def _item(piece: Piece) -> str:
    return _written(
        {
            "id": piece.id,
            "url": piece.url,
            "external_url": piece.original_url or piece.archive_url,
            "title": piece.title,
            "content_html": piece.html,
            "summary": piece.summary,
            "date_published": piece.published.isoformat() if piece.published else None,
            "date_modified": piece.updated.isoformat(),
            "authors": [{"name": piece.author}] if piece.author else [],
            "tags": piece.categories,
            "language": piece.language,
            "attachments": [_attachment(file) for file in piece.enclosures],
        }
    )


def _attachment(file: Enclosure) -> Mapping[str, Value]:
    return {"url": file.url, "mime_type": file.type, "title": file.name, "size_in_bytes": file.size}


def _written(keys: Mapping[str, Value], indent: int | None = None) -> str:
    present = {key: value for key, value in keys.items() if value}
    return json.dumps(present, ensure_ascii=False, indent=indent)
