"""
A fragment of HTML on its way to a service and back.

Elements go out without their attributes; those that had any carry a number
(`<a id="3">`). So no address is sent, counted or made up: what comes back under
the number gets what the source has there, and a number that is missing, new or
given twice is a difference that `taken_back` tells.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from typing import TypeAlias

Attributes: TypeAlias = tuple[tuple[str, str], ...]

_VOID = frozenset({"br", "hr", "img"})
# What may stand elsewhere in a sentence of another language. Everything else keeps its order.
_IN_A_LINE = "a b strong i em u s del ins mark small sub sup code kbd q cite abbr ruby rt rp span img br"
_INLINE = frozenset(_IN_A_LINE.split())
_KEPT_OUT = ("translate", "no")
"""The attribute of an element that services leave as it is: around names."""


class Different(ValueError):
    """An answer that cannot be a translation of its source; the text says why."""


@dataclass(frozen=True)
class Tag:
    """The beginning of an element, or its end (`ends`)."""

    name: str
    attributes: Attributes = ()
    ends: bool = False


@dataclass(frozen=True)
class Words:
    """Text between tags, as it is written: entities and all."""

    text: str


@dataclass(frozen=True)
class Foreign:
    """A comment, a declaration: nothing that clean HTML holds."""


Token: TypeAlias = Tag | Words | Foreign


@dataclass(frozen=True, kw_only=True)
class Bare:
    """A fragment without attributes, and what belongs to each number in it."""

    html: str
    kept: Mapping[str, Attributes]


def bare(html: str) -> Bare:
    """Clean HTML as it is sent."""
    kept: dict[str, Attributes] = {}
    out: list[str] = []
    for token in tokens(html):
        match token:
            case Tag(ends=False, attributes=attributes) if attributes:
                number = str(len(kept) + 1)
                kept[number] = attributes
                out.append(f'<{token.name} id="{number}">')
            case Tag():
                out.append(printed(token))
            case Words(text=text):
                out.append(text)
    return Bare(html="".join(out), kept=kept)


def taken_back(answer: str, source: Bare) -> str:
    """The answer with the attributes of the source at their numbers. Raises Different."""
    left = dict(source.kept)
    out: list[str] = []
    kept_out: list[bool] = []  # of the open spans: whether it is one of ours around a name
    for token in tokens(answer):
        if isinstance(token, Foreign):
            raise Different("it holds a comment or a declaration")
        if isinstance(token, Words):
            out.append(token.text)
            continue
        if token.name == "span":
            if token.ends:
                is_ours = kept_out.pop() if kept_out else False
            else:
                is_ours = _KEPT_OUT in token.attributes
                kept_out.append(is_ours)
            if is_ours:
                continue
        out.append(printed(Tag(token.name, _given_back(token, left), token.ends)))
    if left:
        raise Different(f"it leaves out {_worded(next(iter(left.values())))}")
    return "".join(out)


def _given_back(token: Tag, left: dict[str, Attributes]) -> Attributes:
    if token.ends or not token.attributes:
        return ()
    number = dict(token.attributes).get("id", "")
    if number not in left:
        raise Different(f"it makes up {_worded(token.attributes)} in <{token.name[:20]}>")
    return left.pop(number)


def difference(source: str, answer: str) -> str:
    """What elements of the source the answer lacks, or has too many, in words; '' when they are the same."""
    (blocks, inline), (other_blocks, other_inline) = _shape(source), _shape(answer)
    if blocks != other_blocks:
        lost, new = Counter(blocks) - Counter(other_blocks), Counter(other_blocks) - Counter(blocks)
        return _amount(lost, new) or "its elements stand in another order"
    return _amount(inline - other_inline, other_inline - inline)


def _shape(html: str) -> tuple[list[Tag], Counter[Tag]]:
    """The blocks in their order, and how often what stands in a line stands there; each with where it leads."""
    found = [
        Tag(token.name, _addresses(token.attributes))
        for token in tokens(html)
        if isinstance(token, Tag) and not token.ends
    ]
    return [tag for tag in found if tag.name not in _INLINE], Counter(tag for tag in found if tag.name in _INLINE)


def _addresses(attributes: Attributes) -> Attributes:
    return tuple((name, value) for name, value in attributes if name in {"href", "src"})


def _amount(lost: Counter[Tag], new: Counter[Tag]) -> str:
    if lost:
        return f"it leaves out {_called(next(iter(lost)))}"
    return f"it makes up {_called(next(iter(new)))}" if new else ""


def _called(tag: Tag) -> str:
    return _worded(tag.attributes) if tag.attributes else f"<{tag.name[:20]}>"


def _worded(attributes: Attributes) -> str:
    """An address where there is one, else the first attribute."""
    address = next((value for name, value in attributes if name in {"href", "src"}), "")
    return address[:100] if address else '{}="{}"'.format(*(part[:40] for part in attributes[0]))


def keep_out(name: str) -> str:
    """A name as services leave it alone."""
    return f'<span translate="no">{escape(name, quote=False)}</span>'


def pieces(html: str, longest: int) -> list[str]:
    """
    The fragment in parts of at most so many characters, cut between its outermost elements.

    One that is longer itself stays whole.
    """
    parts, open_elements = [""], 0
    for token in tokens(html):
        written = token.text if isinstance(token, Words) else printed(token) if isinstance(token, Tag) else ""
        begins = isinstance(token, Tag) and not token.ends and token.name not in _INLINE
        if open_elements == 0 and begins and len(parts[-1]) >= longest:
            parts.append("")
        parts[-1] += written
        if isinstance(token, Tag) and token.name not in _VOID:
            open_elements += -1 if token.ends else 1
    return [part for part in parts if part.strip()]


# ── Reading and printing ─────────────────────────────────────────────────────


def tokens(html: str) -> Iterator[Token]:
    """Tags and what stands between them."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return iter(reader.found)


def printed(tag: Tag) -> str:
    written = "".join(f' {name}="{escape(value)}"' for name, value in tag.attributes)
    return f"</{tag.name}>" if tag.ends else f"<{tag.name}{written}>"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[Token] = []

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        self.found.append(Tag(tag, tuple((name, value or "") for name, value in attrs)))

    def handle_startendtag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # `<br/>` begins a line as `<br>` does; elsewhere the slash says nothing

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self.found.append(Tag(tag, ends=True))

    def handle_data(self, data: str) -> None:
        self.found.append(Words(data))

    def handle_entityref(self, name: str) -> None:
        self.found.append(Words(f"&{name};"))

    def handle_charref(self, name: str) -> None:
        self.found.append(Words(f"&#{name};"))

    def handle_comment(self, data: str) -> None:
        self.found.append(Foreign())

    def handle_decl(self, decl: str) -> None:
        self.found.append(Foreign())

    def unknown_decl(self, data: str) -> None:
        self.found.append(Foreign())

    def handle_pi(self, data: str) -> None:
        self.found.append(Foreign())
