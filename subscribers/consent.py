"""
What people are told before they consent (Personal Information Protection Act art. 15, 22, 28-8).

A text has a version, the hash of all that was shown in all languages, and every
consent names it: so it can be shown years later what somebody agreed to.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TypeAlias

Texts: TypeAlias = Mapping[str, str]
"""One text per language."""

YOUNGEST = 14
"""Below this age a guardian has to consent (art. 22-2), which no form can ask."""


@dataclass(frozen=True, kw_only=True)
class Abroad:
    """Who keeps addresses in another country, and what for (art. 28-8). All empty: nobody."""

    firm: str = ""
    country: Texts = field(default_factory=dict)
    purpose: Texts = field(default_factory=dict)
    period: Texts = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ConsentPolicy:
    """`subscribers.consent`. None: the house's own words, made of the site's name; empty: there is none."""

    purpose: Texts | None = None
    items: Texts | None = None
    retention: Texts | None = None
    refusal: Texts | None = None
    advertising: Texts | None = None
    abroad: Abroad = field(default_factory=Abroad)


@dataclass(frozen=True, kw_only=True)
class ConsentText:
    """What the form says in one language. `advertising` and `abroad` are empty where they are not needed."""

    purpose: str
    items: str
    retention: str
    refusal: str
    advertising: str = ""
    abroad: str = ""


_NEEDED = ("purpose", "items", "retention", "refusal")


def missing(texts: Mapping[str, ConsentText], abroad: Abroad) -> tuple[str, ...]:
    """
    What the law demands and is empty; without it there is no form.

    The four of every consent in each language; and all four of a transfer abroad, once one of them is there.
    """
    empty = [
        f"{name}.{language}" for language, text in texts.items() for name in _NEEDED if not getattr(text, name).strip()
    ]
    named = asdict(abroad)
    untold = [f"abroad.{name}" for name, value in named.items() if not value] if any(named.values()) else []
    return (*empty, *untold)


def as_json(texts: Mapping[str, ConsentText]) -> str:
    """What was shown, to be kept."""
    shown = {language: asdict(text) for language, text in texts.items()}
    return json.dumps(shown, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def version_of(texts: Mapping[str, ConsentText]) -> str:
    """SHA-256 (hex) of what was shown."""
    return hashlib.sha256(as_json(texts).encode()).hexdigest()
