"""For machines: is the house alive, is it ready, what may robots read; and the pages' own files."""

from fastapi import APIRouter, HTTPException
from starlette.responses import PlainTextResponse, Response

from publisher.store import reports
from publisher.web.static import by_served_name
from publisher.web.visit import LOOK, Visiting

_FRESH = {"Cache-Control": "no-store"}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable", "Cross-Origin-Resource-Policy": "same-origin"}

router = APIRouter()


@router.api_route("/healthz", methods=LOOK)
async def is_alive() -> Response:
    return PlainTextResponse("ok\n", headers=_FRESH)


@router.api_route("/readyz", methods=LOOK)
async def is_ready(visit: Visiting) -> Response:
    """Whether pages can be answered at this moment."""
    if await reports.is_answering(visit.app.db):
        return PlainTextResponse("ready\n", headers=_FRESH)
    return PlainTextResponse("the store does not answer\n", 503, headers={**_FRESH, "Retry-After": "10"})


@router.api_route("/robots.txt", methods=LOOK)
async def robots(visit: Visiting) -> Response:
    """All but the readers' own links and searches; a slash at the end leaves `/unsubscribe` itself to be read."""
    searches = (f"{language}/search" for language in visit.site.languages)
    places = ("confirm/", "preferences/", "unsubscribe/", "keep/", "mailbox", *searches)
    closed = "".join(f"Disallow: {visit.site.path}/{place}\n" for place in places)
    return PlainTextResponse(f"User-agent: *\n{closed}\nSitemap: {visit.site.url}/sitemap.xml\n")


@router.api_route("/static/{name}", methods=LOOK)
async def static(name: str) -> Response:
    asset = by_served_name().get(name)
    if asset is None:
        raise HTTPException(404)
    return Response(asset.content, media_type=asset.media_type, headers=_FOR_EVER)
