"""
What a reader's program says of those it reads for.

Services that fetch a feed once for all their readers tell how many these are in
their User-Agent: "Feedbin feed-id:1 - 7 subscribers". The number is their word.
"""

import re
from functools import lru_cache

MOST = 1_000_000
"""No number beyond it is believed."""

_LONGEST = 500
_TOLD = re.compile(r"\b([0-9]{1,15})[ _]+(?:subscriber|reader|follower)s?\b", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,31}")
# Before the service's own name: what nearly every program says of itself.
_NOT_A_NAME = re.compile(r"^Mozilla/[0-9.]+ \((?:compatible; *)?", re.IGNORECASE)


@lru_cache(maxsize=1024)  # the same programs come again all day
def told_by(user_agent: str) -> tuple[str, int] | None:
    """The service and its number of readers; None for programs that read for one person, or do not say."""
    words = user_agent[:_LONGEST]
    told = _TOLD.search(words)
    if told is None:
        return None
    name = _NAME.match(_NOT_A_NAME.sub("", words.strip()))
    return (name[0].rstrip("._-") if name else "unnamed"), min(int(told[1]), MOST)
