"""
What a letter says, before anyone decides how it looks.

A `View` is all that the templates see: plain values, worded and dated in the
reader's languages, folded and checked. Text of the archive and of the editor
stands in it as text; nothing here is markup.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote

from publisher.digest.corrections import Amendment, Part, amend_all
from publisher.digest.enclosures import MOST_PAPERS, Image, Paper, images_of, papers_of
from publisher.digest.notes import Block, plain_of, read_note
from publisher.digest.prose import fold, link, shorten
from publisher.digest.select import Piece, choose_all
from publisher.i18n import catalogue, format_date, language_name, noted
from publisher.model import (
    SENDER_LANGUAGES,
    Edition,
    Entry,
    Face,
    Language,
    LetterKey,
    MailingList,
    Missing,
    Origin,
    Picture,
    Site,
    Texts,
    is_numbered,
    languages_of,
    text_in,
    wish_of,
)

Worded: TypeAlias = tuple[tuple[Language, str], ...]
"""One thing said in several languages, in the order they are to be read."""

_LONGEST_HEADLINE = 120  # columns; mail programs show about half of it
_LONGEST_FACT = 160  # of a name, an outlet: what strangers wrote must not fill a letter

_CORRECTED = {
    Part.TITLE: noted("Title corrected"),
    Part.TEXT: noted("Text corrected"),
    Part.SOURCE: noted("Source corrected"),
}


@dataclass(frozen=True, kw_only=True)
class Side:
    """
    One face: its text is in `language`, the words around it in `voice`.

    `mark` says what a reader must know of this face, in every language of the site; empty for most.
    `original` is where it first appeared; where two faces name the same place, only the last has it.
    """

    language: Language
    voice: Language
    mark: Worded
    title: str
    summary: str
    byline: str
    url: str
    original: str | None


@dataclass(frozen=True, kw_only=True)
class Item:
    """
    An entry in the letter.

    `id` names its seams (`cover`). `marks` are said in every language of the site. What belongs to the entry
    and not to a face stands once, after the last side and in its `voice`; `more_papers` are files that only
    its page names.
    """

    id: str
    sides: tuple[Side, ...]
    voice: Language
    marks: tuple[Worded, ...]
    attachments: tuple[Paper, ...]
    more_papers: int
    images: tuple[Image, ...]
    url: str


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """
    An entry of an earlier edition that changed since, under the title it was mailed with.

    `facts` says which edition that was and what changed; `news` is the sentence
    with the new title, or empty.
    """

    id: str
    language: Language
    voice: Language
    title: str
    facts: str
    news: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Note:
    """The editor's words."""

    language: Language
    mark: Worded
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class Masthead:
    """`number` is None where the edition has none."""

    language: Language
    name: str
    number: int | None
    date: str


@dataclass(frozen=True, kw_only=True)
class Imprint:
    """Who writes, in one language; what is not configured is empty."""

    language: Language
    name: str
    email: str
    phone: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Version:
    """The same edition in another language, on the web."""

    language: Language
    name: str
    url: str


@dataclass(frozen=True, kw_only=True)
class View:
    """
    Everything a template may say.

    `mastheads` has one per language of the reader. `more` entries found no room
    in the letter: they stand on the page at `about_url`, which tells of the edition.
    """

    language: Language
    number: int | None
    mastheads: tuple[Masthead, ...]
    notes: tuple[Note, ...]
    items: tuple[Item, ...]
    more: int
    corrections: tuple[Corrected, ...]
    web_url: str
    about_url: str
    versions: tuple[Version, ...]
    languages_named: Worded
    imprints: tuple[Imprint, ...]

    @property
    def headline(self) -> str:
        """
        What the subject names: the first title, in the reader's language if any is; cut where it is very long.

        A subject that cannot be read is taken for spam. Of an edition that is
        only a note, it is the note's first line.
        """
        line = self.leading.sides[0].title if self.items else plain_of(self.notes[0].blocks[0].lines[0])
        return shorten(line, _LONGEST_HEADLINE)

    @property
    def said(self) -> Mapping[str, tuple[str, ...]]:
        """What the letter says of each entry, by public id: titles and summaries."""
        items = {
            item.id: tuple(text for side in item.sides for text in (side.title, side.summary)) for item in self.items
        }
        return {**items, **{one.id: (one.title, one.news) for one in self.corrections}}

    @property
    def leading(self) -> Item:
        """
        The item that the subject names; there must be one.

        A machine's title only where there is no other that the reader can read: a subject has no room for its mark.
        """
        readable = [item for item in self.items if item.sides[0].language == self.language]
        return next((item for item in readable if not item.sides[0].mark), (readable or self.items)[0])


