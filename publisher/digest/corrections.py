"""
What of an entry changed after it was mailed, as far as readers are to be told.

Title, text and source (outlet, its date, the address of the original) count;
counters, categories and files do not. Nor do small edits: letters and digits
are compared, so that another comma, space, quote or capital is no correction,
while `1.5` made `15` or `5 %` made `5` is one. A language that an entry has
only now was not told before, so there is nothing in it to correct.
"""

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from publisher.digest.select import choose
from publisher.markup import fold, text_of
from publisher.model import Citation, Correction, Entry, Face, Language, LanguageKey, Missing, Told


class Part(StrEnum):
    TITLE = "title"
    TEXT = "text"
    SOURCE = "source"


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """
    A correction as one language key shows it: in the first face of the reader's that it touches.

    `title` is the one that was mailed, `new_title` is set where it is another now.
    """

    correction: Correction
    face: Face
    parts: tuple[Part, ...]
    title: str
    new_title: str | None


def told_of(entry: Entry) -> Told:
    """What an edition that is released now tells of this entry."""
    return Told(
        titles={language: face.title for language, face in entry.faces.items()},
        texts={language: _print(text_of(face.html) or face.summary) for language, face in entry.faces.items()},
        source=_source(entry.citation),
    )


def changed(before: Told, after: Told, language: Language) -> tuple[Part, ...]:
    """Which parts an entry was corrected in, as whoever reads this language sees it."""
    if language not in before.titles or language not in after.titles:
        return ()
    differs = {
        Part.TITLE: core(before.titles[language]) != core(after.titles[language]),
        Part.TEXT: before.texts[language] != after.texts[language],
        Part.SOURCE: before.source != after.source,
    }
    return tuple(part for part in Part if differs[part])


def is_worth_a_line(before: Told, entry: Entry) -> bool:
    """Whether some reader is to be told what the entry says now."""
    after = told_of(entry)
    return any(changed(before, after, language) for language in entry.faces)


def amend(correction: Correction, languages: Iterable[Language]) -> Amendment | None:
    """The correction in the first of these languages that it touches; None when it touches none."""
    entry, before = correction.entry, correction.before
    after = correction.after or told_of(entry)
    for language in languages:
        parts = changed(before, after, language)
        if parts and language in entry.faces:
            return Amendment(
                correction=correction,
                face=entry.faces[language],
                parts=parts,
                title=before.titles[language],
                new_title=after.titles[language] if Part.TITLE in parts else None,
            )
    return None


def amend_all(corrections: Iterable[Correction], key: LanguageKey, missing: Missing) -> tuple[Amendment, ...]:
    """The corrections of a letter; none of an entry that its reader is not shown."""
    pieces = ((correction, choose(correction.entry, key, missing)) for correction in corrections)
    amended = (amend(correction, [face.language for face in piece.faces]) for correction, piece in pieces if piece)
    return tuple(amendment for amendment in amended if amendment)


def core(text: str) -> str:
    """What is left of a text when small edits do not count."""
    text = unicodedata.normalize("NFKC", fold(text)).casefold()
    return "".join(
        character for number, character in enumerate(text) if _has_weight(character, text[max(number - 1, 0) :][:3])
    )


def _has_weight(character: str, around: str) -> bool:
    """Letters, digits and symbols; punctuation only in a number (a comma there only parts thousands)."""
    if unicodedata.category(character)[0] in "LNMS" or character in "%‰":
        return True
    return len(around) == 3 and around[0].isdigit() and around[2].isdigit() and character not in ", "


def _print(text: str) -> str:
    return hashlib.sha256(core(text).encode("utf-8", "replace")).hexdigest()


def _source(citation: Citation) -> str:
    place = (citation.url or "").rpartition("://")[2].removeprefix("www.").rstrip("/")
    return "\n".join((core(citation.outlet or ""), str(citation.date or ""), place))
