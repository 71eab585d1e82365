"""The page about an edition: all that stands in it, how to cite it, and the hashes of its letters."""

from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from publisher.i18n import catalogue, format_date, noted
from publisher.model import (
    Edition,
    EntryStatus,
    Language,
    LetterKey,
    MailingList,
    Missing,
    Site,
    languages_of,
    text_in,
    wish_of,
)
from publisher.store import editions, reports, texts
from publisher.web.lists import viewed
from publisher.web.pages import Head
from publisher.web.visit import LOOK, Spoken, Visit, Visiting

router = APIRouter()

_WISHED = {
    Missing.SHOW: noted("pieces in other languages shown"),
    Missing.TITLE: noted("of pieces in other languages only titles"),
    Missing.OMIT: noted("without pieces in other languages"),
}


@dataclass(frozen=True, kw_only=True)
class FrozenLetter:
    """
    One of an edition's letters: in which languages, at which address, and its hash.

    `wished` says what sets it apart from the list's own letter in the same language; empty for that one.
    """

    languages: tuple[Language, ...]
    wished: str
    url: str
    hash: str


@router.api_route("/{language}/editions/{list_name}/{number:int}/about", methods=LOOK)
async def about(visit: Visiting, language: Spoken, list_name: str, number: int) -> Response:
    """
    What a letter cannot say of itself, and every entry of it, also those for which it had no room.

    What was deleted or became secret since is left out.
    """
    mailing_list = visit.app.config.lists.get(list_name)
    if mailing_list is None or number >= 2**31:  # the largest integer that every database takes
        raise HTTPException(404)
    async with visit.app.db.read() as tx:
        edition = await editions.by_number(tx, list_name, number)
        if edition is None or edition.status not in editions.IN_PUBLIC:
            raise HTTPException(404)
        withdrawn = (await texts.withdrawn_from(tx, [edition.id])).get(edition.id, {})
        hashes = await reports.letter_hashes(tx, edition.id)
    shown = [one for one in edition.entries if one.status is EntryStatus.LIVE and one.public_id not in withdrawn]
    title = text_in(mailing_list.titles, language) or list_name
    return visit.page(
        "about.html",
        _head(visit, language, edition, title),
        here=f"list {list_name}",
        title=title,
        edition=edition,
        entries=viewed(visit, shown, language),
        citation=cited(edition, mailing_list, visit.site, language),
        letters=[_letter(visit, edition, key, digest, language) for key, digest in hashes.items()],
    )


def _letter(visit: Visit, edition: Edition, key: LetterKey, digest: str, language: Language) -> FrozenLetter:
    languages, wish = languages_of(key), wish_of(key)
    page = visit.links.edition(languages[0], edition.list, edition.number)
    return FrozenLetter(
        languages=languages,
        wished=catalogue(language).gettext(_WISHED[wish]) if wish else "",
        url=page if key == languages[0] else f"{page}?letter={quote(key, safe='')}",
        hash=digest,
    )


def cited(edition: Edition, mailing_list: MailingList, site: Site, language: Language) -> str:
    """The edition as a bibliography names it in this language."""
    gettext = catalogue(language).gettext
    named = {
        "institute": text_in(site.name, language),
        "list": text_in(mailing_list.titles, language) or mailing_list.name,
        "date": format_date(edition.window_end, language, mailing_list.timezone),
        "url": site.edition_url(language, edition.list, edition.number),
    }
    if edition.is_numbered:
        return gettext("%(institute)s, “%(list)s”, No. %(number)d, %(date)s. %(url)s", number=edition.number, **named)
    return gettext("%(institute)s, “%(list)s”, %(date)s. %(url)s", **named)


def _head(visit: Visit, language: Language, edition: Edition, title: str) -> Head:
    address = visit.site.about_url(language, edition.list, edition.number)
    versions = tuple(
        (other, visit.site.about_url(other, edition.list, edition.number)) for other in visit.site.languages
    )
    switch = tuple(
        (other, f"{visit.links.edition(other, edition.list, edition.number)}/about") for other in visit.site.languages
    )
    number = catalogue(language).gettext("No. %(number)d", number=edition.number)
    named = f"{title} {number}" if edition.is_numbered else title
    return Head(title=named, language=language, url=address, versions=versions, switch=switch)
