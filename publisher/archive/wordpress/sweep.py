"""
What is missing from a WordPress site, and whether that can be believed.

Once a day the numbers of all posts are asked for, a hundred at a time. A
stored one that is not among them is told gone only if its own address says so
(404 or 410: deleted; 401 or 403: private, a draft, in the bin), while in the
same read another post can still be seen there. A password is told by the post
itself.
"""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from publisher.archive.asking import Asking
from publisher.archive.source import SUSPICIOUS, Gone, Remark, Why
from publisher.archive.wordpress.places import post_at, with_query
from publisher.archive.wordpress.posts import read_one, read_posts, total_of
from publisher.model import MISSED, RETRACTED
from publisher.net import Page

_PER_PAGE = 100  # the most that WordPress gives
_MOST_PAGES = 2000
_MOST_PROOFS = 100  # per sweep; the others are asked for at the next
_FIELDS = "id,status,content.protected,excerpt.protected"
# A broken post must not end the sweep of all others: what its address answers proves nothing.
_BROKEN = frozenset({500, 502, 504})
_PROOFS = {404: Why.DELETED, 410: Why.DELETED, 401: Why.SECRET, 403: Why.SECRET}


@dataclass
class Sweep:
    """One sweep: `listed` are the numbers that the site shows, `closed` those of them under a password."""

    asking: Asking
    route: str
    site: str
    known: Mapping[str, str]
    listed: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    total: int | None = None

    async def events(self) -> AsyncIterator[Gone | Remark]:
        """Each stored post that is gone, with its proof; or a Remark on what does not fit."""
        await self._list()
        for key in sorted(self._stored() & self.closed):
            yield self._gone(key, Why.SECRET)
        missing = sorted(key for key in self._stored() - self.listed if key.isascii() and key.isdigit())
        if not missing:
            return
        if self.total is not None and len(self.listed) < self.total - max(3, self.total // 20):
            yield self._doubt(f"the list shows {len(self.listed)} of {self.total} posts")
            return
        proven = [(key, why) for key in missing[:_MOST_PROOFS] if (why := await self._why(key))]
        if proven and not await self._canary_lives():
            yield self._doubt("posts that stand in the list cannot be seen")
            return
        for key, why in proven:
            yield self._gone(key, why)

    def returned(self) -> Sequence[str]:
        """The posts that were told gone and stand there again."""
        lost = {key for key, digest in self.known.items() if digest in {MISSED, RETRACTED}}
        return sorted((lost & self.listed) - self.closed)

    def _stored(self) -> set[str]:
        return {key for key, digest in self.known.items() if digest != RETRACTED}

    async def _list(self) -> None:
        for number in range(1, _MOST_PAGES):
            address = with_query(
                self.route, per_page=str(_PER_PAGE), orderby="id", order="asc", _fields=_FIELDS, page=str(number)
            )
            page = await self.asking.page(address, among=frozenset({200} if number == 1 else {200, 400}))
            posts = read_posts(page) if page.status == 200 else []
            self.listed |= {post.key for post in posts}
            self.closed |= {post.key for post in posts if not post.is_open}
            self.total = total_of(page) if number == 1 else self.total
            if len(posts) < _PER_PAGE:
                return

    async def _why(self, key: str) -> Why | None:
        """What the address of a post says of it; None where it stands there, or elsewhere on the site."""
        page = await self._alone(key)
        if page.status != 200:
            return _PROOFS.get(page.status)
        post = read_one(page)
        return Why.SECRET if post is not None and post.key == key and not post.is_open else None

    async def _canary_lives(self) -> bool:
        """Whether a post that the list shows can be seen, after the others were asked for."""
        canary = max(_standing(self.known, self.listed - self.closed), key=int, default=None)
        if canary is None:
            return False
        page = await self._alone(canary)
        post = read_one(page) if page.status == 200 else None
        return post is not None and post.key == canary and post.is_open

    async def _alone(self, key: str) -> Page:
        address = post_at(self.route, key, _fields=_FIELDS)
        return await self.asking.page(address, among=frozenset({200, *_PROOFS, *_BROKEN}))

    def _gone(self, key: str, why: Why) -> Gone:
        return Gone(source_key=key, url=f"{self.site}/?p={key}", reason=why)  # its address holds the title

    def _doubt(self, what: str) -> Remark:
        return Remark(code=SUSPICIOUS, detail=f"{self.route}: {what}; nothing is taken for deleted")


def _standing(known: Mapping[str, str], listed: Collection[str]) -> Iterator[str]:
    return (key for key in listed if known.get(key, MISSED) not in {MISSED, RETRACTED})
