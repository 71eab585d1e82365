"""
Images that travel within a letter, so that they are seen where mail programs do not fetch any.

The frozen letter names our copies by their addresses on this site, as its page
on the web does. On the wire an address is replaced by the name of a part that
goes along (`cid:`, RFC 2392). A copy's name is its hash, so each travels once
however often a letter shows it.
"""

import html
import re
from collections.abc import Collection, Iterable, Sequence

from publisher.delivery.bodies import base64_lines
from publisher.model import Letter, Run, Site, Slot
from publisher.pictures import Copy

ROOM = 300_000
"""Bytes of the images within one letter; what finds no room is shown from this site, as if it were not within."""

_HASH = "[0-9a-f]{64}"


def shown_in(letter: Letter, site: Site) -> Sequence[str]:
    """The hashes of our copies of images that a letter shows, in their order."""
    texts = (piece for piece in letter.html if not isinstance(piece, Slot))
    return list(dict.fromkeys(found[1] for text in texts for found in _source(site).finditer(text)))


def that_fit(copies: Iterable[Copy]) -> tuple[Copy, ...]:
    """Those that find room, the earlier ones first; a smaller one may still have a place after a large one."""
    kept, room = [], ROOM
    for copy in copies:
        if len(copy.content) <= room:
            kept.append(copy)
            room -= len(copy.content)
    return tuple(kept)


def named_within(run: Run, copies: Collection[Copy], site: Site, host: str) -> Run:
    """The HTML with these copies named by the parts that go along, all others as they were."""
    within = {copy.picture.hash for copy in copies}

    def name(found: "re.Match[str]") -> str:
        return f'src="cid:{found[1]}@{host}"' if found[1] in within else found[0]

    return tuple(piece if isinstance(piece, Slot) else _source(site).sub(name, piece) for piece in run)


def part_of(copy: Copy, host: str) -> bytes:
    """Header and body of the part that carries a copy, without the boundary."""
    kind = copy.picture.type
    head = (
        f"Content-Type: {kind}\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        f"Content-ID: <{copy.picture.hash}@{host}>\r\n"
        f'Content-Disposition: inline; filename="{copy.picture.hash[:12]}.{kind.rpartition("/")[2]}"\r\n\r\n'
    )
    return head.encode("ascii") + base64_lines(copy.content)


def _source(site: Site) -> "re.Pattern[str]":
    # Only a template writes a quotation mark as such: in an entry's own text it is escaped.
    return re.compile(f'src="{re.escape(html.escape(site.media_url("")))}({_HASH})"')
