"""
Entries out: feeds that any reader can follow.

    plan.py       which feeds a site has, and which entries belong in each
    piece.py      an entry as a feed shows it (content.py: its words; plain.py: strangers' strings)
    atom.py, rss.py, jsonfeed.py     a feed as a document: pure, the same bytes while nothing changed
    publish.py    a document with what HTTP wants to know of it; files.py writes it for a static host

To add a format: a new file with a `write` of the shape `format.Write`, one line
in `FORMATS`, and one in `head.MEDIA_TYPES`. Formats do not import each other.
"""

from collections.abc import Mapping

from publisher.feeds import atom, jsonfeed, rss
from publisher.feeds.format import Format
from publisher.feeds.head import MEDIA_TYPES

FORMATS: Mapping[str, Format] = {
    "rss": Format(media_type=f"{MEDIA_TYPES['rss']}; charset=utf-8", write=rss.write),
    "atom": Format(media_type=f"{MEDIA_TYPES['atom']}; charset=utf-8", write=atom.write),
    "json": Format(media_type=f"{MEDIA_TYPES['json']}; charset=utf-8", write=jsonfeed.write),
}
"""By the extension that stands in a feed's address."""
