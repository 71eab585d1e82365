"""
The addresses that search engines shall know (sitemaps.org), each with its versions in other languages.

One file while everything fits; then `/sitemap.xml` lists parts. A date stands
only where it is true: when we last saw the text change.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from publisher.feeds.plan import category_slug
from publisher.model import Language, Site
from publisher.store import browsing, reports
from publisher.store.browsing import Place
from publisher.store.database import Tx
from publisher.web.visit import LOOK, Visit, Visiting

_ENTRIES_IN_A_PART = 10_000  # two faces and their cross-references each: about 10 MB, where 50 MB are allowed
_MOST_EDITIONS = 5_000

_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_XHTML = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'

router = APIRouter()


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One page in the languages that it exists in."""

    versions: Mapping[Language, str]
    changed: datetime | None = None
    otherwise: str | None = None


@router.api_route("/sitemap.xml", methods=LOOK)
async def sitemap(visit: Visiting) -> Response:
    """Everything, or where its parts are."""
    async with visit.app.db.read() as tx:
        parts = -(-await browsing.count(tx) // _ENTRIES_IN_A_PART)
        if parts <= 1:
            return _xml(_urls([*await _pages(tx, visit), *await _entries(tx, visit.site, 1)]))
    return _xml(_index(visit.site, parts))


@router.api_route("/sitemap/{part:int}.xml", methods=LOOK)
async def sitemap_part(visit: Visiting, part: int) -> Response:
    """A part of it; the lists and letters stand in the first."""
    if not 1 <= part <= 50_000:
        raise HTTPException(404)
    async with visit.app.db.read() as tx:
        pages = await _pages(tx, visit) if part == 1 else []
        listed = await _entries(tx, visit.site, part)
    if not listed:
        raise HTTPException(404)
    return _xml(_urls([*pages, *listed]))


async def _entries(tx: Tx, site: Site, part: int) -> list[Listed]:
    places = await browsing.places(tx, limit=_ENTRIES_IN_A_PART, offset=(part - 1) * _ENTRIES_IN_A_PART)
    return [_entry(place, site) for place in places if place.languages & set(site.languages)]


def _entry(place: Place, site: Site) -> Listed:
    spoken = [language for language in site.languages if language in place.languages]
    return Listed(
        versions={language: site.entry_url(language, place.public_id) for language in spoken}, changed=place.updated_at
    )


async def _pages(tx: Tx, visit: Visit) -> list[Listed]:
    """Homes, archives and their categories, letters, feeds."""
    site = visit.site
    changes = await browsing.newest_change(tx)
    told = [Listed(versions=_all(site, ""), changed=max(changes.values(), default=None), otherwise=f"{site.url}/")]
    for name in visit.app.config.archives:
        told.append(Listed(versions=_all(site, f"archives/{name}"), changed=changes.get(name)))
        slugs = dict.fromkeys(category_slug(one) for one in await browsing.categories(tx, name) if one.strip())
        told += [Listed(versions=_all(site, f"archives/{name}/{slug}")) for slug in slugs]
    for name in visit.app.config.lists:
        told.append(Listed(versions=_all(site, f"editions/{name}")))
        for edition in await reports.published_editions(tx, name, limit=_MOST_EDITIONS):
            spoken = [language for language in site.languages if language in edition.subjects]
            told.append(Listed(versions={one: site.edition_url(one, name, edition.number) for one in spoken}))
    return [*told, Listed(versions={site.languages[0]: f"{site.url}/feeds"})]


def _all(site: Site, path: str) -> dict[Language, str]:
    return {language: f"{site.home_url(language)}{path}" for language in site.languages}


# ── Writing ──────────────────────────────────────────────────────────────────


def _urls(listed: Iterable[Listed]) -> str:
    urls = "".join(_url(page, url) for page in listed for url in page.versions.values())
    return f"<urlset {_NAMESPACE} {_XHTML}>\n{urls}</urlset>\n"


def _url(page: Listed, url: str) -> str:
    return f"<url><loc>{escape(url)}</loc>{_changed(page.changed)}{''.join(_versions(page))}</url>\n"


def _versions(page: Listed) -> Iterator[str]:
    if len(page.versions) < 2:
        return
    others: Sequence[tuple[Language, str]] = list(page.versions.items())
    for language, url in (*others, ("x-default", page.otherwise or others[0][1])):
        yield f'<xhtml:link rel="alternate" hreflang="{language}" href="{escape(url)}"/>'


def _index(site: Site, parts: int) -> str:
    listed = "".join(
        f"<sitemap><loc>{escape(site.url)}/sitemap/{part}.xml</loc></sitemap>\n" for part in range(1, parts + 1)
    )
    return f"<sitemapindex {_NAMESPACE}>\n{listed}</sitemapindex>\n"


def _changed(moment: datetime | None) -> str:
    return f"<lastmod>{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod>" if moment else ""


def _xml(text: str) -> Response:
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}', media_type="application/xml")
