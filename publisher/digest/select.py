"""
What stands in an edition, in which order, and which face of an entry a reader gets.

Pure rules: entries in, verdicts out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from publisher.model import (
    Entry,
    Face,
    Language,
    LanguageKey,
    Missing,
    languages_of,
)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """
    An entry as one language key shows it.

    `faces` are in the reader's order: one, or two side by side. `only` names
    the language that must do where one of the reader's is missing; the letter
    then says so. `title_only` leaves the summary to the page.
    """

    entry: Entry
    faces: tuple[Face, ...]
    only: Language | None = None
    title_only: bool = False


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """
    Newest first by the source's own date, as the board shows them.

    So the editor finds the draft in the order of the page it came from, and the
    newest title is the subject. A board's dates have minutes only; within one
    minute its higher number is the newer. The order of arrival is no help: one
    reading brings many, in whatever order the archive lists them.
    """
    return tuple(sorted(entries, key=_age))


def _age(entry: Entry) -> tuple[float, str, int, int]:
    number = int(entry.source_key) if entry.source_key.isdecimal() else 0
    return (-entry.dated.timestamp(), entry.archive, -number, -entry.id)


def choose(entry: Entry, key: LanguageKey, missing: Missing) -> Piece | None:
    """
    How this entry stands in a letter of this key, or None where `missing` omits it.

    The policy is for readers who have none of the entry's languages. Whoever
    reads two gets the one that exists in full.
    """
    languages = languages_of(key)
    faces = tuple(entry.faces[language] for language in languages if language in entry.faces)
    if not faces:
        return _fallback(entry, languages[0], missing)
    if _is_one_text(faces):
        return Piece(entry=entry, faces=faces[:1])
    return Piece(entry=entry, faces=faces, only=None if len(faces) == len(languages) else faces[0].language)


def choose_all(entries: Iterable[Entry], key: LanguageKey, missing: Missing) -> tuple[Piece, ...]:
    """The pieces of a letter in the order of the entries, without the omitted ones."""
    pieces = (choose(entry, key, missing) for entry in entries)
    return tuple(piece for piece in pieces if piece is not None)


def _fallback(entry: Entry, language: Language, missing: Missing) -> Piece | None:
    if missing is Missing.OMIT:
        return None
    face = entry.face(language)
    return Piece(entry=entry, faces=(face,), only=face.language, title_only=missing is Missing.TITLE)


def _is_one_text(faces: tuple[Face, ...]) -> bool:
    """A mixed item may have the same text in both of its faces: it is not printed twice."""
    return len({(face.title, face.summary) for face in faces}) == 1 < len(faces)
