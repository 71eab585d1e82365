"""
The board: which posts stand on it, in which order, and who may open what.

It keeps Gnuboard's habits, the awkward ones too: threads are ordered by number
and not by date, a reply stands beside its parent, notices jump to the top of
the first page, and every look at a post counts.
"""

import hmac
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.demo.posts import Content, Post

TABLE = "director"
"""The board's name in its addresses (`bo_table`)."""

ROWS = 15
"""Rows of a list page, and items of the RSS (Gnuboard's default)."""

_NONCE_LIFE = timedelta(hours=2)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the list; a notice has no number."""

    post: Post
    number: int | None
    hits: int


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """One page of the list. `total` counts every post, `pages` is at least 1."""

    rows: tuple[Row, ...]
    page: int
    pages: int
    total: int


class Board:
    """The posts of `content`, with the clock `now` deciding what is today and what is new."""

    def __init__(self, content: Content, now: Callable[[], datetime]) -> None:
        self.now = now
        self._posts = {post.wr_id: post for post in content.standing}
        self._arriving = list(content.arriving)
        self._looks: Counter[int] = Counter()
        self._key = secrets.token_bytes(32)

    def publish_more(self) -> int:
        """
        Put up the posts that were kept back, dated now and a second apart; says how many.

        Later calls find nothing left and say 0.
        """
        arriving, self._arriving = self._arriving, []
        for seconds, draft in zip(range(len(arriving) - 1, -1, -1), arriving, strict=True):
            post = draft.written(self.now() - timedelta(seconds=seconds))
            self._posts[post.wr_id] = post
        return len(arriving)

    def post(self, wr_id: int) -> Post | None:
        return self._posts.get(wr_id)

    def posts(self) -> list[Post]:
        """All of them, the newest thread first and a reply after its parent."""
        return sorted(self._posts.values(), key=lambda post: (-(post.reply_to or post.wr_id), post.wr_id))

    def page(self, number: int, order: str = "", direction: str = "desc") -> ListPage:
        """A page of the list; one past the end has no rows."""
        posts = self._ordered(order, direction)
        notices = [post for post in posts if post.is_notice]
        others = [post for post in posts if not post.is_notice]
        numbered = [(post, None) for post in notices] + [(post, len(others) - at) for at, post in enumerate(others)]
        first = (number - 1) * ROWS
        return ListPage(
            rows=tuple(Row(post=post, number=n, hits=self.hits(post)) for post, n in numbered[first : first + ROWS]),
            page=number,
            pages=max(1, -(-len(posts) // ROWS)),
            total=len(posts),
        )

    def _ordered(self, order: str, direction: str) -> list[Post]:
        posts = self.posts()
        if order == "wr_datetime":
            posts.sort(key=lambda post: post.written_at, reverse=direction != "asc")
        elif order == "wr_hit":
            posts.sort(key=self.hits, reverse=direction != "asc")
        return posts

    def syndicated(self) -> list[Post]:
        """The posts that stand in the board's own RSS."""
        return [post for post in self.posts() if not post.is_secret][:ROWS]

    def neighbours(self, post: Post) -> tuple[Post | None, Post | None]:
        """The posts above and below in the list, secret ones too: the software gives their titles away."""
        posts = self.posts()
        at = posts.index(post)
        return (posts[at - 1] if at else None), (posts[at + 1] if at + 1 < len(posts) else None)

    def looked_at(self, post: Post) -> None:
        self._looks[post.wr_id] += 1

    def hits(self, post: Post) -> int:
        return post.hits + self._looks[post.wr_id]

    def nonce(self, session: str, post: Post) -> str:
        """Lets this session take the files of this post for a while; only its view hands it out."""
        until = int((self.now() + _NONCE_LIFE).timestamp())
        return f"{until}-{self._mac(session, post, until)}"

    def may_download(self, session: str, post: Post, nonce: str) -> bool:
        until, _, mac = nonce.partition("-")
        if not (until.isascii() and until.isdecimal() and len(until) <= 12):
            return False
        fresh = self.now().timestamp() <= int(until)
        return fresh and hmac.compare_digest(mac.encode(), self._mac(session, post, int(until)).encode())

    def _mac(self, session: str, post: Post, until: int) -> str:
        return hmac.digest(self._key, f"{session}|{post.wr_id}|{until}".encode(), "sha256").hex()[:40]
