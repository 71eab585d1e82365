"""An entry as one feed shows it: the values that all formats write, already harmless and of bounded size."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from publisher.feeds import content
from publisher.feeds.plain import media_type, one_line, web_url
from publisher.i18n import catalogue
from publisher.model import Attachment, Entry, Face, Language, Origin, Site, text_in

Rights: TypeAlias = Mapping[str, str]
"""What may be given away of each archive: `full` or `summary`; an archive not named counts as `summary`."""

_LONGEST_TITLE = 500
_LONGEST_NAME = 200
_MOST_CATEGORIES = 20
_MOST_ENCLOSURES = 30


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """A file that anybody may fetch."""

    url: str
    type: str
    size: int
    name: str


@dataclass(frozen=True, kw_only=True)
class Piece:
    """
    What a feed says of one entry. Times are UTC in whole seconds.

    `html` is the body when `is_whole`, else the summary; both with the origin
    below. `summary` is plain and may be empty, as `author` may. `translations`
    are our pages of the other faces.
    """

    id: str
    url: str
    language: Language
    title: str
    summary: str
    html: str
    is_whole: bool
    author: str
    published: datetime | None
    updated: datetime
    categories: tuple[str, ...]
    enclosures: tuple[Enclosure, ...]
    archive_url: str | None
    original_url: str | None
    translations: tuple[tuple[Language, str], ...]


def rights_of(entry: Entry, rights: Rights) -> str:
    """Of two archives that hold the versions of one text, what both give away."""
    given = {rights.get(archive, "summary") for archive in entry.archives}
    return given.pop() if len(given) == 1 else "summary"


def piece(entry: Entry, language: Language | None, site: Site, rights: str) -> Piece:
    face = _shown_face(entry, language, site)
    page = _page(entry, face, site)
    is_whole = content.may_stand_whole(face, rights)
    return Piece(
        id=entry.atom_id,
        url=page,
        language=face.language,
        title=_title(face),
        summary=content.summary_of(face),
        html=content.whole(entry, face, site) if is_whole else content.excerpt(entry, face, site, page),
        is_whole=is_whole,
        author=one_line(text_in(entry.printed_author, face.language), _LONGEST_NAME),
        published=_second(entry.published_at) if entry.published_at else None,
        updated=_second(entry.updated_at),
        categories=_categories(entry),
        enclosures=tuple(_enclosures(entry.attachments)),
        archive_url=web_url(face.url),
        original_url=web_url(entry.citation_of(face).url),
        translations=tuple(_translations(entry, face, site)),
    )


def _shown_face(entry: Entry, language: Language | None, site: Site) -> Face:
    """A feed for every entry shows the original; of a mixed one, the site's first language."""
    wanted = (language,) if language else (entry.original_language or "", *site.languages)
    return next((entry.faces[tag] for tag in wanted if tag in entry.faces), entry.face(""))


def _page(entry: Entry, face: Face, site: Site) -> str:
    language = face.language if face.language in site.languages else site.languages[0]
    return site.entry_url(language, entry.public_id)


def _title(face: Face) -> str:
    title = one_line(face.title, _LONGEST_TITLE) or one_line(face.summary, 80)
    return title or catalogue(face.language).gettext("Untitled")


def _categories(entry: Entry) -> tuple[str, ...]:
    named = (one_line(category, _LONGEST_NAME) for category in entry.categories[:_MOST_CATEGORIES])
    return tuple(dict.fromkeys(name for name in named if name))


def _enclosures(attachments: Sequence[Attachment]) -> Iterator[Enclosure]:
    for attachment in attachments[:_MOST_ENCLOSURES]:
        url = web_url(attachment.url)
        if url and attachment.size is not None and not attachment.needs_session:
            yield Enclosure(
                url=url,
                type=media_type(attachment.type, attachment.name),
                size=attachment.size,
                name=one_line(attachment.name, _LONGEST_NAME),
            )


def _translations(entry: Entry, shown: Face, site: Site) -> Iterator[tuple[Language, str]]:
    for language in site.languages:
        other = entry.faces.get(language)
        if other and other is not shown and other.origin is not Origin.MACHINE:
            yield language, site.entry_url(language, entry.public_id)


def _second(moment: datetime) -> datetime:
    # One zone for all: the bytes must not depend on how the store gives an instant back.
    return moment.astimezone(UTC).replace(microsecond=0)
