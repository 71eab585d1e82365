"""
Two versions of a text in one body.

Some posts hold the Korean version and, below it, the English one. Where the
body falls into two such runs each language gets its own; where the languages
take turns nothing is cut, since a wrong cut would take words from a reader.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from selectolax.lexbor import LexborNode

from publisher.archive.language import language_of, languages_in
from publisher.archive.tree import tree_of
from publisher.archive.weblinks import without_addresses
from publisher.markup import fold, text_of
from publisher.model import MIXED, Language

_LONGEST_HEADING = 40
_HEADING = re.compile(
    r"\W*(?:(?P<en>english|영문|영어)|(?P<ko>korean|국문|한글|한국어))"
    r"\W*(?:version|text|translation|번역문?|원문|전문|버전|본|판)?\W*",
    re.IGNORECASE,
)
_INLINE = frozenset(
    {"-text", "a", "abbr", "b", "cite", "code", "del", "em", "i", "img", "ins", "kbd", "mark", "q", "ruby", "s"}
    | {"small", "span", "strong", "sub", "sup", "u"}
)
_WRAPPERS = frozenset({"div", "p"})


@dataclass(frozen=True, kw_only=True)
class _Block:
    """A paragraph, or a line of loose text. `says` is empty where it is in no language: a rule, an address."""

    html: str
    text: str
    pictures: str
    says: frozenset[Language]

    @property
    def is_blank(self) -> bool:
        return not self.pictures and not any(sign.isalnum() for sign in self.text)


def split_versions(html: str) -> Mapping[Language, str]:
    """
    The part of each language, or {} where the body shows no clear seam.

    Everything said stands in at least one part. What is in both languages or
    stands on the seam is in both parts, and so are all pictures; only blanks
    and rules at the seam are left out. The parts are as harmless as `html` was
    once they are cleaned again.
    """
    blocks = list(_blocks(html))
    runs = [language for language, _ in groupby(next(iter(each.says)) for each in blocks if len(each.says) == 1)]
    if len(runs) != 2 or any(language_of(each.text) == MIXED for each in blocks):
        return {}
    first, second = runs
    end = max(place for place, each in enumerate(blocks) if each.says == {first})
    start = min(place for place, each in enumerate(blocks) if each.says == {second})
    return {
        first: _joined(blocks, range(start)),
        second: _joined(blocks, range(end + 1, len(blocks))),
    }


def version_named(line: str) -> Language | None:
    """The language of the version that a line only announces: `[English version]`, `<영문>`."""
    heading = _HEADING.fullmatch(line) if len(line) <= _LONGEST_HEADING else None
    return heading.lastgroup if heading else None


def _joined(blocks: Sequence[_Block], own: range) -> str:
    spoken = [place for place in own if not blocks[place].is_blank]
    kept = range(spoken[0], spoken[-1] + 1)
    shown = (each.html if place in kept or len(each.says) > 1 else each.pictures for place, each in enumerate(blocks))
    return "\n".join(filter(None, shown))


def _blocks(html: str) -> Iterator[_Block]:
    """The body's paragraphs in order, whatever they are wrapped in; loose text ends at each line break."""
    loose = ""
    for node in _unwrapped(html):
        if node.tag in _INLINE:
            loose += node.html or ""
            continue
        if node.tag == "br":
            yield _block(f"{loose}<br>")
        else:
            yield from (_block(text) for text in (loose, node.html or "") if text.strip())
        loose = ""
    if loose.strip():
        yield _block(loose)


def _unwrapped(html: str) -> list[LexborNode]:
    """The nodes of a body, without the one element that an editor may have put around all of it."""
    node = tree_of(html).body
    children: list[LexborNode] = []
    while node is not None:
        children = list(node.iter(include_text=True))
        seen = [child for child in children if not child.is_text_node or child.text().strip()]
        node = seen[0] if len(seen) == 1 and seen[0].tag in _WRAPPERS else None
    return children


def _block(html: str) -> _Block:
    text = fold(text_of(html))
    named = version_named(text)
    images = "".join(image.html or "" for image in tree_of(html).css("img"))
    return _Block(
        html=html,
        text=text,
        pictures=f"<p>{images}</p>" if images else "",
        says=frozenset({named}) if named else languages_in(without_addresses(text)),
    )
