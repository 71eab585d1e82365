"""The archive's pages: what is new, one archive, one entry."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Query
from starlette.responses import RedirectResponse, Response

from publisher.feeds.plan import EVERY_ARCHIVE, slug_of
from publisher.model import Entry, Feed, Language, text_in
from publisher.store import entries, pairs, reports
from publisher.web.pages import Head
from publisher.web.view import EntryView, LetterLine, entry_view, letter_line
from publisher.web.visit import LOOK, Spoken, Visit, Visiting

_ON_A_PAGE = 20
_UNTIL_PARTED = "max-age=3600"  # or a browser would follow it for ever, though the two may be parted

router = APIRouter()

Page = Annotated[int, Query(ge=1, le=100_000)]


@router.api_route("/", methods=LOOK)
async def door(visit: Visiting) -> Response:
    """To the pages in the visitor's language."""
    language = visit.spoken[0]
    # At the public address the whole one is sure: a proxy may have asked us for `/` instead of `/letters`.
    is_public = visit.host == urlsplit(visit.site.url).netloc
    home = visit.site.home_url(language) if is_public else visit.links.home(language)
    return RedirectResponse(home, 302, {"Vary": "Accept-Language"})


@router.api_route("/{language}/", methods=LOOK)
async def home(visit: Visiting, language: Spoken, page: Page = 1) -> Response:
    """The newest entries of all archives, and the last letter of each list."""
    url = visit.site.home_url
    head = Head(
        title=text_in(visit.site.name, language),
        language=language,
        url=_numbered(url(language), page),
        versions=tuple((other, _numbered(url(other), page)) for other in visit.site.languages),
        switch=tuple((other, _numbered(visit.links.home(other), page)) for other in visit.site.languages),
        feeds=_feeds(visit, None, language),
    )
    shown, has_older = await _shown(visit, language, None, page)
    letters = await _last_letters(visit, language) if page == 1 else []
    return visit.page(
        "home.html",
        head,
        here="home",
        entries=shown,
        letters=letters,
        page=page,
        has_older=has_older,
        base=visit.links.home(language),
    )


@router.api_route("/{language}/archives/{name}", methods=LOOK)
async def archive(visit: Visiting, language: Spoken, name: str, page: Page = 1) -> Response:
    """The newest entries of one archive."""
    if name not in visit.app.config.archives:
        raise HTTPException(404)
    title = text_in(visit.app.archive(name).titles, language) or name

    def url(other: Language) -> str:
        return _numbered(f"{visit.site.home_url(other)}archives/{name}", page)

    head = Head(
        title=title,
        language=language,
        url=url(language),
        versions=tuple((other, url(other)) for other in visit.site.languages),
        switch=tuple((other, _numbered(visit.links.archive(other, name), page)) for other in visit.site.languages),
        feeds=_feeds(visit, name, language),
    )
    shown, has_older = await _shown(visit, language, name, page)
    return visit.page(
        "archive.html",
        head,
        here=f"archive {name}",
        entries=shown,
        page=page,
        has_older=has_older,
        base=visit.links.archive(language, name),
    )


@router.api_route("/{language}/entries/{public_id}", methods=LOOK)
async def entry(visit: Visiting, language: Spoken, public_id: str) -> Response:
    """One entry, in this language or, under a mark, in the one that there is; a joined one by the one it belongs to."""
    async with visit.app.db.read() as tx:
        found = await entries.by_public_id(tx, public_id)
        kept = None if found else await pairs.kept_for(tx, public_id)
    if kept:
        return RedirectResponse(visit.links.entry(language, kept), 301, {"Cache-Control": _UNTIL_PARTED})
    if found is None:
        raise HTTPException(404)
    view = _view(visit, found, language)
    head = Head(
        title=view.title,
        language=language,
        description=view.summary,
        # A page that falls back shows what stands at the other language's address.
        url=visit.site.entry_url(view.language if view.language in view.languages else language, public_id),
        versions=tuple((other, visit.site.entry_url(other, public_id)) for other in view.languages),
        switch=tuple((other, visit.links.entry(other, public_id)) for other in visit.site.languages),
        feeds=_feeds(visit, found.archive, language),
        kind="article",
    )
    return visit.page("entry.html", head, here="entry", entry=view)


async def _shown(visit: Visit, language: Language, name: str | None, page: int) -> tuple[list[EntryView], bool]:
    """One page of entries, and whether there are older ones. A page beyond the last is not found."""
    async with visit.app.db.read() as tx:
        found = await entries.in_public(
            tx, archives=[name] if name else [], limit=_ON_A_PAGE + 1, offset=(page - 1) * _ON_A_PAGE
        )
    if page > 1 and not found:
        raise HTTPException(404)
    return [_view(visit, one, language) for one in found[:_ON_A_PAGE]], len(found) > _ON_A_PAGE


async def _last_letters(visit: Visit, language: Language) -> list[LetterLine]:
    lines = []
    async with visit.app.db.read() as tx:
        for mailing_list in visit.app.config.lists.values():
            newest = await reports.published_editions(tx, mailing_list.name, limit=1)
            lines += [letter_line(edition, mailing_list, language) for edition in newest]
    return [line for line in lines if line is not None]


def _view(visit: Visit, found: Entry, language: Language) -> EntryView:
    [signed] = visit.app.sign([found])
    return entry_view(signed, language, visit.site)


def _feeds(visit: Visit, name: str | None, language: Language) -> tuple[Feed, ...]:
    archive_feeds = [slug_of(name, language=language), slug_of(name)] if name else []
    return visit.feeds(*archive_feeds, slug_of(language=language), EVERY_ARCHIVE)


def _numbered(address: str, page: int) -> str:
    return address if page == 1 else f"{address}?page={page}"
