"""
When a piece that seems new is one that the house has already.

Posts are moved to another board, posted again to stand on top, dated anew or
given a better title. The key changes then, the text does not; and nobody wants
to get it twice. Two that only look alike must stay two, or one would never be
announced: so an address alone is no proof, since many posts may end in the
same one.
"""

from urllib.parse import urlsplit

from publisher.markup import fold
from publisher.model import Entry, SourceItem
from publisher.store import entries
from publisher.store.database import Tx

_QUOTES = "\"'“”‘’「」『』《》〈〉 "
_CUT = ("…", "...")


async def find_same(tx: Tx, archive: str, item: SourceItem, *, front: str = "") -> int | None:
    """
    The id of the entry that this unknown item is, in whatever archive and state; None when it is new.

    `front` is the archive's own address, which some sources give to every piece.
    """
    if is_place(item.url) and item.url != front:
        placed = await entries.at_address(tx, spellings(item.url), outside=archive)
        if placed is not None:
            return placed
    titles = [face.title for face in item.faces.values()]
    alike: list[Entry] = []
    if item.citation.outlet and item.citation.url and is_place(item.citation.url):
        alike += await entries.with_original(tx, spellings(item.citation.url), titles, item.citation.date)
    if item.published_at:
        alike += await entries.titled_at(tx, titles, item.published_at)
    same = [entry.id for entry in alike if has_same_original(item, entry) or was_moved(item, entry)]
    return min(same, default=None)


def has_same_original(item: SourceItem, entry: Entry) -> bool:
    """
    Both appeared first at one address in one outlet, and title or day agree.

    Another title in another language is a translation, and so another text.
    """
    ours, theirs = item.citation, entry.citation
    if not (ours.url and theirs.url and ours.outlet and theirs.outlet) or not is_place(ours.url):
        return False
    if theirs.url not in spellings(ours.url) or _folded(ours.outlet) != _folded(theirs.outlet):
        return False
    is_retitled = ours.date is not None and ours.date == theirs.date and item.language == entry.language
    return _share_title(item, entry) or is_retitled


def was_moved(item: SourceItem, entry: Entry) -> bool:
    """Title, author and time agree, as far as both sources give them: a move keeps all three."""
    if item.published_at is None or entry.published_at is None:
        return False
    ours, theirs = item.published_at, entry.published_at
    is_same_time = ours == theirs or (
        0 in {ours.second, theirs.second} and ours.replace(second=0) == theirs.replace(second=0)
    )
    return is_same_time and _share_title(item, entry) and _same_name(item.author, entry.author)


def is_place(address: str) -> bool:
    """Whether an address leads to one text rather than to the front page of a site."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.path.strip("/") or parts.query)


def spellings(address: str) -> frozenset[str]:
    """The ways to write an address that lead to the same place: scheme, `www.`, a final slash, a fragment."""
    parts = urlsplit(address)
    host = parts.netloc.lower().removeprefix("www.")
    path = parts.path.rstrip("/")
    query = f"?{parts.query}" if parts.query else ""
    return frozenset(
        {address}
        | {
            f"{scheme}://{www}{host}{path}{slash}{query}"
            for scheme in ("http", "https")
            for www in ("", "www.")
            for slash in ("", "/")
        }
    )


def _share_title(item: SourceItem, entry: Entry) -> bool:
    ours = {_folded(face.title) for face in item.faces.values()}
    return any(_folded(face.title) in ours for face in entry.faces.values())


def _same_name(ours: str | None, theirs: str | None) -> bool:
    """Whether two names are one; pages cut long ones."""
    short, long = sorted((_folded(ours or ""), _folded(theirs or "")), key=len)
    if not long.endswith(_CUT) and not short.endswith(_CUT):
        return short == long
    stems = [name.removesuffix("…").removesuffix("...") for name in (short, long)]
    return stems[1].startswith(stems[0]) and bool(stems[0])


def _folded(text: str) -> str:
    return fold(text).strip(_QUOTES).casefold()
