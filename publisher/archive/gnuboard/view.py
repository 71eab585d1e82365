"""
The parts of one post's page.

The ids (`bo_v`, `bo_v_info`, `bo_v_con`, …) have stood since 2013 and most
themes keep them; what stands in `bo_v_info` is found by its label words, since
order and classes changed with every skin. Only `#bo_v` is read: a board may
show its whole list below the post.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from publisher.archive.gnuboard.addresses import Board
from publisher.archive.gnuboard.body import original_image, tidy
from publisher.archive.gnuboard.listing import board_title
from publisher.archive.weblinks import host_of
from publisher.archive.wording import begins_alike, file_name, is_cut, media_type, size_in
from publisher.markup import fold
from publisher.model import Attachment

_WRITTEN = re.compile(r"작성일\s*[:：]?\s*(-?[\d.:\s-]{8,24})")
_AUTHOR = re.compile(r"작성자\s*[:：]?\s*(.{1,80}?)\s*(?:\(\d[\d.♡*]{3,18}\)|작성일|조회|댓글|$)")
_OWN_SCRIPTS = ("download.php", "password.php", "link.php", "good.php", "scrap_popin.php", "write.php", "delete.php")
_SITE = re.compile(r"""\bg5_url\s*=\s*["'](https?://[^"'\s]{1,200})["']""")
_LINK_CUT_AT = 70


@dataclass(frozen=True, kw_only=True)
class Link:
    """One of a post's two link fields: what the page shows, perhaps cut, and the counting address behind it."""

    shown: str
    href: str

    @property
    def is_whole(self) -> bool:
        return not (is_cut(self.shown) and len(self.shown) > _LINK_CUT_AT - 1)


@dataclass(frozen=True, kw_only=True)
class View:
    """
    One post as its page shows it. `number` is its wr_id where the page betrays
    one, `site_host` the host that the site calls its own.
    """

    shown_title: str
    titles: tuple[str, ...]
    author: str
    written: str
    category: str
    html: str
    attachments: tuple[Attachment, ...]
    links: tuple[Link, ...]
    number: str | None
    site_host: str


def read_view(tree: LexborHTMLParser, board: Board, board_name: str = "") -> View:
    """Read a page that `pages.recognise` called a view. `board_name` is what the list calls the board."""
    name = board_title(tree) or board_name
    titles = tuple(title for title in (_page_title(tree, place, name) for place in ("title", "#hd_h1")) if title)
    post = tree.css_first("#bo_v")
    if post is None:
        raise ValueError("this page holds no post")
    number = _number(post, board)
    body = post.css_first("#bo_v_con")
    html = tidy(body.inner_html or "", board) if body else ""
    if body is not None:
        body.decompose()  # so that nothing in the text can pass for a part of the page
    shown, category = _heading(post, titles)
    name_shown = _take_name(post)
    said = _info(post)
    return View(
        shown_title=shown,
        titles=titles,
        author=name_shown or _labelled(_AUTHOR, said),
        written=_labelled(_WRITTEN, said) or said,
        category=category,
        html=html,
        attachments=(*_images(post, board), *_files(post, board)),
        links=_links(post, board),
        number=number,
        site_host=_site_host(tree),
    )


def _site_host(tree: LexborHTMLParser) -> str:
    said = (_SITE.search(script.text()) for script in tree.css("script"))
    return next((host_of(site[1]) for site in said if site), "")


# ── Title and category ───────────────────────────────────────────────────────


def _page_title(tree: LexborHTMLParser, place: str, name: str) -> str:
    """`제목 > 게시판 | 사이트` → `제목`, cut from the right, since a title may hold these signs too."""
    node = tree.css_first(place)
    text = fold(node.text()) if node else ""
    if not name:
        return text.rpartition(" > ")[0].strip()
    end = max(text.rfind(f"> {name} |"), len(text) - len(f"> {name}") if text.endswith(f"> {name}") else -1)
    return text[:end].strip() if end >= 0 else ""


