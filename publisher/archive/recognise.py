"""
What kind of archive stands at an address, by the page that answers there.

Each kind has its `recognise` in its folder, a pure function over the fetched
page; to add one, a line in `RECOGNISERS`. Order counts: who is surer comes first,
and a list by selectors comes when nobody else knows the page.
"""

from collections.abc import Callable
from typing import TypeAlias

from publisher.archive.gnuboard.recognise import recognise as gnuboard
from publisher.archive.html.recognise import recognise as html
from publisher.archive.rss.recognise import recognise as rss
from publisher.archive.sighting import Sightings
from publisher.archive.tree import tree_of
from publisher.archive.wordpress.recognise import recognise as wordpress
from publisher.errors import SourceError
from publisher.net import Page

Recogniser: TypeAlias = Callable[[Page], Sightings]

RECOGNISERS: tuple[Recogniser, ...] = (gnuboard, wordpress, rss)

_HTML = (b"<!doctype html", b"<html", b"<head", b"<body")


def recognise(page: Page) -> Sightings:
    """
    What the page is, or what it leads to. Raises SourceError, with a reason and
    a sentence, where that is nothing that could be read.
    """
    _refuse_errors(page)
    seen = [recogniser(page) for recogniser in RECOGNISERS]
    here = next((one.here for one in seen if one.here), None)
    linked = tuple(sighting for one in seen for sighting in one.linked)
    if here is None and not linked:
        here = html(page).here
        if here is None:
            raise _nothing_here(page)
    return Sightings(here=here, linked=linked)


def _refuse_errors(page: Page) -> None:
    if page.status in {401, 403, 429}:
        raise SourceError("blocked", f"{page.url}: the site answers HTTP {page.status}")
    if page.status in {404, 410}:
        raise SourceError("missing", f"{page.url}: there is nothing (HTTP {page.status})")
    if page.status != 200:
        raise SourceError("unreachable", f"{page.url}: the site answers HTTP {page.status}")


def _nothing_here(page: Page) -> SourceError:
    if page.content.startswith(b"%PDF"):
        return SourceError("not recognised", f"{page.url}: is a PDF file; name the page that lists such files")
    start = page.content[:1000].lower()
    if not any(mark in start for mark in _HTML):
        kind = page.headers.get("content-type", "").partition(";")[0] or "a file of no stated kind"
        return SourceError("not recognised", f"{page.url}: answers {kind[:60]}, neither a page nor a feed")
    if tree_of(page.content.decode("utf-8", "replace")).css_first("input[type=password]"):
        return SourceError("sign-in", f"{page.url}: the page asks to sign in; only what guests may read can be read")
    return SourceError(
        "not recognised", f"{page.url}: a page, but no board, feed, WordPress site or list that can be known"
    )