def view_of(
    edition: Edition,
    mailing_list: MailingList,
    site: Site,
    key: LetterKey,
    copies: Mapping[str, Picture],
) -> View | None:
    """
    The view of one letter, or None when neither an entry nor a note is left for this key.

    `copies` are our copies of images, by the address of the original.
    """
    languages = languages_of(key)
    missing = wish_of(key) or mailing_list.missing
    pieces = choose_all(edition.entries, key, missing)
    items = tuple(_item(piece, languages[0], mailing_list, site, copies) for piece in pieces)
    notes = _notes(edition.notes, languages, missing, site)
    if not items and not notes:
        return None
    return View(
        language=languages[0],
        number=_number(edition),
        mastheads=tuple(_masthead(edition, mailing_list, language) for language in languages),
        notes=notes,
        items=items,
        more=0,
        corrections=tuple(
            _corrected(amendment, languages, mailing_list, site)
            for amendment in amend_all(edition.corrections, key, missing)
        ),
        web_url=_web_url(edition, site, key),
        about_url=site.about_url(languages[0], edition.list, edition.number),
        versions=tuple(_versions(edition, mailing_list.missing, site, languages)),
        languages_named=tuple(
            (voice, ", ".join(language_name(language, voice) for language in languages)) for voice in languages
        ),
        imprints=imprints_of(site, languages[0]),
    )


def _versions(edition: Edition, missing: Missing, site: Site, languages: tuple[Language, ...]) -> Iterator[Version]:
    """The languages that this letter does not speak, as far as the edition has a letter in them."""
    for other in site.languages:
        if other in languages:
            continue
        if choose_all(edition.entries, other, missing) or _notes(edition.notes, (other,), missing, site):
            yield Version(language=other, name=language_name(other, other), url=_web_url(edition, site, other))


def _web_url(edition: Edition, site: Site, key: LetterKey) -> str:
    language = languages_of(key)[0]
    address = site.edition_url(language, edition.list, edition.number)
    return address if key == language else f"{address}?letter={quote(key, safe='')}"


def _number(edition: Edition) -> int | None:
    """What a letter may call the edition by."""
    return edition.number if edition.is_numbered else None


def _masthead(edition: Edition, mailing_list: MailingList, language: Language) -> Masthead:
    return Masthead(
        language=language,
        name=fold(text_in(mailing_list.titles, language)) or mailing_list.name,
        number=_number(edition),
        # The nominal day, not that of release: a draft looks exactly like the letter it becomes.
        date=format_date(edition.window_end, language, mailing_list.timezone, "full"),
    )


def _notes(notes: Texts, languages: tuple[Language, ...], missing: Missing, site: Site) -> tuple[Note, ...]:
    """The editor's note in each of the reader's languages; where there is none, in any other under its mark."""
    written = {language: blocks for language, text in notes.items() if (blocks := read_note(text))}
    own = tuple(
        Note(language=language, mark=(), blocks=written[language]) for language in languages if language in written
    )
    if own or not written or missing is Missing.OMIT:
        return own
    language, blocks = next(iter(written.items()))
    return (Note(language=language, mark=_only(language, _voices(site, languages[0])), blocks=blocks),)


