"""
The text of a post, freed of what the software put into it.

Thumbnails become the pictures they were made from, links lose the words that
the automatic linking swallowed, and the note that a post was moved goes.
"""

import re
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborNode

from publisher.archive.gnuboard.addresses import Board
from publisher.archive.tree import tree_of
from publisher.archive.weblinks import split_tail

_THUMBNAIL = re.compile(r"(/data/(?:file|editor)/(?:[^/]+/)*)thumb-([^/]+)_\d{1,5}x\d{1,5}(\.\w{1,5})$")
_MOVED = re.compile(
    r"(?:\s|<br\s?/?>){0,20}\[이 게시물은 [^\[\]<>]{1,80}에 의해 \d{4}-\d\d-\d\d \d\d:\d\d:\d\d "
    r"[^\[\]<>]{1,120}(?:이동|복사) ?됨\]\s*$"
)


def tidy(html: str, board: Board) -> str:
    """The author's own text as HTML; still a stranger's, so it goes through `markup.clean` next."""
    tree = tree_of(f"<div>{html}</div>")
    for note in tree.css(".content_move"):
        note.decompose()
    for image in tree.css("img[src]"):
        image.attrs["src"] = original_image(image.attributes.get("src") or "", board)
        _free_of_viewer(image)
    for link in tree.css("a[href]"):
        _trim(link)
    for paragraph in tree.css("p"):
        if not paragraph.text().strip() and paragraph.css_first("img, table, hr") is None:
            paragraph.decompose()  # its editors space paragraphs with empty ones: a gap of three on a page of ours
    body = tree.body
    inner = body.inner_html if body else None
    return _MOVED.sub("", (inner or "").removeprefix("<div>").removesuffix("</div>"))


def original_image(src: str, board: Board) -> str:
    """The absolute address of a picture, the original instead of its thumbnail, https where the site has it."""
    try:
        address = urljoin(board.bbs, src.strip())
        parts = urlsplit(address)
        own = parts.hostname == urlsplit(board.root).hostname
    except ValueError:
        return ""
    parts = parts._replace(path=_THUMBNAIL.sub(r"\1\2\3", parts.path))  # also under an old host of the site
    if own and parts.scheme == "http":
        parts = parts._replace(scheme=urlsplit(board.root).scheme)
    return parts.geturl()


def _free_of_viewer(image: LexborNode) -> None:
    """Take a picture out of its link to the software's own viewer page."""
    link = image.parent
    if link is not None and link.tag == "a" and "view_image" in (link.attributes.get("class") or ""):
        link.unwrap()


def _trim(link: LexborNode) -> None:
    """Mend a link whose words are its address: what was only glued to it stands behind it as text."""
    href = (link.attributes.get("href") or "").strip()
    words = link.text().strip()
    if href.lower().startswith("mailto:") or words not in {href, href.removeprefix("http://")}:
        return
    address, tail = split_tail(words)
    if not tail or not address:
        return
    link.attrs["href"] = href.removesuffix(tail)
    for child in list(link.iter(include_text=True)):
        child.decompose()
    link.insert_child(address)
    link.insert_after(tail)
