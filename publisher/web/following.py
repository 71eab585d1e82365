"""How to follow by feed: every feed there is, and how a feed reader takes it up."""

import re
from functools import cache
from string import Template

from fastapi import APIRouter
from starlette.responses import Response

from publisher.feeds.plan import EVERY_ARCHIVE, slug_of
from publisher.i18n import catalogue, noted
from publisher.model import Language
from publisher.resources import templates
from publisher.web.pages import Head
from publisher.web.visit import LOOK, Visiting

_TO_A_PERSON = (
    noted("This is a feed: it tells a feed reader of every new piece."),
    noted("To follow it, copy the address of this page and paste it into your feed reader as a new subscription."),
)

router = APIRouter()


@router.api_route("/feeds", methods=LOOK)
async def feeds(visit: Visiting) -> Response:
    """In both languages, the visitor's first."""
    first = visit.spoken[0]
    head = Head(
        title=" · ".join(dict.fromkeys(catalogue(language).gettext("Feeds") for language in visit.spoken)),
        language=first,
        spoken=visit.spoken,
        url=f"{visit.site.url}/feeds",
        switch=tuple((language, visit.links.feeds(language)) for language in visit.site.languages),
        feeds=visit.feeds(slug_of(language=first), EVERY_ARCHIVE),
    )
    return visit.page(
        "feeds.html",
        head,
        here="feeds",
        all_feeds=sorted(visit.house.feeds.values(), key=lambda feed: _distance(feed.language, first)),
        headers={"Vary": "Accept-Language"},
    )


def _distance(language: Language | None, first: Language) -> int:
    """The feeds in the visitor's language stand first, then those of all entries."""
    return 1 if language is None else 0 if language == first else 2


@router.api_route("/feeds.css", methods=LOOK)
async def looks() -> Response:
    """
    How a feed looks that is opened in a browser instead of a feed reader.

    Under one name for ever: it stands in the feeds, whose bytes must not change with it.
    """
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(_looks(), media_type="text/css; charset=utf-8", headers=headers)


@cache
def _looks() -> str:
    style = Template((templates() / "web" / "feed.css").read_text(encoding="utf-8"))
    said = {language: [catalogue(language).gettext(one) for one in _TO_A_PERSON] for language in ("ko", "en")}
    return style.substitute({language: _in_css("\n".join(sentences)) for language, sentences in said.items()})


def _in_css(text: str) -> str:
    """The text inside a CSS string: whatever could end it as the number of its letter."""
    return re.sub(r'["\\\n\r\f<]', lambda found: f"\\{ord(found[0]):x} ", text)
