"""
Which language a piece is in, by the share of its scripts.

A Korean syllable says about as much as two and a half Latin letters, so the
letters are weighed before they are compared. Hanja, kana, digits and signs
say nothing about the language here.
"""

import re

from publisher.model import MIXED, Language

_HANGUL = re.compile(r"[가-힣ㄱ-ㆎᄀ-ᇿ]")
_LATIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]")
_MARKUP = re.compile(r"<[^<>]{0,500}>|&#?\w{1,10};|\{[{%].{0,99}?[}%]\}")  # typed as text, it is in no language
_LATIN_PER_SYLLABLE = 2.5

# Less than this is a quotation or a name in the other language, not a version of the text.
_SYLLABLES_OF_A_VERSION = 60
_LETTERS_OF_A_VERSION = 180
_SHARE_OF_A_VERSION = 0.15


# A line with less of the other language than this is in one; with more it is written for readers of either.
_SHARE_OF_A_READER = 0.3


def language_of(text: str) -> str:
    """`ko`, `en` or `mixed`. A text without letters of either script counts as Korean."""
    syllables, letters, share = _weighed(text)
    if not letters:
        return "ko"
    has_both = syllables >= _SYLLABLES_OF_A_VERSION and letters >= _LETTERS_OF_A_VERSION
    if has_both and _SHARE_OF_A_VERSION <= share <= 1 - _SHARE_OF_A_VERSION:
        return MIXED
    return "ko" if share >= 0.5 else "en"


def languages_in(line: str) -> frozenset[Language]:
    """Whose readers a line is for: one language, both (`두 개의 시계 (Two Clocks)`), or none without letters."""
    syllables, letters, share = _weighed(line)
    if not syllables and not letters:
        return frozenset()
    shares = {"ko": share, "en": 1 - share}
    return frozenset(language for language, part in shares.items() if part >= _SHARE_OF_A_READER)


def _weighed(text: str) -> tuple[int, int, float]:
    """Korean syllables, Latin letters, and the weight of the Korean ones between 0 and 1."""
    words = _MARKUP.sub(" ", text)
    syllables = len(_HANGUL.findall(words))
    letters = len(_LATIN.findall(words))
    weight = syllables * _LATIN_PER_SYLLABLE
    return syllables, letters, weight / ((weight + letters) or 1)
