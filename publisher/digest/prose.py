"""
Plain text at its best: strangers' text on one line, and lines of the width the eye sees.

A Hangul syllable is as wide as two Latin letters, so lines are measured in
columns (Unicode Annex 11), not in characters.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import quote, urlsplit, urlunsplit

WIDTH = 72
LONGEST_LINK = 900  # a mail line ends at 998 octets (RFC 5322 section 2.1.1); a link is never broken

# Controls break lines and headers; bidirectional overrides make a name read backwards ("fdp.exe").
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_PAUSES = " ,.;:·、，。…"
_SAFE_IN_PATH = "/%:@!$&'()*+,;=~-._"


def fold(text: str) -> str:
    """The text on one line: every run of white space is one space, controls are gone."""
    return " ".join(_UNSEEN.sub("", text).split())


def paragraphs(text: str) -> tuple[tuple[str, ...], ...]:
    """Paragraphs (parted by empty lines) of lines, each folded; empty ones are dropped."""
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    folded = (tuple(line for line in map(fold, block.split("\n")) if line) for block in blocks)
    return tuple(block for block in folded if block)


def shorten(text: str, columns: int) -> str:
    """The text, cut at a word and ended by `…` (no other mark stands before it) when it is wider than `columns`."""
    if width(text) <= columns:
        return text
    return next(_lines(text.split(), columns - 1), "").rstrip(_PAUSES) + "…"


def width(text: str) -> int:
    """How many columns the text takes: two for wide characters, none for combining ones."""
    return len(text) if text.isascii() else sum(map(_columns, text))


@lru_cache(maxsize=4096)
def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Cf", "Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrap(text: str, indent: int = 0, columns: int = WIDTH) -> str:
    """The text in lines of at most `columns`, each after the first behind `indent` blanks; never broken at U+00A0."""
    words = re.split(r"[^\S\u00a0]+", text.strip())
    return f"\n{' ' * indent}".join(_lines(words, columns - indent))


def _lines(words: list[str], columns: int) -> Iterator[str]:
    line: list[str] = []
    filled = -1  # a line of one word has no blank
    for part in (part for word in words for part in _parts(word, columns)):
        taken = width(part)
        if line and filled + 1 + taken > columns:
            yield " ".join(line)
            line, filled = [], -1
        line.append(part)
        filled += 1 + taken
    if line:
        yield " ".join(line)


def _parts(word: str, columns: int) -> Iterator[str]:
    """A word in parts that fit a line; an address stays whole, or it could not be opened."""
    if width(word) <= columns or ("://" in word and len(word.encode()) <= LONGEST_LINK):
        yield word
        return
    part, filled = "", 0
    for character in word:
        taken = _columns(character)
        if part and filled + taken > columns:
            yield part
            part, filled = "", 0
        part += character
        filled += taken
    yield part


class Footnotes:
    """
    Addresses of a text part: `[3]` where they belong, and the addresses themselves where `gather` is asked for.

    The numbers go on through the whole letter; one address that is named twice before it was gathered has one number.
    """

    def __init__(self) -> None:
        self._last = 0
        self._open: dict[str, int] = {}

    def cite(self, url: str) -> str:
        """The mark, to be set right behind a word: it stays with it on one line."""
        if url not in self._open:
            self._last += 1
            self._open[url] = self._last
        return f"\u00a0[{self._open[url]}]"

    def gather(self) -> list[str]:
        """A line for each address since the last time."""
        lines = [f"[{number}] {url}" for url, number in self._open.items()]
        self._open.clear()
        return lines


def link(url: str | None) -> str | None:
    """An address that may stand in a letter, in ASCII but for its host; None for any other."""
    if not url or fold(url) != url or " " in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return None
    path, query, fragment = (quote(part, safe=_SAFE_IN_PATH + "?") for part in parts[2:])
    whole = urlunsplit((parts.scheme, parts.netloc, path, query, fragment))
    return whole if len(whole.encode()) <= LONGEST_LINK else None
