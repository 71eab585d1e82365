"""
What is missing, and whether that can be believed.

A broken site looks like a mass deletion. So a post is told gone only if the
list came without it, its own address answers 404 or 410, and in the same read,
after all those were asked, a post that the list shows can still be read. What
only dropped off the end of a list that shows its newest posts is not missing.
"""

from collections.abc import AsyncIterator, Collection, Mapping

from publisher.archive.charset import decoded
from publisher.archive.html.memory import Seen
from publisher.archive.html.post import read_post
from publisher.archive.html.posts import Posts
from publisher.archive.html.rows import Row
from publisher.archive.source import SUSPICIOUS, Gone, Remark, Why, few
from publisher.model import MISSED, RETRACTED

_MOST_PROOFS = 200  # per sweep; the others are asked for at the next


async def tell_missing(
    posts: Posts, rows: Mapping[str, Row], swept: Collection[str] | None, known: Mapping[str, str], url: str
) -> AsyncIterator[Gone | Remark]:
    """
    The stored posts that are gone, each with its proof; or a Remark on what does not fit.

    `rows` are what this read met, `swept` the keys of a whole walk that ended with it.
    """
    missing = _missing(posts, rows, swept, known) if swept is not None else {}
    gone = {key: posts.memory.posts[key].url for key in posts.not_there if key not in rows and key in missing}
    gone |= {key: posts.memory.posts[key].url for key in posts.not_there if key not in rows and swept is None}
    shown = len(swept) if swept is not None else len(rows)
    unproven = 0
    for key, address in list(missing.items())[:_MOST_PROOFS]:
        if key in gone or await _is_not_there(posts, address):
            gone[key] = address
        elif (unproven := unproven + 1) > few(shown + len(missing)):
            break
    if unproven > few(shown + len(missing)):
        detail = f"{url}: the list leaves out {len(missing)} posts, and at least {unproven} of them are still there"
        yield Remark(code=SUSPICIOUS, detail=f"{detail}; nothing is taken for deleted")
        return
    if gone and not await _canary_lives(posts, rows, known):
        detail = f"{url}: posts that stand in the list cannot be read; nothing is taken for deleted"
        yield Remark(code=SUSPICIOUS, detail=detail)
        return
    for key, address in gone.items():
        yield Gone(source_key=key, url=address, reason=Why.DELETED)


def _missing(posts: Posts, rows: Mapping[str, Row], swept: Collection[str], known: Mapping[str, str]) -> dict[str, str]:
    """The stored posts that a whole walk did not meet though it went past where they stood, and their addresses."""
    seen = posts.memory.posts
    in_order = [key for key in swept if key not in rows or not rows[key].is_notice]  # a notice may be of any age
    numbers = [int(key) for key in in_order if key.isdecimal()]
    times = [seen[key].at for key in in_order if key in seen and seen[key].at]
    missing: dict[str, str] = {}
    for key, digest in known.items():
        post = seen.get(key, Seen())
        if digest == RETRACTED or key in swept or not post.url:
            continue
        if min(numbers) < int(key) if key.isdecimal() and numbers else bool(times and post.at > min(times)):
            missing[key] = post.url
    return missing


async def _is_not_there(posts: Posts, address: str) -> bool:
    page = await posts.page_at(address)
    return page is not None and page.status in {404, 410}


async def _canary_lives(posts: Posts, rows: Mapping[str, Row], known: Mapping[str, str]) -> bool:
    """Whether a stored post that the list shows can be read, after the others were asked for."""
    key = next((key for key in rows if known.get(key) not in {None, MISSED, RETRACTED}), None)
    page = await posts.page_at(rows[key].url) if key else None
    if page is None or page.status != 200:
        return False
    text = decoded(page.content, content_type=page.headers.get("content-type", ""))
    return read_post(text, page.url, posts.select) is not None