def _heading(post: LexborNode, titles: tuple[str, ...]) -> tuple[str, str]:
    """The title as shown, and the category; until 5.2 both stood in one heading: `분류 | 제목`."""
    category = post.css_first(".bo_v_cate")
    named = fold(category.text()) if category else ""
    title = post.css_first(".bo_v_tit")
    if title is not None:
        return fold(title.text()), named
    heading = post.css_first("#bo_v_title")
    shown = fold(heading.text()) if heading else ""
    first, bar, rest = shown.partition(" | ")
    if bar and not named and any(begins_alike(whole, rest) for whole in titles):
        return rest, first
    return shown.removeprefix(f"{named} | ") if named else shown, named


# ── Who and when ─────────────────────────────────────────────────────────────


def _info(post: LexborNode) -> str:
    """What the heading and the line of facts say, as one line of text, menus and scripts left out."""
    places = post.css("#bo_v_info, header p, .if_date")
    for place in places:
        for clutter in place.css("script, style, noscript, .sv, #bo_v_top"):
            clutter.decompose()
    return fold(" ".join(place.text(separator=" ") for place in places))


def _take_name(post: LexborNode) -> str:
    """The author's name where it is marked; taken out of the page, so that no name can pass for a label."""
    names = post.css("#bo_v_info .sv_member, #bo_v_info .sv_guest")
    shown = fold(names[0].text()) if names else ""
    for name in names:
        name.decompose()
    return shown


def _labelled(label: re.Pattern[str], said: str) -> str:
    found = label.search(said)
    return fold(found[1]) if found else ""


def _number(post: LexborNode, board: Board) -> str | None:
    """The post's number, out of its own buttons, files and forms (not its neighbours' links or its comments')."""
    field = post.css_first("#bo_vc input[name=wr_id], form[name=fviewcomment] input[name=wr_id]")
    if field is not None and (key := board.key_of_number(field.attributes.get("value") or "")):
        return key
    for comments in post.css("#bo_vc"):
        comments.decompose()
    for link in post.css("a[href]"):
        path, query = _split(link.attributes.get("href") or "", board)
        if path.rpartition("/")[2] in _OWN_SCRIPTS:
            asked = parse_qs(query)
            key = board.key_of_number(asked.get("wr_id", [""])[0])
            if key and asked.get("bo_table") == [board.table]:
                return key
    return None


def _split(href: str, board: Board) -> tuple[str, str]:
    try:
        parts = urlsplit(urljoin(board.bbs, href.strip()))
    except ValueError:
        return "", ""
    return parts.path, parts.query


# ── Files, pictures, links ───────────────────────────────────────────────────


def _files(post: LexborNode, board: Board) -> list[Attachment]:
    """The files in the list; their addresses need this visitor's session, so the one-time part is left out."""
    files = {}
    for link in post.css("a.view_file_download, #bo_v_file a[href*='download.php']"):
        path, query = _split(link.attributes.get("href") or "", board)
        number = parse_qs(query).get("no", [""])[0]
        label = link.css_first("strong")
        name = file_name((label or link).text())
        holder = link.parent if link.parent is not None and link.parent.tag == "li" else link
        said = holder.text().partition("회 다운로드")[0]
        keep = "&".join(part for part in query.split("&") if not part.startswith("nonce="))
        address = urljoin(board.bbs, f"{path}?{keep}")
        if name:
            files[number or name] = Attachment(
                name=name, url=address, size=size_in(said), type=media_type(name), needs_session=True
            )
    return list(files.values())


def _images(post: LexborNode, board: Board) -> list[Attachment]:
    """
    The picture files, which stand above the text instead of in the list.

    The page never tells their names: a description if there is one, else the
    stored file's name.
    """
    images = []
    for image in post.css("#bo_v_img img[src]"):
        address = original_image(image.attributes.get("src") or "", board)
        stored = urlsplit(address).path.rpartition("/")[2] if address else ""
        if stored:
            name = file_name(image.attributes.get("alt") or "") or file_name(stored)
            images.append(Attachment(name=name, url=address, type=media_type(stored)))
    return images


def _links(post: LexborNode, board: Board) -> tuple[Link, ...]:
    links = []
    for link in post.css("#bo_v_link li a[href]"):
        label = link.css_first("strong")
        path, query = _split(link.attributes.get("href") or "", board)
        shown = fold((label or link).text())
        if path and shown:
            links.append(Link(shown=shown, href=urljoin(board.bbs, f"{path}?{query}" if query else path)))
    return tuple(links)
