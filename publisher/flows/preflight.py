"""
Before release: look at the letters as they would leave, and at the names they leave under.

    letters ─▶ real bytes ─▶ read again ─▶ form · words · looks
                                  └──▶ links asked         the site · the domain's records

Nothing is changed, and no transaction is open while the network is asked. Red
stops a release, yellow asks; what a named person answers for (`flows.answers`)
weighs one step less. The site and the domain are looked at in `flows.sender`.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias
from urllib.parse import urlsplit

import structlog

from publisher.delivery.envelope import Stationery, message_id, sender_of
from publisher.digest.render import content_hash
from publisher.flows.answers import weigh
from publisher.flows.classify import missing_of, signs_in
from publisher.flows.compose import House
from publisher.flows.paper import Addressee, paper_for
from publisher.flows.release import current_letter, letters_for
from publisher.flows.sender import Inspector, look_at_house, only_tries
from publisher.i18n import noted
from publisher.model import Edition, Language, Letter, LetterKey, MailingList, Site, Slot, languages_of
from publisher.preflight.domains import is_made_up
from publisher.preflight.finding import Colour, Finding, united, worst
from publisher.preflight.form import WaysOut, form, links_of
from publisher.preflight.links import Asked, Progress, ask, links, strange_pages
from publisher.preflight.looks import looks
from publisher.preflight.message import Arrived, read
from publisher.preflight.words import Wanted, edition_words, words
from publisher.store import audience, editions
from publisher.store.acceptances import Acceptance
from publisher.store.database import Database, Tx

log = structlog.get_logger()

Letters: TypeAlias = Mapping[LetterKey, Letter]

_PAGES = frozenset({"", "entries", "editions", "archives", "lists", "search"})  # under a language
_OTHERS = frozenset({"", "feeds", "feeds.opml", "subscribe", "preferences", "unsubscribe", "keep", "confirm", "media"})


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was found about an edition's letters, of which `content_hash` is the mark: these and no others."""

    content_hash: str
    keys: Sequence[LetterKey]
    findings: Sequence[Finding]
    accepted: Sequence[tuple[Finding, Acceptance]] = ()

    @property
    def colour(self) -> Colour:
        return worst(self.findings)

    def of(self, colour: Colour) -> Sequence[Finding]:
        return [finding for finding in self.findings if finding.colour is colour]


async def preflight(
    db: Database,
    edition: Edition,
    mailing_list: MailingList,
    inspector: Inspector,
    progress: Progress | None = None,
    *,
    now: datetime,
) -> Report:
    """Everything that is to be said of an edition: of its frozen letters if it is released, else as it is now."""
    async with db.read() as tx:
        letters = await _letters(tx, edition, mailing_list, inspector.house)
    return await inspect(db, letters, edition, mailing_list, inspector, progress, now=now)


async def inspect(
    db: Database,
    letters: Letters,
    edition: Edition,
    mailing_list: MailingList,
    inspector: Inspector,
    progress: Progress | None = None,
    *,
    now: datetime,
) -> Report:
    """The same of letters at hand."""
    async with db.read() as tx:
        readers = await audience.reachable(tx, edition.list, edition.classification)
        papers = [await paper_for(tx, letter, inspector.site, mailing_list) for letter in letters.values()]
    wanted = _wanted(edition, inspector, {language for key in readers for language in languages_of(key)})
    findings = list(edition_words(wanted))
    arrived = []
    for paper in papers:
        # In a thread: the house goes on sending and answering meanwhile.
        as_read, found = await asyncio.to_thread(_judge, paper, wanted, inspector, now)
        arrived.append(as_read)
        findings += found
    about_links, about_house = await asyncio.gather(
        _links(arrived, edition, inspector, progress), look_at_house(db, inspector, mailing_list)
    )
    findings += about_links
    mark = content_hash(letters)
    async with db.read() as tx:
        weighed = await weigh(tx, findings, mark)
    return Report(
        content_hash=mark,
        keys=[*letters],
        findings=united([*weighed.findings, *about_house.findings]),
        accepted=[*weighed.accepted, *about_house.accepted],
    )


