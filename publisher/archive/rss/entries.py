"""What an entry of a feed says, and the item made of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import unquote, urlsplit

from publisher.archive.keys import canonical, fingerprint, source_key
from publisher.archive.moments import read_moment
from publisher.archive.piece import Parts, make_item
from publisher.archive.source import Found, Skipped
from publisher.archive.weblinks import host_of
from publisher.archive.wording import KST, file_name, media_type
from publisher.markup import absolute, fold
from publisher.model import Attachment, Language

_MOST_CATEGORIES = 20
_LONGEST_CATEGORY = 100
_LONGEST_TITLE = 500


@dataclass(frozen=True, kw_only=True)
class FeedEntry:
    """
    One entry in the feed's own words. Addresses may be relative to `base`.

    `title` is plain text, `html` markup, `dated` the text of its date;
    `alternates` are the addresses of the same text in other languages.
    """

    guid: str = ""
    link: str = ""
    title: str = ""
    author: str = ""
    dated: str = ""
    html: str = ""
    base: str = ""
    categories: tuple[str, ...] = ()
    files: tuple[Attachment, ...] = ()
    language: Language | None = None
    alternates: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FeedDocument:
    """A feed that was read. `home` is the site that it says it is of; `fault` what had to be mended."""

    entries: Sequence[FeedEntry]
    home: str = ""
    fault: str = ""


def events(
    feed: FeedDocument, url: str, known: Mapping[str, str], now: datetime, zone: tzinfo = KST
) -> list[Found | Skipped]:
    """What the feed's entries are to the archive, in its order; known ones only if they changed."""
    keys = _keys(feed, url, known)
    told: dict[str, Found | Skipped] = {}
    for key, entry in zip(keys, feed.entries, strict=True):
        if key not in told:
            told[key] = _event(entry, key, feed, url, now, zone)
    return [event for key, event in told.items() if not _is_unchanged(event, known.get(key))]


def _event(entry: FeedEntry, key: str, feed: FeedDocument, url: str, now: datetime, zone: tzinfo) -> Found | Skipped:
    home = absolute(feed.home, url) or url
    base = absolute(entry.base, url) or url
    link = _web(entry.link, base) or _web(entry.guid, "") or home
    item = make_item(
        Parts(
            source_key=key,
            url=link,
            shown_title=entry.title[:_LONGEST_TITLE],
            author=fold(entry.author)[:200] or None,
            published_at=read_moment(entry.dated, now, zone),
            html=entry.html,
            base_url=absolute(entry.base, link) or link,
            site_host=host_of(home),
            categories=_categories(entry.categories),
            attachments=tuple(_files(entry.files, base)),
            language=entry.language,
            counterparts=tuple(web for each in entry.alternates if (web := _web(each, base)) and web != link),
        ),
        now,
    )
    return Found(item=item) if item else Skipped(source_key=key, url=link, reason="empty")


def _is_unchanged(event: Found | Skipped, digest: str | None) -> bool:
    return isinstance(event, Found) and event.item.digest == digest


def _keys(feed: FeedDocument, url: str, known: Mapping[str, str]) -> list[str]:
    """
    A key per entry: its guid, else its address, else a fingerprint.

    A guid or address that several entries share names none of them (some
    software writes the site's address into each).
    """
    guids = [entry.guid.strip() for entry in feed.entries]
    links = [canonical(_web(entry.link, absolute(entry.base, url) or url)) for entry in feed.entries]
    prints = [fingerprint(entry.title, entry.dated) for entry in feed.entries]
    homes = {canonical(url), canonical(absolute(feed.home, url))}
    own_guid = _names_one(guids, prints)
    own_link = _names_one(links, prints)
    return [
        source_key(
            (
                guid if own_guid[guid] and (canonical(guid) or guid) not in homes else "",
                link if own_link[link] and link not in homes else "",
                mark,
            ),
            known,
        )
        for guid, link, mark in zip(guids, links, prints, strict=True)
    ]


def _names_one(names: Sequence[str], prints: Sequence[str]) -> Mapping[str, bool]:
    """For each name whether it stands for one piece; a piece may stand in the feed twice."""
    pieces = Counter(name for name, _ in set(zip(names, prints, strict=True)))
    return {name: count == 1 for name, count in pieces.items()}


def _web(address: str, base: str) -> str:
    whole = absolute(address, base)
    return whole if host_of(whole) or whole.startswith(("http://", "https://")) else ""


def _categories(named: Iterable[str]) -> tuple[str, ...]:
    folded = (fold(name)[:_LONGEST_CATEGORY] for name in named)
    return tuple(dict.fromkeys(name for name in folded if name))[:_MOST_CATEGORIES]


def _files(files: Iterable[Attachment], base: str) -> Iterable[Attachment]:
    for file in files:
        if url := _web(file.url, base):
            name = file_name(file.name) or file_name(unquote(urlsplit(url).path.rpartition("/")[2])) or host_of(url)
            yield Attachment(name=name[:255], url=url, size=file.size, type=file.type or media_type(name))


def size_of(stated: object) -> int | None:
    """A size as feeds state it; 0 and nonsense mean that it is not known."""
    text = str(stated)
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 16 and int(text) else None
