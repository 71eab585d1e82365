"""
For readers: the public pages.

    front.py       what every request passes, whatever page it asks for
    lists.py       what is new, an archive, a category      entries.py    one entry
    search.py      looking for words                        editions.py   letters as they were sent
    about.py       an edition: what it holds, how to cite it, its hashes
    media.py       the images of letters
    following.py   all feeds and how to follow them         leaving.py    the way out of a list
    subscribing.py asking, and the form to embed            confirming.py answering by the mailed link
    preferences.py a reader's own page                      form.py       what a form sent, and from where
    mailbox.py     letters kept in a folder (demo)          wrong.py      404 and its like
    hooks.py       what mail providers post of bounces
    upkeep.py      health, robots, static files             sitemap.py    what search engines shall know
    feeds.py       the feeds themselves, bare ASGI          opened.py     one of them, opened in a browser
    visit.py, links.py, pages.py, view.py, structured.py    what a page is handed, and how it becomes HTML
    server.py      serving all of it inside our own event loop

To add a page: an endpoint in one of these files (or a new one, with its router
in `create`), a template under `templates/web`, its sentences in both catalogues.
A look (GET, HEAD) never changes anything.
"""

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp

from publisher.app import App
from publisher.web import (
    about,
    confirming,
    editions,
    entries,
    following,
    hooks,
    keeping,
    leaving,
    lists,
    media,
    opened,
    preferences,
    search,
    sitemap,
    subscribing,
    upkeep,
)
from publisher.web import mailbox as mailbox_pages
from publisher.web.feeds import Shelf, feeds_app
from publisher.web.front import Front
from publisher.web.pages import Pages
from publisher.web.renamed import redirecting
from publisher.web.visit import House
from publisher.web.wrong import tell_of_errors


def create(
    app: App, *, feeds: Shelf | None = None, mailbox: Path | None = None, wake: Callable[[], None] = lambda: None
) -> ASGIApp:
    """
    The web side of an open house, for any ASGI server.

    `feeds` is where the feeds come from (`flows.syndicate.FeedShelf`); without
    it their addresses do not exist. With `mailbox`, a folder of `.eml` files, the
    letters in it may be looked at under `/mailbox` by whoever reaches this server: for
    demonstrations only. `wake` is called when a page queued letters, so that delivery need
    not wait for its own next look.
    """
    pages = FastAPI(openapi_url=None, redirect_slashes=False)
    pages.state.house = House(
        app=app,
        pages=Pages(app.site),
        feeds={feed.slug: feed for feed in app.feeds},
        shelf=feeds,
        mailbox=mailbox,
        wake=wake,
    )
    for room in (
        upkeep,
        sitemap,
        following,
        opened,
        leaving,
        keeping,
        hooks,
        subscribing,
        confirming,
        preferences,
        *([mailbox_pages] if mailbox else []),
        search,
        editions,
        about,
        media,
        entries,
        lists,
    ):
        pages.include_router(room.router)
    tell_of_errors(pages)
    front = Front(pages, app.site, feeds_app(feeds, app.followers.seen) if feeds else None)
    return redirecting(front, app.formerly, app.site.path) if app.formerly else front
