"""The shape of a service: what to ask it, and how to read what it says. Pure; `asking` does the waiting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from publisher.model import Language


@dataclass(frozen=True, kw_only=True)
class Question:
    """
    Fragments of HTML, without any address in them, to be put into another language.

    `about` is a text that belongs to them and says what they are about; it is not translated.
    """

    source: Language
    target: Language
    fragments: tuple[str, ...]
    about: str

    @property
    def characters(self) -> int:
        return sum(map(len, self.fragments))


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request. Its headers hold the key."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes


class Unreadable(ValueError):
    """An answer that does not have the form that its service promises; the text says what is wrong."""


class Adapter(Protocol):
    """One service. `name` says which, and changes with whatever may change its answers."""

    @property
    def name(self) -> str: ...

    @property
    def key(self) -> str: ...

    @property
    def largest(self) -> int:
        """So many characters may stand in one question."""
        ...

    def call(self, question: Question) -> Call: ...

    def answer(self, content: bytes) -> Sequence[str]:
        """The translations in the order of the fragments. Raises Unreadable."""
        ...
