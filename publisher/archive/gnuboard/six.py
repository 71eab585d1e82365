"""
The addresses of a Gnuboard 6 board: `/board/X`, `/board/X/N`, and those of its API.

Only the addresses differ: its tables are those of 5 under another prefix.
"""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from publisher.archive.gnuboard.addresses import Board, board_of
from publisher.errors import SourceError


@dataclass(frozen=True, kw_only=True)
class BoardSix(Board):
    """One board of a Gnuboard 6 site."""

    @property
    def bbs(self) -> str:
        """What relative addresses in posts are relative to."""
        return f"{self.root}/board/{self.table}/"

    def address_of(self, key: str) -> str:
        return f"{self.bbs}{key}"

    def download_of(self, key: str, number: int) -> str:
        return f"{self.bbs}{key}/download/{number}"

    def api_list(self, page: int) -> str:
        """A page of the posts, newest first: replies too, which the board's own order puts deep into it."""
        return f"{self._writes}?sst=wr_datetime&sod=desc&page={page}"

    def api_post(self, key: str) -> str:
        return f"{self._writes}/{key}"

    def api_group(self, group: str) -> str:
        return f"{self.root}/api/v1/groups/{quote(group, safe='')}/boards"

    @property
    def _writes(self) -> str:
        return f"{self.root}/api/v1/boards/{self.table}/writes"


def board_six_of(url: str) -> BoardSix:
    """The board that an address (its list or one of its posts) belongs to. Raises SourceError (`not a board`)."""
    try:
        before, there, _ = urlsplit(url.strip()).path.rpartition("/board/")
        board = board_of(url) if there else None
    except (SourceError, ValueError):
        board = None
    root = board.root.removesuffix("/board") if board else ""
    if board is None or not board.root.endswith(f"{before}/board"):
        example = "https://example.org/board/notice"
        raise SourceError("not a board", f"{url!r} is not a Gnuboard 6 board's address; expected one such as {example}")
    return BoardSix(root=root, table=board.table)
