"""
Why an answer is not taken. Each rule gives a reason in words, '' where it finds nothing.

A service may fail in any way, and a text may have talked it into something: what
is shown under our name has the length, the language and the names that a
translation of its source would have. The elements are looked at in `tags`.
"""

import re

from publisher.model import Language
from publisher.translate.glossary import Glossary

_HANGUL = re.compile(r"[가-힣ㄱ-ㆎᄀ-ᇿ]")
_LATIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]")
_LETTERS_PER_SYLLABLE = 2.5  # that say as much
_FEW = 12  # letters in which a language cannot be told: names, figures

# Mail programs make links of these, marked up or not.
_ADDRESS = re.compile(r"(?:\b[a-z][a-z0-9+.-]*://|\bwww\.)[!-~]*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_BEHIND = ".,;:!?)]}>'\""  # ends the sentence, not the address

# Characters of a translation per character of its source, and how far off a true one may be.
_GROWTH: dict[tuple[Language, Language], float] = {("ko", "en"): 2.2, ("en", "ko"): 0.5}
_TIMES = 3.0
_SLACK = 40


def wrong_length(source: str, answer: str, languages: tuple[Language, Language]) -> str:
    """Whether a text can be a translation of another by its length."""
    if not answer.strip() and source.strip():
        return "it is empty"
    likely = len(source) * _GROWTH.get(languages, 1.0)
    if len(answer) > likely * _TIMES + _SLACK:
        return f"it is far too long ({len(answer):,} characters for {len(source):,})"
    if len(answer) < likely / _TIMES - _SLACK:
        return f"it is far too short ({len(answer):,} characters for {len(source):,})"
    return ""


def wrong_language(answer: str, target: Language) -> str:
    """Whether a text is in Korean or English, where it should be; of other languages nothing is known."""
    syllables, letters = len(_HANGUL.findall(answer)), len(_LATIN.findall(answer))
    if target not in ("ko", "en") or syllables + letters < _FEW:
        return ""
    korean = syllables * _LETTERS_PER_SYLLABLE
    share = korean / (korean + letters)
    if target == "ko":
        return "it is not in Korean" if share < 0.4 else ""
    return "it is not in English" if share > 0.3 else ""


def wrong_addresses(source: str, answer: str) -> str:
    """Whether a text names an address, of the web or of mail, that its source does not."""
    named = (found.rstrip(_BEHIND) for found in _ADDRESS.findall(answer))
    made_up = next((address for address in named if address.lower() not in source.lower()), "")
    return f"it makes up {made_up[:100]}" if made_up else ""


def wrong_names(source: str, answer: str, languages: tuple[Language, Language], glossary: Glossary) -> str:
    """Whether every name of the glossary that stands in the source stands in the answer."""
    missing = glossary.missing(source, answer, *languages)
    return f"it does not write {', '.join(missing[:3])} as the glossary does" if missing else ""
