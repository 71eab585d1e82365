"""
The addresses of a board.

Three forms are in use: the long one (`/bbs/board.php?bo_table=X&wr_id=N`), by
number (`/X/N`) and by title (`/X/<slug>/`, where no number can be seen). The
long one answers in every setting, so it is what we ask for and what we store.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

from publisher.errors import SourceError

_TABLE = re.compile(r"[A-Za-z0-9_]{1,20}", re.ASCII)
_NUMBER = re.compile(r"0*([1-9][0-9]{0,11})", re.ASCII)
_NUMBER_IN_QUERY = re.compile(r"[?&;]wr_id=([0-9]{1,12})\b", re.ASCII)
_SLUG = "slug:"


@dataclass(frozen=True, kw_only=True)
class Board:
    """One board of one site. `root` is the site's address without a final slash, subfolder included."""

    root: str
    table: str

    @property
    def bbs(self) -> str:
        """What relative addresses in posts are relative to, whatever page they were read from."""
        return f"{self.root}/bbs/"

    @property
    def rss(self) -> str:
        return f"{self.bbs}rss.php?bo_table={self.table}"

    def list_page(self, page: int = 1, *, by_date: bool = False) -> str:
        """A page of the list, as the board orders it or newest first (late replies then come early)."""
        order = "&sst=wr_datetime&sod=desc" if by_date else ""
        turned = f"&page={page}" if page > 1 else ""
        return f"{self.bbs}board.php?bo_table={self.table}{order}{turned}"

    def address_of(self, key: str) -> str:
        """Where a post is read: the long address, or the address by title when no number is known."""
        if is_slug(key):
            return f"{self.root}/{self.table}/{quote(key.removeprefix(_SLUG), safe='')}/"
        return f"{self.bbs}board.php?bo_table={self.table}&wr_id={key}"

    def download_of(self, key: str, number: int) -> str:
        """Where one of a post's files is fetched; it answers only a visitor who has the post open."""
        return f"{self.bbs}download.php?bo_table={self.table}&wr_id={key}&no={number}"

    def key_of(self, href: str) -> str | None:
        """The key of the post that a link on this board leads to, in any form; None for other links."""
        try:
            parts = urlsplit(urljoin(self.bbs, href.strip()))
        except ValueError:
            return None
        if parts.path.endswith("/board.php"):
            query = parse_qs(parts.query)
            same_board = query.get("bo_table") == [self.table]
            return _number(query.get("wr_id", [""])[0]) if same_board else None
        own = f"{urlsplit(self.root).path}/{self.table}/"
        return self._key_in(parts.path.removeprefix(own)) if parts.path.startswith(own) else None

    def key_in_feed(self, link: str) -> str | None:
        """The key in a feed's link, which is escaped once too often in every release with long addresses."""
        found = _NUMBER_IN_QUERY.search(link.replace("&amp;", "&"))
        return _number(found[1]) if found else self.key_of(link)

    @staticmethod
    def key_of_number(text: str) -> str | None:
        """A wr_id as it stands in a page or address, without leading zeros."""
        return _number(text)

    @staticmethod
    def _key_in(rest: str) -> str | None:
        # `/X/N/` and `/X/<slug>` are not answered: a number has no final slash, a slug always has one.
        if "/" in rest.removesuffix("/"):
            return None
        return slug_key(rest.removesuffix("/")) if rest.endswith("/") else _number(rest)


def board_of(url: str) -> Board:
    """
    The board that an address belongs to; it may be the list, a post or the RSS, in any form.

    Raises SourceError (`not a board`) with what a board's address looks like.
    """
    try:
        parts = urlsplit(url.strip())
        place = parts.hostname if parts.scheme in {"http", "https"} and parts.username is None else None
        site = f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        place = None
    if not place:
        raise _not_a_board(url)
    bbs, script, _ = parts.path.rpartition("/bbs/")
    table = parse_qs(parts.query).get("bo_table", [""])[0] if script else ""
    folder = bbs
    if not script:
        folder, table = _short(parts.path)
    if not _TABLE.fullmatch(table):
        raise _not_a_board(url)
    return Board(root=f"{site}{folder.rstrip('/')}", table=table)


def _short(path: str) -> tuple[str, str]:
    """The folder and the board of a short address: `/sub/X`, `/sub/X/75`, `/sub/X/a-title/`, `/sub/rss/X`."""
    *folder, last = path.rstrip("/").split("/")
    names_a_post = (path.endswith("/") and len(folder) > 1) or _NUMBER.fullmatch(last)
    if names_a_post and folder:
        *folder, last = folder
    if folder and folder[-1] == "rss":
        folder = folder[:-1]
    return "/".join(folder), last


def _not_a_board(url: str) -> SourceError:
    return SourceError(
        "not a board",
        f"{url!r} is not a board's address; expected one such as https://example.org/bbs/board.php?bo_table=notice",
    )


def is_slug(key: str) -> bool:
    """Whether a key stands for a post whose number is not known."""
    return key.startswith(_SLUG)


def slug_key(slug: str) -> str | None:
    # Kept as it is, NFD too: the site compares it byte for byte.
    try:
        readable = unquote(slug, errors="strict")
    except UnicodeDecodeError:
        return None
    return f"{_SLUG}{readable}" if readable.strip() and "/" not in readable else None


def _number(text: str) -> str | None:
    found = _NUMBER.fullmatch(text)
    return found[1] if found else None
