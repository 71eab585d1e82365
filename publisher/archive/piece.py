"""
From what a page says to a source item: the steps that every source shares.

Citation, language, summary and digest are read from the text alone, so the
same piece gives the same item whichever road it came by.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from publisher.archive.citation import read_citation
from publisher.archive.language import language_of, languages_in
from publisher.archive.tree import tree_of
from publisher.archive.versions import split_versions, version_named
from publisher.archive.weblinks import find_addresses, host_of, without_addresses
from publisher.archive.wording import KST, whole_title
from publisher.markup import clean, fold, summarize, text_of
from publisher.model import MIXED, Attachment, Citation, Face, Language, SourceItem

_SUMMARY_LENGTH = 200
_LONGEST_LABEL = 8
_MOST_COUNTERPARTS = 10
_LONGEST_TITLE = 500  # characters: boards keep 255 bytes, and what is longer than this is no title
_LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True)
class Parts:
    """
    What a source found of one piece, in the source's own words.

    `titles` are the places where the whole title may stand, best first;
    `shown_title` is how the page shows it, perhaps cut. `html` is the body as
    the source has it, its addresses relative to `base_url`. `site_host` is what
    the site calls itself where that is not the host it was read from.
    `language` and `citation` are what the source itself says of them; without
    that they are read from the text. `counterparts` are the keys or addresses
    that it gives for the same text in other languages.
    """

    source_key: str
    url: str
    shown_title: str
    titles: Sequence[str] = ()
    author: str | None = None
    published_at: datetime | None = None
    html: str
    base_url: str = ""
    site_host: str = ""
    categories: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    links: tuple[str, ...] = ()
    is_notice: bool = False
    language: Language | None = None
    citation: Citation = field(default_factory=Citation)
    counterparts: tuple[str, ...] = ()


def make_item(parts: Parts, now: datetime) -> SourceItem | None:
    """The item, or None when the piece has neither a title nor a text."""
    html = clean(parts.html, parts.base_url)
    lines = _lines(html)
    title = whole_title(parts.shown_title, parts.titles, without_addresses(lines[0]) if lines else "")
    if not title:
        return None
    title = _within(title, _LONGEST_TITLE)
    posted = (parts.published_at or now.astimezone(KST)).date()
    own_hosts = {host_of(parts.base_url), parts.site_host}
    citation, place = read_citation(lines, title, parts.links, posted=posted, own_hosts=own_hosts)
    citation = _over(parts.citation, citation)
    prose = _prose(lines, title, place)
    language = parts.language or language_of(f"{title}\n{prose}")
    url = parts.url or citation.url or ""
    citations: Mapping[Language, Citation | None] = {}
    if language == MIXED:
        texts = _versions(html, parts.base_url)
        told = {name: _own_prose(text, title, name, posted) or prose for name, text in texts.items()}
        citations = {name: _own_citation(text, name, citation, posted, own_hosts) for name, text in texts.items()}
    else:
        texts, told = {language: html}, {language: prose}
    faces = {
        name: Face(
            language=name,
            title=title,
            summary=summarize(told[name], _SUMMARY_LENGTH),
            html=text,
            url=url,
            citation=citations.get(name),
        )
        for name, text in texts.items()
    }
    return SourceItem(
        source_key=parts.source_key,
        url=url,
        author=_within(parts.author, _LONGEST_NAME) if parts.author else None,
        published_at=parts.published_at,
        language=language,
        faces=faces,
        categories=parts.categories,
        attachments=parts.attachments,
        links=parts.links,
        citation=citation,
        is_notice=parts.is_notice,
        counterparts=parts.counterparts[:_MOST_COUNTERPARTS],
        digest=_digest(parts, title, html),
    )


def _within(line: str, most: int) -> str:
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _over(said: Citation, read: Citation) -> Citation:
    """What the source says goes before what was read from the text."""
    return Citation(outlet=said.outlet or read.outlet, date=said.date or read.date, url=said.url or read.url)


def _versions(html: str, base_url: str) -> Mapping[Language, str]:
    """What each face of a mixed piece shows: its own part where there is a seam, else all of it."""
    parts = split_versions(html) or dict.fromkeys(("ko", "en"), html)
    return {name: clean(parts[name], base_url) for name in ("ko", "en")}


def _own_prose(html: str, title: str, language: Language, posted: date) -> str:
    """What a mixed piece says in one of its languages; the other version's citation is not the one we know."""
    lines = [line for line in _lines(html) if language in languages_in(without_addresses(line))]
    own = [line for line in lines if not version_named(line)]
    _, place = read_citation(own, "", (), posted=posted, own_hosts=())
    return _prose(own, title, place)


def _own_citation(
    html: str, language: Language, known: Citation, posted: date, own_hosts: Collection[str]
) -> Citation | None:
    """The outlet that one version of a mixed piece names for itself; None where it is the piece's or there is none."""
    said = [(line, languages_in(without_addresses(line))) for line in _lines(html)]
    own = [line for line, languages in said if not version_named(line) and (language in languages or not languages)]
    cited, _ = read_citation(own, "", (), posted=posted, own_hosts=own_hosts)
    return cited if cited.outlet and cited.outlet != known.outlet else None


def _lines(html: str) -> list[str]:
    """The lines of a text, each link's address written out beside its words."""
    tree = tree_of(html)
    for anchor in tree.css("a[href]"):
        href = anchor.attributes.get("href") or ""
        if host_of(href) and href not in anchor.text():
            anchor.insert_after(f" {href} ")
    body = tree.body
    return [line for line in text_of(body.inner_html or "" if body else "").splitlines() if line.strip()]


def _prose(lines: Sequence[str], title: str, citation_line: int | None) -> str:
    """The text itself: without citation, bare addresses, and a first line that only repeats the title."""
    kept = [_spoken(line) for number, line in enumerate(lines) if number != citation_line]
    if kept and kept[0] == title:
        kept = kept[1:]
    return "\n".join(line for line in kept if line)


def _spoken(line: str) -> str:
    """A line without its addresses, or '' where only their label (`원문:`) would be left."""
    rest = without_addresses(line).strip()
    return "" if rest != line.strip() and len(rest) <= _LONGEST_LABEL else rest


def _digest(parts: Parts, title: str, html: str) -> str:
    """
    SHA-256 over what the author wrote, white space apart.

    Not over counters, dates, notice marks or the addresses of images, which a
    move of the site changes.
    """
    tree = tree_of(html)
    text = "".join(fold(tree.text()).split())
    targets = [
        found.address for link in tree.css("a[href]") for found in find_addresses(link.attributes.get("href") or "")
    ]
    names = [attachment.name for attachment in parts.attachments]
    content = [title, text, *targets, *parts.links, *names, *parts.categories]
    return hashlib.sha256("\x1f".join(content).encode("utf-8", "replace")).hexdigest()
