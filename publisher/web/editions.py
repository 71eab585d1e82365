"""Released editions: what came before, and each letter exactly as it was frozen."""

from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter, HTTPException
from starlette.responses import HTMLResponse, Response

from publisher.digest.render import web_view
from publisher.feeds.head import MEDIA_TYPES
from publisher.feeds.plan import EVERY_ARCHIVE, slug_of
from publisher.model import Language, Letter, LetterKey, text_in
from publisher.store import editions, reports, texts
from publisher.store.database import Tx
from publisher.web.covered import covered, not_shown
from publisher.web.lists import Page
from publisher.web.pages import Head
from publisher.web.view import letter_line
from publisher.web.visit import LOOK, Spoken, Visit, Visiting

_ON_A_PAGE = 50

# A letter carries its styles in its elements; its images are our own, under the public address.
_LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' {site}/media/; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

router = APIRouter()


@router.api_route("/{language}/editions/{list_name}", methods=LOOK)
async def past_letters(visit: Visiting, language: Spoken, list_name: str, page: Page = 1) -> Response:
    """The letters of a list, newest first."""
    mailing_list = visit.app.config.lists.get(list_name)
    if mailing_list is None:
        raise HTTPException(404)
    async with visit.app.db.read() as tx:
        found = await reports.published_editions(tx, list_name, limit=_ON_A_PAGE, offset=(page - 1) * _ON_A_PAGE)
        total = await reports.count_published(tx, list_name)
    if page > 1 and not found:
        raise HTTPException(404)
    lines = [letter_line(edition, mailing_list, language) for edition in found]
    return visit.page(
        "editions.html",
        _head(visit, language, list_name, text_in(mailing_list.titles, language) or list_name, page),
        here=f"list {list_name}",
        letters=[line for line in lines if line is not None],
        page=page,
        pages=-(-total // _ON_A_PAGE),
        base=visit.links.editions(language, list_name),
    )


@router.api_route("/{language}/editions/{list_name}/{number:int}", methods=LOOK)
async def letter(
    visit: Visiting, language: Spoken, list_name: str, number: int, letter: LetterKey | None = None
) -> Response:
    """
    A letter of a released edition: the bytes that were sent, its slots filled with links of this page's own.

    `?letter=ko%2Ben` shows another than that of the page's language, and
    `?letter=ko%3Aomit` the one that some readers wished for. Nothing is known here
    of an edition before its release. What became secret since is covered, and the
    page says so.
    """
    # The largest integer that every database takes.
    if number >= 2**31:
        raise HTTPException(404)
    # In a query a bare `+` means a blank, and people copy it so.
    key = (letter or language).replace(" ", "+")
    async with visit.app.db.read() as tx:
        frozen, withdrawn = await _frozen(tx, list_name, number, key)
    if frozen is None:
        raise HTTPException(404)
    shown = covered(visit, language, frozen, withdrawn) if withdrawn else frozen
    if shown is None:
        return not_shown(visit, language, number, frozen, withdrawn)
    headers = {
        "Content-Security-Policy": _LETTER_POLICY.format(site=visit.site.url),
        "Link": ", ".join(_announced(visit, language, list_name, number)),
    }
    return HTMLResponse(
        web_view(shown, f"{visit.site.url}/unsubscribe", f"{visit.site.url}/preferences"), headers=headers
    )


async def _frozen(tx: Tx, list_name: str, number: int, key: LetterKey) -> tuple[Letter | None, Mapping[str, datetime]]:
    """The letter of a released edition, and which of its entries became secret since."""
    edition = await editions.by_number(tx, list_name, number)
    if edition is None or edition.status not in editions.IN_PUBLIC:
        return None, {}
    withdrawn = await texts.withdrawn_from(tx, [edition.id])
    return await editions.letter(tx, edition.id, key), withdrawn.get(edition.id, {})


def _announced(visit: Visit, language: Language, list_name: str, number: int) -> list[str]:
    """What other pages say in their head: the frozen bytes cannot, so it stands in a header (RFC 8288)."""
    canonical = f'<{visit.site.edition_url(language, list_name, number)}>; rel="canonical"'
    feeds = [
        f'<{visit.site.feed_url(feed.slug, extension)}>; rel="alternate"; type="{media_type}"'
        for feed in visit.feeds(slug_of(language=language), EVERY_ARCHIVE)
        for extension, media_type in MEDIA_TYPES.items()
    ]
    return [canonical, *feeds]


def _head(visit: Visit, language: Language, list_name: str, title: str, page: int) -> Head:
    suffix = f"editions/{list_name}" + (f"?page={page}" if page > 1 else "")
    return Head(
        title=title,
        language=language,
        url=f"{visit.site.home_url(language)}{suffix}",
        versions=tuple((other, f"{visit.site.home_url(other)}{suffix}") for other in visit.site.languages),
        switch=tuple((other, f"{visit.links.home(other)}{suffix}") for other in visit.site.languages),
        feeds=visit.feeds(slug_of(language=language), EVERY_ARCHIVE),
        page=page,
    )
