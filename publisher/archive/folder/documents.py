"""
Markdown, HTML and plain text: what such a file says.

What the front matter says goes before what the text shows. Whatever the file
is, its text goes through `markup.clean` like a stranger's: a folder may be
filled by others.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

import markdown
from selectolax.lexbor import LexborHTMLParser

from publisher.archive.folder.frontmatter import FrontMatter, read_front_matter, split_front_matter
from publisher.archive.moments import read_moment
from publisher.archive.paragraphs import as_html
from publisher.archive.piece import Parts
from publisher.archive.tree import tree_of
from publisher.archive.wording import KST
from publisher.markup import fold
from publisher.model import Language

_EXTENSIONS = ("tables", "fenced_code", "sane_lists")
_LONGEST = 300_000  # characters; cleaning reads no more of a text either
_LONGEST_PART = 30_000
_LONGEST_TITLE = 500
_DEFINITION = re.compile(r" {0,3}\[[^\[\]]{1,200}\]:\s{0,9}\S")
_MOST_LOOSE = 500
_DEEPEST = 10
_MOST_ALTERNATES = 20
_BRACKET = re.compile(r"[\[\]()]")
_DATED_NAME = re.compile(r"(?P<day>(?:19|20)\d\d-\d\d-\d\d)(?:[-_ .]|$)")
_DATES = ('meta[property="article:published_time"]', 'meta[name="date"]', 'meta[name="dcterms.date"]')


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the text itself shows, front matter apart."""

    html: str
    title: str = ""
    author: str = ""
    dated: str = ""
    language: Language | None = None
    alternates: tuple[str, ...] = ()


def read_document(text: str, ending: str, name: str, now: datetime, zone: tzinfo = KST) -> tuple[FrontMatter, Parts]:
    """
    What a file with this ending and name says; key, address and files are the caller's.

    `counterparts` are as they are written, perhaps the names of files. Raises BadFrontMatter.
    """
    written, below = split_front_matter(text)
    front = read_front_matter(written, now, zone)
    shown = READERS[ending](below)
    in_name = _DATED_NAME.match(name)
    dated = shown.dated or (in_name["day"] if in_name else "")
    return front, Parts(
        source_key="",
        url=front.url,
        shown_title=(front.title or shown.title)[:_LONGEST_TITLE],
        author=front.author or shown.author or None,
        published_at=front.date or read_moment(dated, now, zone),
        html=shown.html,
        categories=front.categories,
        language=front.language or shown.language,
        citation=front.citation,
        counterparts=(*front.translations, *shown.alternates),
    )


def _markdown(text: str) -> Shown:
    html = "\n".join(_rendered(part) for part in _in_parts(text[:_LONGEST]))
    heading = tree_of(html).css_first("h1")
    return Shown(html=html, title=fold(heading.text()) if heading else "")


def _rendered(text: str) -> str:
    if len(text) > _LONGEST_PART:  # one paragraph of such a length is no writing
        return as_html(text)
    try:
        return markdown.markdown(_closed(text), extensions=list(_EXTENSIONS))
    except RecursionError:  # quotations a thousand deep: no text, but it must not end the read
        return as_html(text)


def _in_parts(text: str) -> Iterator[str]:
    """
    A long text in parts, cut between paragraphs, each with the addresses that stand elsewhere (`[1]: https://…`).

    Python-Markdown takes time with the square of the length.
    """
    if len(text) <= _LONGEST_PART:
        yield text
        return
    defined = "\n".join(line for line in text.splitlines() if _DEFINITION.match(line))[:_LONGEST_PART]
    part = ""
    for block in text.split("\n\n"):
        if part and len(part) + len(block) + len(defined) > _LONGEST_PART:
            yield f"{part}\n\n{defined}" if defined else part
            part = ""
        part += f"\n\n{block}"
    yield f"{part}\n\n{defined}" if defined else part


def _closed(text: str) -> str:
    """
    Without brackets that nobody closes, where there are many.

    Python-Markdown looks for the end from each of them: ten thousand take it hours.
    """
    lines = text.split("\n")
    loose = {number for number, line in enumerate(lines) if "[" in line and not _closes(line)}
    if sum(lines[number].count("[") for number in loose) <= _MOST_LOOSE:
        return text
    return "\n".join(line.replace("[", "&#91;") if number in loose else line for number, line in enumerate(lines))


def _closes(line: str) -> bool:
    """Whether every bracket is closed on its line, and none lies deep in others."""
    open_now = {"[": 0, "(": 0}
    for sign in _BRACKET.findall(line):
        if sign in open_now:
            open_now[sign] += 1
        else:
            opener = "[" if sign == "]" else "("
            open_now[opener] = max(open_now[opener] - 1, 0)
        if max(open_now.values()) > _DEEPEST:
            return False
    return not any(open_now.values())


def _plain(text: str) -> Shown:
    return Shown(html=as_html(text[:_LONGEST]))


def _html(text: str) -> Shown:
    tree = tree_of(text)
    part = tree.css_first("article") or tree.css_first("main") or tree.body
    language = _attribute(tree, "html", "lang").partition("-")[0].lower()
    return Shown(
        html=(part.inner_html or "") if part else "",
        title=_text(tree, "article h1") or _text(tree, "h1") or _text(tree, "title"),
        author=fold(_attribute(tree, 'meta[name="author"]', "content")),
        dated=next((stated for where in _DATES if (stated := _attribute(tree, where, "content"))), ""),
        language=language if language in {"ko", "en"} else None,
        alternates=tuple(
            href
            for link in tree.css('link[rel="alternate"][hreflang]')
            if (href := fold(link.attributes.get("href") or "")) and link.attributes.get("hreflang") != "x-default"
        )[:_MOST_ALTERNATES],
    )


def _text(tree: LexborHTMLParser, where: str) -> str:
    node = tree.css_first(where)
    return fold(node.text()) if node else ""


def _attribute(tree: LexborHTMLParser, where: str, name: str) -> str:
    node = tree.css_first(where)
    return (node.attributes.get(name) or "") if node else ""


READERS: Mapping[str, Callable[[str], Shown]] = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".html": _html,
    ".htm": _html,
    ".txt": _plain,
}
"""Ending → how such a file is read."""
