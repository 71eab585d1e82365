"""Letters: an edition in one language key, with slots for what differs between two copies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from publisher.errors import NotFound
from publisher.model.languages import LanguageKey
from publisher.model.lists import Missing

LetterKey: TypeAlias = LanguageKey
"""
Which letter of an edition: a language key, or `ko:omit` for readers of one language
who wish what is missing in it to be treated otherwise than the list does.
"""


def wish_of(key: LetterKey) -> Missing | None:
    """`ko:omit` → `Missing.OMIT`; None where the list's setting holds. Raises NotFound for what names no letter."""
    languages, colon, wish = key.partition(":")
    if not colon:
        return None
    if "+" in languages or wish not in set(Missing):
        raise NotFound(f"no letter is called '{key}': a wish is {' or '.join(Missing)}, after one language (ko:omit)")
    return Missing(wish)


class Slot(StrEnum):
    """What differs between two copies of one letter. Everything else is the same bytes."""

    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"


Run: TypeAlias = tuple[str | Slot, ...]
"""Text with its slots between the pieces: `("<p>…<a href='", Slot.UNSUBSCRIBE, "'>…")`."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """
    An edition under one letter key, frozen: subject, and both bodies with open slots.

    `covers` has, by the public id of an entry, the pieces of `html` that show
    it: what is left without them says nothing of it. An entry for which that is
    not certain has none; `PREHEADER` names what shows a little of every entry.
    """

    language_key: LetterKey
    subject: str
    html: Run
    text: Run
    covers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


PREHEADER = "preheader"


def fill(run: Run, values: Mapping[Slot, str]) -> str:
    """The text with each slot replaced by its value."""
    return "".join(values[piece] if isinstance(piece, Slot) else piece for piece in run)