def _item(piece: Piece, voice: Language, mailing_list: MailingList, site: Site, copies: Mapping[str, Picture]) -> Item:
    entry = piece.entry
    sides = tuple(_side(piece, face, voice, mailing_list, site) for face in piece.faces)
    return Item(
        id=entry.public_id,
        sides=sides,
        voice=sides[-1].voice,
        marks=(_only(piece.only, _voices(site, voice)),) if piece.only else (),
        attachments=papers_of(entry, sides[-1].voice, site),
        more_papers=max(len(entry.attachments) - MOST_PAPERS, 0),
        images=tuple(images_of(piece.faces[0], mailing_list.images, copies, sides[0].voice, site)),
        url=sides[-1].url,
    )


def _side(piece: Piece, face: Face, voice: Language, mailing_list: MailingList, site: Site) -> Side:
    spoken = face.language if len(piece.faces) > 1 else voice
    url = site.entry_url(spoken, piece.entry.public_id)
    original = piece.entry.citation_of(face).url
    below = piece.faces[piece.faces.index(face) + 1 :]
    stands_below = any(piece.entry.citation_of(other).url == original for other in below)
    return Side(
        language=face.language,
        voice=spoken,
        mark=_machine(_voices(site, voice)) if face.origin is Origin.MACHINE else (),
        title=fold(face.title) or catalogue(spoken).gettext("Untitled"),
        summary="" if piece.title_only else fold(face.summary),
        byline=_byline(piece.entry, face, spoken, mailing_list.timezone),
        url=url,
        original=None if stands_below else link(original),
    )


def _corrected(
    amendment: Amendment, languages: tuple[Language, ...], mailing_list: MailingList, site: Site
) -> Corrected:
    correction, face = amendment.correction, amendment.face
    voice = face.language if face.language in languages else languages[0]
    gettext = catalogue(voice).gettext
    day = format_date(correction.dated, voice, mailing_list.timezone, "long")
    facts = (
        gettext("No. %(number)d, %(date)s", number=correction.number, date=day)
        if is_numbered(correction.number)
        else day,
        *(gettext(_CORRECTED[part]) for part in amendment.parts),
        *((gettext("Machine translation"),) if face.origin is Origin.MACHINE else ()),
    )
    return Corrected(
        id=correction.entry.public_id,
        language=face.language,
        voice=voice,
        title=fold(amendment.title) or gettext("Untitled"),
        facts=" · ".join(facts),
        news=gettext("New title: %(title)s", title=fold(amendment.new_title)) if amendment.new_title else "",
        url=site.entry_url(voice, correction.entry.public_id),
    )


def _byline(entry: Entry, face: Face, voice: Language, zone: str) -> str:
    """Author, outlet, and the outlet's date; without an outlet the archive's own date."""
    citation = entry.citation_of(face)
    day = (citation.date if citation.outlet else None) or entry.dated
    facts = (text_in(entry.printed_author, voice), citation.outlet or "", format_date(day, voice, zone, "short"))
    return " · ".join(shorten(fact, _LONGEST_FACT) for fact in map(fold, facts) if fact)


def _voices(site: Site, first: Language) -> tuple[Language, ...]:
    """The site's languages, the reader's own first: marks are said in all of them."""
    return (first, *(language for language in site.languages if language != first))


def _machine(voices: tuple[Language, ...]) -> Worded:
    return tuple((voice, catalogue(voice).gettext("Machine translation")) for voice in voices)


def _only(language: Language, voices: tuple[Language, ...]) -> Worded:
    return tuple(
        (voice, catalogue(voice).gettext("%(language)s only", language=language_name(language, voice)))
        for voice in voices
    )


def imprints_of(site: Site, first: Language) -> tuple[Imprint, ...]:
    """Who writes, in the languages that the law wants, the reader's own first."""
    return tuple(_imprint(site, language) for language in sorted(SENDER_LANGUAGES, key=lambda one: one != first))


def _imprint(site: Site, language: Language) -> Imprint:
    sender = site.sender
    return Imprint(
        language=language,
        name=fold(text_in(sender.name, language) or text_in(site.name, language)),
        email=fold(sender.email),
        phone=fold(sender.phone),
        address=fold(text_in(sender.address, language)),
    )
