"""How to follow by feed: every feed there is, and how a feed reader takes it up."""

from fastapi import APIRouter
from starlette.responses import Response

from publisher.feeds.plan import EVERY_ARCHIVE, slug_of
from publisher.i18n import catalogue
from publisher.web.pages import Head
from publisher.web.visit import LOOK, Visiting

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
        feeds=visit.feeds(slug_of(language=first), EVERY_ARCHIVE),
    )
    return visit.page(
        "feeds.html",
        head,
        here="feeds",
        all_feeds=list(visit.house.feeds.values()),
        headers={"Vary": "Accept-Language"},
    )
