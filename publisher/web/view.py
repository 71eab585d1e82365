"""What the archive's pages show: plain values, chosen and folded; only `html` is markup, made harmless at ingest."""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from publisher.digest.prose import fold, link, shorten
from publisher.i18n import catalogue
from publisher.model import Attachment, Day, Entry, Face, Language, MailingList, Origin, Site, is_numbered, text_in
from publisher.store.reports import PublishedEdition
from publisher.web.pictures import as_links
from publisher.web.wide import scrolling

# A link whose words are its address: on paper it is not told twice.
_BARE = re.compile(r'<a href="([^"]+)"([^<>]*)>(?=\1</a>)')
_TEASER = 240  # columns: about three lines on a desktop


@dataclass(frozen=True, kw_only=True)
class FileView:
    """An attachment. What needs the archive's session is linked to the entry's page there."""

    name: str
    kind: str
    size: int | None
    url: str | None
    needs_session: bool


@dataclass(frozen=True, kw_only=True)
class EntryView:
    """
    An entry as one page shows it.

    `language` is that of the face that is shown, `languages` those of all faces
    that have a page of their own. `is_fallback` says that the page's language
    is not among them, `is_part` that only the beginning has been translated.
    """

    public_id: str
    archive: str
    language: Language
    languages: tuple[Language, ...]
    is_fallback: bool
    is_machine: bool
    is_part: bool
    is_notice: bool
    title: str
    summary: str
    teaser: str
    html: str
    author: str
    dated: datetime
    categories: tuple[str, ...]
    outlet: str
    outlet_date: Day | None
    original_url: str | None
    archive_url: str | None
    files: tuple[FileView, ...]


def entry_view(entry: Entry, language: Language, site: Site) -> EntryView:
    """The face in this language, else the one that there is."""
    face = entry.face(language)
    citation = entry.citation_of(face)
    archive_url = link(face.url) or link(entry.url)
    return EntryView(
        public_id=entry.public_id,
        archive=entry.archive,
        language=face.language,
        languages=tuple(other for other in site.languages if other in entry.faces),
        is_fallback=face.language != language,
        is_machine=face.origin is Origin.MACHINE,
        is_part=face.origin is not Origin.ORIGINAL and not face.html and any(one.html for one in entry.faces.values()),
        is_notice=entry.is_notice,
        title=fold(face.title) or catalogue(language).gettext("Untitled"),
        summary=fold(face.summary),
        teaser=shorten(fold(face.summary), _TEASER),
        html=_body(face),
        author=fold(text_in(entry.printed_author, language)),
        dated=entry.dated,
        categories=tuple(filter(None, map(fold, entry.categories))),
        outlet=fold(citation.outlet or ""),
        outlet_date=citation.date,
        original_url=link(citation.url),
        archive_url=archive_url,
        files=tuple(_files(entry, archive_url)),
    )


def _body(face: Face) -> str:
    say = catalogue(face.language).gettext
    shown = as_links(_BARE.sub(r'<a class="bare" href="\1"\2>', face.html), html.escape(say("Picture")))
    return scrolling(shown, html.escape(say("Wide part that can be scrolled")))


def _files(entry: Entry, archive_url: str | None) -> Iterator[FileView]:
    for attachment in entry.attachments:
        yield FileView(
            name=fold(attachment.name) or attachment.url,
            kind=_kind(attachment),
            size=attachment.size,
            url=(link(attachment.page) or archive_url) if attachment.needs_session else link(attachment.url),
            needs_session=attachment.needs_session,
        )


def _kind(attachment: Attachment) -> str:
    """`PDF`, `HWP`: the ending of the name, which people here know files by."""
    ending = attachment.name.rpartition(".")[2]
    return (
        ending.upper() if "." in attachment.name and ending.isascii() and ending.isalnum() and len(ending) < 6 else ""
    )


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One page of a list of entries: under their months, of how many; `base` is the address of its first page."""

    months: Sequence[tuple[Day, Sequence[EntryView]]]
    total: int
    page: int
    pages: int
    base: str


def by_month(views: Iterable[EntryView], zone: str) -> list[tuple[Day, list[EntryView]]]:
    """Entries in their order under the months in which they are dated, each month as its first day."""
    shown = groupby(views, lambda view: view.dated.astimezone(ZoneInfo(zone)).date().replace(day=1))
    return [(month, list(of_month)) for month, of_month in shown]


@dataclass(frozen=True, kw_only=True)
class LetterLine:
    """A released edition as a line in a list; `language` is that of its subject."""

    list: str
    title: str
    number: int
    dated: datetime
    subject: str
    language: Language


def _numbered(number: int, mailing_list: MailingList, language: Language) -> str:
    """What an edition is called where its subject must not be shown."""
    if is_numbered(number):
        return catalogue(language).gettext("No. %(number)d", number=number)
    return text_in(mailing_list.titles, language) or mailing_list.name


def letter_line(edition: PublishedEdition, mailing_list: MailingList, language: Language) -> LetterLine | None:
    """The line of an edition that has a letter in this language; None when it has none."""
    subject = edition.subjects.get(language)
    if subject is None:
        return None
    return LetterLine(
        list=edition.list,
        title=text_in(mailing_list.titles, language) or mailing_list.name,
        number=edition.number,
        dated=edition.window_end,
        subject=_numbered(edition.number, mailing_list, language) if edition.is_covered else subject,
        language=language,
    )
