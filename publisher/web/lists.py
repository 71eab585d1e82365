"""Lists of entries: what is new in all archives, in one, in a category of one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Query
from starlette.responses import RedirectResponse, Response

from publisher.feeds.plan import EVERY_ARCHIVE, category_slug, slug_of
from publisher.i18n import catalogue
from publisher.model import Entry, Feed, Language, text_in
from publisher.store import browsing, entries, reports
from publisher.store.database import Tx
from publisher.web.pages import Head, share_picture
from publisher.web.structured import breadcrumbs, organization, website
from publisher.web.view import EntryView, LetterLine, Listing, by_month, entry_view, letter_line
from publisher.web.visit import LOOK, Spoken, Visit, Visiting

_ON_A_PAGE = 20

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
    async with visit.app.db.read() as tx:
        shown = await _page_of_all(tx, [], page)
        total = await browsing.count(tx)
    letters = await _last_letters(visit, language) if page == 1 else []
    site = visit.site
    head = _head(visit, language, text_in(site.name, language), "", page, feeds_of(visit, None, language))
    head = replace(
        head,
        description=catalogue(language).gettext("What is new at %(site)s", site=text_in(site.name, language)),
        otherwise=f"{site.url}/" if page == 1 else None,
        described=(organization(site, language, share_picture(site)), website(site, language)),
    )
    listing = _listing(visit, head, shown, total, visit.links.home(language))
    return visit.page("home.html", head, here="home", listing=listing, letters=letters)


@router.api_route("/{language}/archives/{name}", methods=LOOK)
async def archive(visit: Visiting, language: Spoken, name: str, page: Page = 1) -> Response:
    """The newest entries of one archive."""
    title = _title(visit, language, name)
    async with visit.app.db.read() as tx:
        shown = await _page_of_all(tx, [name], page)
        total = await browsing.count(tx, [name])
        filed = await browsing.categories(tx, name)
    head = _head(visit, language, title, f"archives/{name}", page, feeds_of(visit, name, language))
    head = replace(head, described=(breadcrumbs(*_way(visit, language, name)),))
    return visit.page(
        "archive.html",
        head,
        here=f"archive {name}",
        listing=_listing(visit, head, shown, total, visit.links.archive(language, name)),
        archive=name,
        categories=sorted(_by_slug(filed).values()),
        category=None,
    )


@router.api_route("/{language}/archives/{name}/{category}", methods=LOOK)
async def one_category(visit: Visiting, language: Spoken, name: str, category: str, page: Page = 1) -> Response:
    """The newest entries of one category of an archive."""
    archive_title = _title(visit, language, name)
    async with visit.app.db.read() as tx:
        filed = await browsing.categories(tx, name)
        names = _by_slug(filed)
        if category not in names:
            raise HTTPException(404)
        ids = [one for name_there, of_it in filed.items() if category_slug(name_there) == category for one in of_it]
        start = (page - 1) * _ON_A_PAGE
        shown = await entries.find(tx, ids=ids[start : start + _ON_A_PAGE])
    if not shown:
        raise HTTPException(404)
    title = f"{names[category]} – {archive_title}"
    slugs = [slug_of(name, names[category], language), slug_of(name, names[category])]
    feeds = (*visit.feeds(*slugs), *feeds_of(visit, name, language))
    head = _head(visit, language, title, f"archives/{name}/{category}", page, feeds)
    way = (*_way(visit, language, name), (names[category], head.url or ""))
    return visit.page(
        "archive.html",
        replace(head, described=(breadcrumbs(*way),)),
        here=f"archive {name}",
        listing=_listing(visit, head, shown, len(ids), visit.links.category(language, name, category)),
        archive=name,
        categories=sorted(names.values()),
        category=names[category],
    )


def feeds_of(visit: Visit, name: str | None, language: Language) -> tuple[Feed, ...]:
    """The feeds that a page about this archive (None: about all) announces."""
    archive_feeds = [slug_of(name, language=language), slug_of(name)] if name else []
    return visit.feeds(*archive_feeds, slug_of(language=language), EVERY_ARCHIVE)


def viewed(visit: Visit, found: Sequence[Entry], language: Language) -> list[EntryView]:
    """Entries as pages in this language show them."""
    return [entry_view(one, language, visit.site) for one in visit.app.sign(found)]


def numbered(address: str, page: int) -> str:
    return address if page == 1 else f"{address}?page={page}"


def _listing(visit: Visit, head: Head, shown: Sequence[Entry], total: int, base: str) -> Listing:
    return Listing(
        months=by_month(viewed(visit, shown, head.language), visit.site.timezone),
        total=total,
        page=head.page,
        pages=-(-total // _ON_A_PAGE),
        base=base,
    )


def _head(visit: Visit, language: Language, title: str, path: str, page: int, feeds: tuple[Feed, ...]) -> Head:
    def each(home: Callable[[Language], str]) -> tuple[tuple[Language, str], ...]:
        return tuple((other, numbered(f"{home(other)}{path}", page)) for other in visit.site.languages)

    versions = each(visit.site.home_url)
    return Head(
        title=title,
        language=language,
        url=dict(versions)[language],
        versions=versions,
        switch=each(visit.links.home),
        feeds=feeds,
        page=page,
    )


async def _page_of_all(tx: Tx, archives: Sequence[str], page: int) -> list[Entry]:
    """One page of entries. A page beyond the last is not found."""
    shown = await entries.in_public(tx, archives=archives, limit=_ON_A_PAGE, offset=(page - 1) * _ON_A_PAGE)
    if page > 1 and not shown:
        raise HTTPException(404)
    return shown


async def _last_letters(visit: Visit, language: Language) -> list[LetterLine]:
    lines = []
    async with visit.app.db.read() as tx:
        for mailing_list in visit.app.config.lists.values():
            newest = await reports.published_editions(tx, mailing_list.name, limit=1)
            lines += [letter_line(edition, mailing_list, language) for edition in newest]
    return [line for line in lines if line is not None]


def _title(visit: Visit, language: Language, name: str) -> str:
    if name not in visit.app.config.archives:
        raise HTTPException(404)
    return text_in(visit.app.archive(name).titles, language) or name


def _way(visit: Visit, language: Language, name: str) -> tuple[tuple[str, str], ...]:
    home_url = visit.site.home_url(language)
    return (text_in(visit.site.name, language), home_url), (_title(visit, language, name), f"{home_url}archives/{name}")


def _by_slug(written: Iterable[str]) -> dict[str, str]:
    """The categories by what stands in their addresses; spellings of one are one."""
    return {category_slug(name): " ".join(name.split()) for name in written if name.strip()}
