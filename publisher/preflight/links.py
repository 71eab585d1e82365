"""
Where the links of a letter lead: each address is asked once, politely and not for long.

HEAD first; GET where a server does not know HEAD. One question at a time per
host, a few hosts at a time. Addresses come from strangers: the fetcher that is
handed in refuses private ones.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from publisher.errors import FetchError
from publisher.i18n import noted
from publisher.net import Fetcher
from publisher.preflight.finding import Colour, Finding

_HOSTS_AT_ONCE = 4
_SMALL = 64 * 1024
# It is there, and does not let programs in, or wants them to wait.
_THERE = frozenset({401, 402, 403, 405, 406, 429, 451})
_NO_HEAD = frozenset({400, 403, 404, 405, 406, 429, 500, 501, 502, 503})

Progress: TypeAlias = Callable[[int, int | None], None]


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How many addresses are asked at most, and how long all of them together may take."""

    most: int = 100
    seconds: float = 20.0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """
    What asking came to: address → what is wrong with it, '' for nothing.

    `unasked` had no turn; `made_up` are under names that nobody can own, and were not asked.
    """

    answers: Mapping[str, str]
    unasked: Sequence[str] = ()
    made_up: Sequence[str] = ()


async def ask(urls: Sequence[str], fetcher: Fetcher, patience: Patience, progress: Progress | None = None) -> Asked:
    """Ask each of these addresses whether it answers; never raises, and ends in time."""
    tell = progress or (lambda done, total: None)
    answers: dict[str, str] = {}
    by_host: dict[str, list[str]] = defaultdict(list)
    for url in urls[: patience.most]:
        by_host[urlsplit(url).netloc].append(url)
    turns = asyncio.Semaphore(_HOSTS_AT_ONCE)

    async def visit(of_one_host: list[str]) -> None:
        async with turns:
            for url in of_one_host:
                answers[url] = await _ask_one(url, fetcher)
                tell(len(answers), len(urls))

    visits = [asyncio.create_task(visit(one)) for one in by_host.values()]
    if visits:
        _, late = await asyncio.wait(visits, timeout=patience.seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*visits, return_exceptions=True)
    return Asked(answers=answers, unasked=[url for url in urls if url not in answers])


async def _ask_one(url: str, fetcher: Fetcher) -> str:
    try:
        page = await fetcher.head(url)
        if page.status in _NO_HEAD:
            page = await fetcher.get(url, max_bytes=_SMALL)
    except FetchError as error:
        return "" if error.reason == "too large" else error.reason
    return "" if page.status < 400 or page.status in _THERE else str(page.status)


def links(found: Mapping[str, str], asked: Asked) -> Iterator[Finding]:
    """What is to be told of links; `found` are all addresses with the language keys they stand in."""
    for url, wrong in asked.answers.items():
        if wrong:
            yield _yellow(
                noted("A link leads nowhere (%(wrong)s): %(url)s"),
                noted("Open it; mend it in the archive, or leave the entry for the next edition."),
                found.get(url, ""),
                wrong=wrong,
                url=url,
            )
    if asked.unasked:
        yield _yellow(
            noted("Links that could not be asked in time: %(count)d, such as %(url)s"),
            noted("Open them yourself, or run publisher preflight again."),
            "",
            count=len(asked.unasked),
            url=asked.unasked[0],
        )
    if asked.made_up:
        yield _yellow(
            noted("Links to names that are only for trying things out: %(count)d, such as %(url)s"),
            noted("For readers, every link must lead somewhere."),
            "",
            count=len(asked.made_up),
            url=asked.made_up[0],
        )
    for url, keys in found.items():
        if urlsplit(url).scheme not in {"http", "https", "mailto", "tel", "cid"}:
            yield _yellow(
                noted("A link is no web address: %(url)s"), noted("Mend the template or the entry."), keys, url=url[:80]
            )


def strange_pages(found: Mapping[str, str], strange: Sequence[str]) -> Iterator[Finding]:
    """Addresses on the own site under which it has nothing."""
    for url in strange:
        yield _yellow(
            noted("A link leads to a page that this site does not have: %(url)s"),
            noted("Mend the template that prints it."),
            found.get(url, ""),
            url=url,
        )


def _yellow(what: str, cure: str, where: str, **values: object) -> Finding:
    return Finding(check="links", colour=Colour.YELLOW, what=what, cure=cure, where=where, values=values)
