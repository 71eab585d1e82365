"""One entry: the text, where it comes from, and what stands beside it."""

from fastapi import APIRouter, HTTPException
from starlette.responses import RedirectResponse, Response

from publisher.digest.prose import link
from publisher.markup import first_image
from publisher.model import Entry, Language, Origin, text_in
from publisher.store import browsing, entries, pairs
from publisher.web.front import SCRIPTED
from publisher.web.lists import feeds_of, viewed
from publisher.web.pages import Head, share_picture
from publisher.web.structured import Described, article, breadcrumbs, organization
from publisher.web.view import EntryView
from publisher.web.visit import LOOK, Spoken, Visit, Visiting

# Search engines are to find what people wrote, or have confirmed.
_UNCONFIRMED = {"X-Robots-Tag": "noindex"}
_UNTIL_PARTED = "max-age=3600"  # or a browser would follow it for ever, though the two may be parted

router = APIRouter()


@router.api_route("/{language}/entries/{public_id}", methods=LOOK)
async def entry(visit: Visiting, language: Spoken, public_id: str) -> Response:
    """One entry, in this language or, under a mark, in the one that there is; a joined one by the one it belongs to."""
    async with visit.app.db.read() as tx:
        found = await entries.by_public_id(tx, public_id)
        if found is None:
            return _elsewhere(visit, language, await pairs.kept_for(tx, public_id))
        newer, older = await browsing.neighbours(tx, found)
        beside = {one.id: one for one in await entries.find(tx, ids=[one for one in (newer, older) if one])}
    [view] = viewed(visit, [found], language)
    [newer_view, older_view] = [
        viewed(visit, [beside[one]] if one in beside else [], language) for one in (newer, older)
    ]
    return visit.page(
        "entry.html",
        _head(visit, language, found, view),
        headers={**SCRIPTED, **(_UNCONFIRMED if view.is_machine else {})},
        here="entry",
        entry=view,
        beside=[("prev", newer_view), ("next", older_view)],
    )


def _elsewhere(visit: Visit, language: Language, kept: str | None) -> Response:
    """The way to the entry that another one became a part of."""
    if kept is None:
        raise HTTPException(404)
    return RedirectResponse(visit.links.entry(language, kept), 301, {"Cache-Control": _UNTIL_PARTED})


def _head(visit: Visit, language: Language, found: Entry, view: EntryView) -> Head:
    site = visit.site
    # A page that falls back shows what stands at the other language's address.
    url = site.entry_url(view.language if view.language in view.languages else language, view.public_id)
    image = link(first_image(found.face(language).html))
    return Head(
        title=view.title,
        language=language,
        description=view.summary,
        url=url,
        versions=tuple(
            (other, site.entry_url(other, view.public_id))
            for other in view.languages
            if found.faces[other].origin is not Origin.MACHINE
        ),
        switch=tuple((other, visit.links.entry(other, view.public_id)) for other in site.languages),
        feeds=feeds_of(visit, found.archive, language),
        kind="article",
        image=image,
        described=_described(visit, language, found, view, url, image or share_picture(site)),
        published=found.dated,
    )


def _described(
    visit: Visit, language: Language, found: Entry, view: EntryView, url: str, image: str
) -> tuple[Described, ...]:
    site = visit.site
    home = site.home_url(language)
    policy = visit.app.config.archives.get(found.archive)
    shelf = [(text_in(policy.titles, language) or found.archive, f"{home}archives/{found.archive}")] if policy else []
    return (
        article(found, view, url, image, site),
        breadcrumbs((text_in(site.name, language), home), *shelf, (view.title, url)),
        organization(site, language, share_picture(site)),
    )
