"""
Names, and how each is written in each language: 최룡해 ↔ Choe Ryong-hae.

A name is looked for where it can be one: a Latin one not inside a word, a Korean
one not behind another syllable. Behind it a particle may follow (최룡해는). After
a name of one or two syllables nothing else may: 이수 is not in 이수하다.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from publisher.model import Language

_HANGUL = "가-힣"
_PARTICLES = (
    "은|는|이|가|을|를|의|에|에서|에게|에게서|와|과|도|만|로|으로|께|께서|한테"
    "|랑|이랑|나|이나|보다|부터|까지|처럼|씨|님|등|및|측"
)
_LATER = f"(?=(?:{_PARTICLES}){{0,2}}(?![{_HANGUL}]))"
_SHORT = 2  # syllables


@dataclass(frozen=True, kw_only=True)
class Name:
    """How one name is written. The first form of a language is what translations shall have; all are known."""

    forms: Mapping[Language, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Glossary:
    """All names that are to be written in one way only."""

    names: tuple[Name, ...] = field(default=())

    @property
    def version(self) -> str:
        """Another one when any name is."""
        told = "\n".join(str(sorted(name.forms.items())) for name in self.names)
        return hashlib.sha256(told.encode()).hexdigest()[:16] if self.names else ""

    def render(self, text: str, source: Language, target: Language, put: Callable[[str], str]) -> str:
        """The text with each name that it holds as the other language writes it; `put` says how it stands there."""
        known = self._known(source, target)
        return _pattern(tuple(known)).sub(lambda found: put(known[_folded(found[0])].forms[target][0]), text)

    def missing(self, source_text: str, answer: str, source: Language, target: Language) -> tuple[str, ...]:
        """Names of the source that the answer has in none of their forms, as it should have them."""
        known = self._known(source, target)
        held = dict.fromkeys(_folded(found[0]) for found in _pattern(tuple(known)).finditer(source_text))
        wanted = [known[form].forms[target] for form in held]
        return tuple(dict.fromkeys(forms[0] for forms in wanted if not _pattern(forms, is_sure=True).search(answer)))

    def _known(self, source: Language, target: Language) -> Mapping[str, Name]:
        both = [name for name in self.names if source in name.forms and target in name.forms]
        return {_folded(form): name for name in both for form in name.forms[source]}


def _folded(form: str) -> str:
    return " ".join(form.split())


@cache
def _pattern(forms: tuple[str, ...], *, is_sure: bool = False) -> re.Pattern[str]:
    """
    Any of the forms, the longest where several begin; nothing where there are none.

    `is_sure`: the name should be there, so whatever follows a short one is an ending.
    """
    written = [_written(form, is_sure=is_sure) for form in sorted(forms, key=len, reverse=True)]
    return re.compile("|".join(written) or "(?!)")


def _written(form: str, *, is_sure: bool) -> str:
    """A form as an expression: blanks of any kind, and what may stand around it."""
    inner = r"\s+".join(map(re.escape, form.split()))
    if re.search(f"[{_HANGUL}]", form):
        wants_end = len(form) <= _SHORT and not is_sure
        return f"(?<![{_HANGUL}]){inner}{_LATER if wants_end else ''}"
    if re.search("[A-Za-z]", form):  # a Korean particle may follow: DPRK는
        return rf"(?<![^\W{_HANGUL}]){inner}(?![^\W{_HANGUL}])"
    return inner
