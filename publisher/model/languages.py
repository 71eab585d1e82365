"""Languages, and texts in several of them."""

from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

Language: TypeAlias = str
"""`ko` or `en` (or any language of `site.languages`)."""

LanguageKey: TypeAlias = str
"""One language, or two distinct ones in the reader's order: `ko`, `en+ko`."""

Day: TypeAlias = date
"""A calendar day under a name that a field called `date` does not hide."""

Texts: TypeAlias = Mapping[Language, str]
"""One text per language, for names and notes."""


def languages_of(key: LanguageKey) -> tuple[Language, ...]:
    """`en+ko` → `("en", "ko")`, the reader's first language first; `ko:omit` (a `LetterKey`) → `("ko",)`."""
    return tuple(key.partition(":")[0].split("+"))


def text_in(texts: Texts, language: Language) -> str:
    """The text in this language, else in the first language that has one, else ''."""
    return texts.get(language) or next((text for text in texts.values() if text), "")
