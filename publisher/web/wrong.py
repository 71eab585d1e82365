"""What a visitor sees when there is no page to show: both languages, the right status, no inner workings."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from publisher.feeds.plan import EVERY_ARCHIVE, slug_of
from publisher.i18n import catalogue, noted
from publisher.model import Language
from publisher.web.pages import Head
from publisher.web.visit import Visit, visit_of

_NOT_FOUND = (
    noted("This page does not exist"),
    noted("The address may have been mistyped, or the piece has been taken down."),
)
_SAID = {
    403: (
        noted("This cannot be done from there"),
        noted("The button was on another site's page. Please open our page and press it there."),
    ),
    404: _NOT_FOUND,
    405: (noted("This cannot be done here"), noted("The address exists, but it does not answer this kind of request.")),
    422: (
        noted("We could not understand this request"),
        noted("A value in the address is not what this page expects."),
    ),
    500: (noted("Something went wrong here"), noted("The fault is ours. Please try again in a little while.")),
}


def tell_of_errors(pages: FastAPI) -> None:
    """Have every error answered by a page."""

    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = error.headers if isinstance(error, HTTPException) else None
        return _page(request, status, dict(headers or {}))

    async def not_understood(request: Request, _error: Exception) -> Response:
        return _page(request, 422, {})

    pages.add_exception_handler(HTTPException, refused)
    pages.add_exception_handler(RequestValidationError, not_understood)
    pages.add_exception_handler(Exception, refused)


def _page(request: Request, status: int, headers: dict[str, str]) -> Response:
    visit = visit_of(request)
    below_root = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    spoken = _spoken(visit, below_root.split("/")[1] if "/" in below_root else "")
    title, advice = _SAID.get(status, _SAID[500] if status >= 500 else _SAID[422])
    head = Head(
        title=catalogue(spoken[0]).gettext(title),
        language=spoken[0],
        spoken=spoken,
        switch=tuple((language, visit.links.home(language)) for language in visit.site.languages),
        feeds=visit.feeds(slug_of(language=spoken[0]), EVERY_ARCHIVE),
    )
    told = {"Cache-Control": "no-store", "Vary": "Accept-Language", **headers}
    return visit.page("wrong.html", head, status=status, headers=told, wrong=title, advice=advice)


def _spoken(visit: Visit, language: Language) -> tuple[Language, ...]:
    """The language of the address first, where it has one."""
    first = (language,) if language in visit.site.languages else ()
    return tuple(dict.fromkeys([*first, *visit.spoken]))
