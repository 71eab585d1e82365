"""
The editor's words: a little Markdown, read into blocks that every letter can show.

    # A heading                    > A quotation
    - an item     1. an item       **strong**   *emphasis*   [words](https://…)   https://…

An empty line parts paragraphs; within one, lines stay lines. Anything else, HTML
too, is text as it stands. A backslash takes a mark's meaning away.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from publisher.digest.prose import fold, link, paragraphs

LONGEST = 10_000
"""Characters of a note: it stands in every letter in full."""


class Kind(StrEnum):
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"
    QUOTE = "quote"


@dataclass(frozen=True, kw_only=True)
class Span:
    """Some words of one look; `url` is where they lead."""

    text: str
    is_strong: bool = False
    is_emphasis: bool = False
    url: str | None = None


Line: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True, kw_only=True)
class Block:
    """Lines that belong together; `mark` is an item's `•` or `1.`."""

    kind: Kind
    lines: tuple[Line, ...]
    mark: str = ""


_HEADING = re.compile(r"#{1,6} +(?=\S)")
_QUOTE = re.compile(r"> ?")
_ITEM = re.compile(r"(?:[-*+]|(?P<number>\d{1,3})[.)]) +(?=\S)")
_MARKED = re.compile(
    r"\\(?P<escaped>[\\*\[\]#>+.)-])"
    r"|\*\*(?P<strong>[^*\s](?:[^*]{0,500}[^*\s])?)\*\*"
    r"|\*(?P<emphasis>[^*\s](?:[^*]{0,500}[^*\s])?)\*"
    r"|\[(?P<words>[^\[\]]{1,300})\]\((?P<there>https?://[^\s()<>]{1,900})\)"
    r"|(?P<bare>https?://[^\s<>\"'“”‘’]{1,900})"
)
_BEHIND = ".,;:!?)]}»』」》〉"  # ends the sentence, not the address


def read_note(text: str) -> tuple[Block, ...]:
    """The blocks of a note; none where nothing is written."""
    return tuple(block for lines in paragraphs(text) for block in _blocks(lines) if block.lines)


def plain_of(line: Line) -> str:
    return "".join(span.text for span in line)


def _blocks(lines: tuple[str, ...]) -> Iterator[Block]:
    """What stands between two empty lines: one block, or several where a line begins another kind."""
    gathered: list[str] = []
    current, mark = Kind.PARAGRAPH, ""
    for line in lines:
        kind, begins, rest = _kind_of(line)
        # A plain line below an item or a quotation goes on with it.
        if gathered and (kind in {Kind.HEADING, Kind.ITEM} or (kind is Kind.QUOTE and current is not Kind.QUOTE)):
            yield _block(current, mark, gathered)
            gathered = []
        if not gathered:
            current, mark = kind, begins
        gathered.append(rest)
        if current is Kind.HEADING:
            yield _block(current, mark, gathered)
            gathered = []
    if gathered:
        yield _block(current, mark, gathered)


def _kind_of(line: str) -> tuple[Kind, str, str]:
    """The kind that a line begins, its mark, and the rest of it."""
    if found := _HEADING.match(line):
        return Kind.HEADING, "", line[found.end() :].rstrip(" #")
    if found := _ITEM.match(line):
        return Kind.ITEM, f"{found['number']}." if found["number"] else "•", line[found.end() :]
    if found := _QUOTE.match(line):
        return Kind.QUOTE, "", line[found.end() :]
    return Kind.PARAGRAPH, "", line


def _block(kind: Kind, mark: str, lines: list[str]) -> Block:
    return Block(kind=kind, mark=mark, lines=tuple(tuple(_spans(line)) for line in lines if line))


def _spans(line: str) -> Iterator[Span]:
    done = 0
    for found in _MARKED.finditer(line):
        if found.start() > done:
            yield Span(text=line[done : found.start()])
        done = found.end()
        match found.lastgroup:
            case "strong":
                yield from (replace(span, is_strong=True) for span in _spans(found["strong"]))
            case "emphasis":
                yield from (replace(span, is_emphasis=True) for span in _spans(found["emphasis"]))
            case "there":
                yield Span(text=fold(found["words"]), url=link(found["there"]))
            case "bare":
                address = found["bare"].rstrip(_BEHIND)
                done -= len(found["bare"]) - len(address)
                yield Span(text=address, url=link(address))
            case _:
                yield Span(text=found["escaped"])
    if done < len(line):
        yield Span(text=line[done:])
