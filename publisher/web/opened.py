"""
A feed that is opened in a browser: a page of what is in it and how to follow it.

Browsers show XML as source, save it, or drop what once made it readable (XSLT);
none shows a JSON Feed. So whoever looks gets a page, and every program the feed.
Who asks is told by Sec-Fetch-Dest, which each browser of today sends when a
person opens an address, and no feed reader. What has no server of ours before
it, such as feeds on a static host, is styled by `/feeds.css`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from publisher.model import Feed, Language
from publisher.web.feeds import Named, named
from publisher.web.front import SCRIPTED
from publisher.web.pages import Head
from publisher.web.visit import LOOK, Visit, Visiting

router = APIRouter()


@dataclass(frozen=True, kw_only=True)
class Line:
    """An entry as the page lists it; `href` leads to it from here."""

    title: str
    href: str
    dated: datetime
    language: Language


@router.api_route("/feeds/{rest:path}", methods=LOOK)
async def opened(visit: Visiting, rest: str) -> Response:
    """What the document at this address says, as its JSON Feed says it: in every format it is the same."""
    asked, shelf = named(f"/feeds/{rest}"), visit.house.shelf
    document = await shelf.get(asked.slug, "json", asked.number) if asked and shelf else None
    if asked is None or document is None:
        raise HTTPException(404)
    said: Mapping[str, Any] = json.loads(document.content)  # our own: its shape is that of feeds/jsonfeed.py
    feed = Feed(
        slug=asked.slug,
        archives=(),
        language=said.get("language"),
        title=said["title"],
        description=said["description"],
    )
    return visit.page(
        "feed.html",
        _head(visit, feed, asked),
        headers={**SCRIPTED, "Vary": "Sec-Fetch-Dest, Accept-Language"},
        here="feeds",
        feed=feed,
        address=visit.site.feed_url(asked.slug, asked.extension),
        lines=[_line(visit, item) for item in said["items"]],
    )


def _head(visit: Visit, feed: Feed, asked: Named) -> Head:
    """In the language that is asked for, else in the feed's own; without an address that search engines should keep."""
    own = feed.language if not visit.asked and feed.language in visit.site.languages else None
    spoken = tuple(dict.fromkeys([*([own] if own else []), *visit.spoken]))
    here = visit.links.feed(asked.slug, asked.extension, asked.number)
    return Head(
        title=feed.title,
        language=spoken[0],
        spoken=spoken,
        switch=tuple((language, f"{here}?language={language}") for language in visit.site.languages),
        feeds=(feed,),
    )


def _line(visit: Visit, item: Mapping[str, Any]) -> Line:
    return Line(
        title=item["title"],
        href=visit.links.root + item["url"].removeprefix(f"{visit.site.url}/"),
        dated=datetime.fromisoformat(item.get("date_published") or item["date_modified"]),
        language=item["language"],
    )
