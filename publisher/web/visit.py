"""What every page is handed: the house, the way from here to its other pages, and how to answer."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from starlette.responses import HTMLResponse

from publisher.app import App
from publisher.i18n import catalogue
from publisher.model import Feed, Language, Site
from publisher.web.accept import preferred
from publisher.web.feeds import Shelf
from publisher.web.links import ROOT, Links
from publisher.web.pages import Head, Pages

LOOK = ["GET", "HEAD"]
"""The methods of a page: they never change what a person can see or lose."""


@dataclass(frozen=True, kw_only=True)
class House:
    """What stays the same between two requests. `mailbox` is set where its letters may be looked at."""

    app: App
    pages: Pages
    feeds: Mapping[str, Feed]  # by slug
    shelf: Shelf | None = None  # where their documents come from
    mailbox: Path | None = None
    wake: Callable[[], None] = lambda: None  # when letters were queued


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request for a page."""

    house: House
    links: Links
    host: str  # as the visitor knows us
    accepted: str
    asked: Language = ""  # the language that the address names for a page which speaks every one
    known: str = ""  # If-None-Match

    @property
    def app(self) -> App:
        return self.house.app

    @property
    def site(self) -> Site:
        return self.house.app.site

    @property
    def spoken(self) -> tuple[Language, ...]:
        """The site's languages: first the one that the address names, else the one that the browser asks for."""
        is_asked = self.asked in self.site.languages
        first = self.asked if is_asked else preferred(self.accepted, self.site.languages)
        return (first, *(language for language in self.site.languages if language != first))

    def feeds(self, *slugs: str) -> tuple[Feed, ...]:
        """These feeds, as far as they exist."""
        return tuple(self.house.feeds[slug] for slug in slugs if slug in self.house.feeds)

    def page(
        self,
        template: str,
        head: Head,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> HTMLResponse:
        """The answer: this template with these values, and what every page shows around it."""
        around = {
            "links": self.links,
            "_": catalogue(head.language).gettext,
            "archives": {name: archive.titles for name, archive in self.app.config.archives.items()},
            "lists": {name: mailing_list.titles for name, mailing_list in self.app.config.lists.items()},
            "has_mailbox": self.house.mailbox is not None,
            "here": None,
        }
        told = dict(headers or {})
        if head.url is None:
            told["X-Robots-Tag"] = "noindex"
        page = self.house.pages.render(template, head, {**around, **values})
        if status == 200 and "Cache-Control" not in told:  # not of what is nobody else's to keep
            # Weak: whatever stands in between may compress it (RFC 9110 section 8.8.1).
            told["ETag"] = f'W/"{hashlib.sha256(page.encode()).hexdigest()[:32]}"'
            if told["ETag"] in self.known:
                return HTMLResponse(status_code=304, headers=told)
        return HTMLResponse(page, status, told)


def visit_of(request: Request) -> Visit:
    """The visit that a request is; for error handlers, which get no parameters."""
    return Visit(
        house=request.app.state.house,
        links=Links(root=request.scope[ROOT]),
        host=request.headers.get("host", ""),
        accepted=request.headers.get("accept-language", ""),
        asked=request.query_params.get("language", ""),
        known=request.headers.get("if-none-match", ""),
    )


async def _visiting(request: Request) -> Visit:
    # Async, or FastAPI would fetch it from a thread.
    return visit_of(request)


Visiting = Annotated[Visit, Depends(_visiting)]
"""Parameter of an endpoint: the visit."""


async def _known_language(visit: Visiting, language: str) -> Language:
    if language not in visit.site.languages:
        raise HTTPException(404)
    return language


Spoken = Annotated[Language, Depends(_known_language)]
"""Parameter of an endpoint: the language in its path, which is one of the site's."""