# ── Letters ──────────────────────────────────────────────────────────────────


async def _letters(tx: Tx, edition: Edition, mailing_list: MailingList, house: House) -> Letters:
    if edition.released_at is None:
        return await letters_for(tx, edition, mailing_list, house)
    frozen = await editions.frozen_keys(tx, edition.id)
    return {key: await current_letter(tx, edition, mailing_list, house, key) for key in frozen}


def _wanted(edition: Edition, inspector: Inspector, spoken: Collection[Language]) -> Wanted:
    signed = replace(edition, entries=tuple(inspector.house.sign(edition.entries)))
    here = inspector.site
    wanted = Wanted(
        edition=signed,
        site_url=here.url,
        languages=[language for language in here.languages if language in spoken],
        sender_name={language: sender_of(here, language).name for language in here.languages},
        unsaid=missing_of(here.sender),
        signs=signs_in(edition),
    )
    return replace(wanted, names_missing=inspector.names_missing) if inspector.names_missing else wanted


def _judge(paper: Stationery, wanted: Wanted, inspector: Inspector, now: datetime) -> tuple[Arrived, list[Finding]]:
    as_read, ways_out = _arrive(paper, inspector, now)
    found = [*form(as_read, subject=paper.letter.subject, ways_out=ways_out), *words(as_read, wanted), *looks(as_read)]
    if not found:
        what = noted("Parts, headers, lines, sizes, words and colours are in order.")
        found = [Finding(check="letter", colour=Colour.GREEN, what=what, where=paper.letter.language_key)]
    return as_read, found


def _arrive(paper: Stationery, inspector: Inspector, now: datetime) -> tuple[Arrived, WaysOut]:
    """A copy as it would be sealed for a reader, to one that is nobody: no subscription has this token."""
    seal = inspector.seal
    nobody = Addressee(
        delivery_id=0,
        recipient="reader@reader.example",
        message_id=message_id(seal.key.secret, "preflight", paper.sender.domain),
        queued_at=now,
        token_id=bytes(16),
    )
    link = seal.links(nobody.token_id, now.date())[Slot.UNSUBSCRIBE]
    as_read = read(paper.letter.language_key, seal.copy(paper, nobody))
    return as_read, WaysOut(link=link, address=seal.leave(nobody))


async def _links(
    arrived: Sequence[Arrived], edition: Edition, inspector: Inspector, progress: Progress | None
) -> Sequence[Finding]:
    found = links_of(arrived)
    ours = [url for url in found if _is_under(url, inspector.site)]
    strange = [url for url in ours if not _is_own_page(url, edition, inspector.site)]
    others = [url for url in found if url not in ours and url.startswith(("http://", "https://"))]
    real = [url for url in others if not is_made_up(url)]
    asked = Asked(answers={}, made_up=[] if only_tries(inspector) else [url for url in others if url not in real])
    if inspector.fetcher and real:
        async with inspector.fetcher() as visitor:
            answered = await ask(real, visitor, inspector.patience, progress)
        asked = replace(asked, answers=answered.answers, unasked=answered.unasked)
    return [*links(found, asked), *strange_pages(found, strange)]


def _is_under(url: str, site: Site) -> bool:
    return url == site.url or url.startswith(f"{site.url}/")


def _is_own_page(url: str, edition: Edition, site: Site) -> bool:
    """Without asking: the site may not be served at this moment, and some links open only for their reader."""
    first, *rest = urlsplit(url).path.removeprefix(site.path).removeprefix("/").split("/")
    if first not in site.languages:
        return first in _OTHERS
    match rest:
        case ["entries", public_id]:
            known = {entry.public_id for entry in edition.all_told}
            return public_id in known | {one.public_id for entry in edition.all_told for one in entry.joined}
        case [page, *_]:
            return page in _PAGES
    return True
