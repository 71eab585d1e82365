"""
What is missing after a sweep, and whether that can be believed.

A broken board looks like a mass deletion: lists run empty, and every view says
that its post was deleted. So a post is told gone only if the whole list came
without it, its own address says so, and in the same read the list is about as
long as it claims to be and another post can still be seen.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping

from publisher.archive.gnuboard.pages import Kind
from publisher.archive.gnuboard.posts import Posts
from publisher.archive.source import SUSPICIOUS, Gone, Remark, Why, few
from publisher.model import MISSED, RETRACTED

_MOST_PROOFS = 200  # per sweep; the others are asked for at the next
_PROOFS = {Kind.GONE: Why.DELETED, Kind.LOCKED: Why.SECRET}


async def tell_missing(
    posts: Posts, swept: Iterable[str], total: int | None, known: Mapping[str, str]
) -> AsyncIterator[Gone | Remark]:
    """
    The stored posts that are gone, each with its proof; or a Remark on what does not fit.

    `swept` are the keys, as shown, that a walk over the whole list met.
    """
    shown = {posts.memory.stored_key(key) for key in swept}
    stored = {key for key, digest in known.items() if digest != RETRACTED}
    missing = sorted(stored - shown - posts.memory.skipped.keys())
    if not missing:
        return
    expected = len(stored) if total is None else total
    if len(shown) < expected - few(expected):
        yield _doubt(posts, f"the list shows {len(shown)} of {expected} posts")
        return
    proven = await _proofs(posts, missing[:_MOST_PROOFS])
    if proven and not await _canary_lives(posts, shown, known):
        yield _doubt(posts, "posts that stand in the list cannot be seen")
        return
    for key, reason in proven.items():
        yield Gone(source_key=key, url=posts.board.address_of(key), reason=reason)


async def _proofs(posts: Posts, missing: Iterable[str]) -> dict[str, Why]:
    """Whichever of these the board itself calls deleted, or asks a password for. Anything else proves nothing."""
    answers = {key: await posts.kind_at(posts.memory.shown_key(key)) for key in missing}
    return {key: _PROOFS[kind] for key, kind in answers.items() if kind in _PROOFS}


async def _canary_lives(posts: Posts, shown: Collection[str], known: Mapping[str, str]) -> bool:
    """Whether a post that the list shows can be seen, after the others were asked for."""
    canaries = [key for key in known if key in shown and known[key] not in {MISSED, RETRACTED}]
    canaries = [key for key in canaries if key not in posts.memory.skipped]
    return bool(canaries) and await posts.kind_at(posts.memory.shown_key(canaries[-1])) is Kind.VIEW


def _doubt(posts: Posts, what: str) -> Remark:
    return Remark(code=SUSPICIOUS, detail=f"{posts.board.list_page()}: {what}; nothing is taken for deleted")
