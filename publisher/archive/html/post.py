"""A post's own page: its text, its files, and what the list's row did not say."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from publisher.archive.html import places
from publisher.archive.html.addresses import host
from publisher.archive.html.rows import base_of
from publisher.archive.source import Selectors
from publisher.archive.tree import tree_of
from publisher.archive.wording import file_name, media_type, size_in
from publisher.markup import absolute, fold, text_of
from publisher.model import Attachment

_MOST_FILES = 50
_LONGEST_TITLE = 500
_DOCUMENTS = frozenset({"pdf", "hwp", "hwpx", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "epub", "zip"})
_HEADINGS = "h1, h2, h3, h4"
_SHARED_TITLE = "meta[property='og:title'][content], meta[name=title][content]"


@dataclass(frozen=True, kw_only=True)
class Post:
    """One post's page. `titles` are the places where its whole title may stand, best first."""

    html: str
    base: str
    titles: tuple[str, ...]
    dated: str
    author: str
    category: str
    attachments: tuple[Attachment, ...]


def read_post(page: str, url: str, select: Selectors) -> Post | None:
    """What the page at `url` holds; None where the body's place holds nothing at all. Never raises."""
    tree = tree_of(page)
    base = base_of(tree, url)
    body = tree.css_first(select.body) if select.body else places.first(places.BODIES, tree)
    if body is None:
        return None
    _take_out_headings(body)
    html = body.inner_html or ""
    if not (text_of(html).strip() or body.css_first("img, iframe, video")):
        return None
    files = tuple(_files(tree, body, base, select))
    body.decompose()  # so that nothing in the text can pass for a part of the page
    dated = tree.css_first(select.date) if select.date else places.first(places.DATES, tree)
    return Post(
        html=html,
        base=base,
        titles=tuple(_titles(tree, select)),
        dated=places.said_by(dated) if dated else "",
        author=_said(tree, select.author)[:200],
        category=_said(tree, select.category)[:100],
        attachments=files,
    )


def _take_out_headings(body: LexborNode) -> None:
    """An `article` holds title and date above its text: put them before it, where they are looked for."""
    for heading in body.css("header, footer") if body.tag == "article" else []:
        body.insert_before(heading)
        heading.decompose()


def _titles(tree: LexborHTMLParser, select: Selectors) -> Iterator[str]:
    """The page may say the title whole where the list cut it; `whole_title` takes what begins as the list's does."""
    nodes = [*(tree.css(select.title) if select.title else []), *tree.css(_SHARED_TITLE), *tree.css(_HEADINGS)]
    yield from (words for node in nodes[:50] if (words := places.said_by(node)[:_LONGEST_TITLE]))


def _said(tree: LexborHTMLParser, selector: str) -> str:
    node = tree.css_first(selector) if selector else None
    return places.said_by(node) if node is not None else ""


def _files(tree: LexborHTMLParser, body: LexborNode, base: str, select: Selectors) -> Iterator[Attachment]:
    """The files beside the text, and the documents of the same site that the text leads to."""
    beside = tree.css(select.attachments) if select.attachments else _beside(tree)
    links = [link for place in beside for link in place.css("a[href]")]
    within = [link for link in body.css("a[href]") if _is_document(link, base)]
    seen: set[str] = set()
    for link in [*links, *within]:
        address = absolute(link.attributes.get("href") or "", base)
        name = _name(link, address)
        if name and address.startswith(("http://", "https://")) and address not in seen and len(seen) < _MOST_FILES:
            seen.add(address)
            holder = link.parent if link.parent is not None and link.parent.tag in {"li", "p", "td", "dd"} else link
            size = size_in(holder.text(separator=" "))
            yield Attachment(name=name[:255], url=address, size=size, type=media_type(name))


def _beside(tree: LexborHTMLParser) -> list[LexborNode]:
    return next((found for place in places.FILES if (found := tree.css(place))), [])


def _is_document(link: LexborNode, base: str) -> bool:
    address = absolute(link.attributes.get("href") or "", base)
    path = urlsplit(address).path.lower() if address else ""
    is_file = path.rpartition(".")[2] in _DOCUMENTS
    return is_file and host(address) == host(base)


def _name(link: LexborNode, address: str) -> str:
    """The file's name: as the page words it where that looks like one, else as the address ends."""
    worded = file_name(link.attributes.get("download") or "") or file_name(fold(link.text()))
    in_path = file_name(unquote(urlsplit(address).path.rpartition("/")[2])) if address else ""
    looks = worded.partition("(")[0].strip()
    if looks.rpartition(".")[2].lower() in _DOCUMENTS:
        return looks
    if in_path.rpartition(".")[2].lower() in _DOCUMENTS:
        return in_path
    return looks or in_path
