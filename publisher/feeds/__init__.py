"""
Entries out: feeds that any reader can follow.

    plan.py       which feeds a site has, and which entries belong in each
    piece.py      an entry as a feed shows it (content.py: its words; plain.py: strangers' strings)
    atom.py, rss.py, jsonfeed.py     entries and a document in one format: pure, the same bytes while nothing changed
    head.py       what a document says beside its entries, its archive pages (RFC 5005) among it
    publish.py    a document with what HTTP wants to know of it; files.py writes it for a static host
    kept.py       what was written, kept until its room is full
    followers.py  what a reader's program says of those it reads for

An entry is written once per change and joined into every document that shows it.

To add a format: a new file with `entries` and a `document` as in `format.Format`,
one line in `FORMATS`, and one in `head.MEDIA_TYPES`. Formats do not import each other.
"""

from collections.abc import Mapping

from publisher.feeds import atom, jsonfeed, rss
from publisher.feeds.format import Format
from publisher.feeds.head import MEDIA_TYPES

FORMATS: Mapping[str, Format] = {
    "rss": Format(media_type=f"{MEDIA_TYPES['rss']}; charset=utf-8", entries=rss.entries, document=rss.document),
    "atom": Format(media_type=f"{MEDIA_TYPES['atom']}; charset=utf-8", entries=atom.entries, document=atom.document),
    "json": Format(
        media_type=f"{MEDIA_TYPES['json']}; charset=utf-8", entries=jsonfeed.entries, document=jsonfeed.document
    ),
}
"""By the extension that stands in a feed's address."""
