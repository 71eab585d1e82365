"""The editor's own words in an edition: notes, subjects, and editions that are nothing but a note."""

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from publisher.archive.language import language_of
from publisher.digest.notes import LONGEST, read_note
from publisher.errors import NotAllowed, StaleEdition, UnreadableFile
from publisher.markup import fold
from publisher.model import MIXED, Edition, Language, MailingList, Texts
from publisher.store import editions
from publisher.store.database import Tx

log = structlog.get_logger()

LONGEST_SUBJECT = 200
_NAMED = re.compile(r"\.(?P<language>[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.\w+$")


def notes_from(files: Iterable[tuple[str, bytes]], languages: Collection[Language]) -> Texts:
    """
    The note per language, from files by name and content.

    `note.ko.md` says its language; of another name the text says it. Raises
    UnreadableFile, naming the file and what to do.
    """
    notes: dict[Language, str] = {}
    for name, content in files:
        text = _text(name, content)
        language = _language(name, text, languages)
        if language in notes:
            raise UnreadableFile(f"{name}: there is a note in '{language}' already; put one language into each file")
        notes[language] = text
    return notes


async def compose_note(
    tx: Tx, mailing_list: MailingList, notes: Texts, *, is_numbered: bool, by: str, now: datetime
) -> Edition:
    """
    Make a draft that is nothing but the editor's note; what is new waits for the next edition.

    Raises NotAllowed while another draft of the list is open.
    """
    await editions.start_list(tx, mailing_list.name, now)
    current = await editions.open_one(tx, mailing_list.name)
    if current is not None:
        name = f"{current.list} {current.number}"
        raise NotAllowed(
            f"{current.list} No. {current.number} is open already: send or cancel it first,"
            f" or put the note into it: `publisher edit {name} --note FILE`"
        )
    edition_id = await editions.draft(
        tx,
        mailing_list.name,
        [],
        window_end=now,
        classification=mailing_list.classification,
        by=by,
        now=now,
        notes=notes,
        day=None if is_numbered else now.astimezone(ZoneInfo(mailing_list.timezone)).date(),
    )
    return await editions.get(tx, edition_id)


async def edit(
    tx: Tx, edition: Edition, *, notes: Texts | None = None, subjects: Texts | None = None, by: str
) -> Edition:
    """
    Put the editor's notes, or subjects, into an open edition; None leaves them, an empty text takes one away.

    An approval is void after that. Raises StaleEdition for one that is released,
    and NotAllowed where nothing would be left in it.
    """
    written = _over(edition.notes, notes)
    if not edition.entries and not written:
        raise NotAllowed(f"{edition.list} No. {edition.number} is nothing but its note; `publisher cancel` drops it")
    if not await editions.write(tx, edition, notes=written, subjects=_over(edition.subjects, subjects)):
        raise StaleEdition(
            f"{edition.list} No. {edition.number} is {edition.status}; only a draft or approved edition can be changed"
        )
    log.info("edition edited", list=edition.list, number=edition.number, by=by)
    return await editions.get(tx, edition.id)


def subject_from(text: str) -> str:
    """A subject as it may stand in a header; '' for the usual one."""
    subject = fold(text)
    if len(subject) > LONGEST_SUBJECT:
        raise NotAllowed(
            f"the subject has {len(subject)} characters; mail programs show some 60, {LONGEST_SUBJECT} fit"
        )
    return subject


def _over(before: Texts, changes: Texts | None) -> Texts:
    return {language: text for language, text in {**before, **(changes or {})}.items() if text}


def _text(name: str, content: bytes) -> str:
    for charset in ("utf-8-sig", "cp949"):  # the second is what Korean Windows writes as ANSI
        try:
            text = content.decode(charset)
        except UnicodeDecodeError:
            continue
        if len(text) > LONGEST:
            raise UnreadableFile(f"{name}: {len(text):,} characters; a note has at most {LONGEST:,}")
        if not read_note(text):
            raise UnreadableFile(f"{name}: nothing is written in it")
        return text.strip()
    raise UnreadableFile(f"{name}: not a text; save it as UTF-8")


def _language(name: str, text: str, languages: Collection[Language]) -> Language:
    named = _NAMED.search(name)
    language = named["language"] if named and named["language"] in languages else language_of(text)
    if language == MIXED:
        both = " and ".join(f"note.{one}.md" for one in languages)
        raise UnreadableFile(f"{name}: holds Korean and English; put each into a file of its own, such as {both}")
    if language not in languages:
        raise UnreadableFile(f"{name}: in '{language}', which is none of the site's languages ({', '.join(languages)})")
    return language
