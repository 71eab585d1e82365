"""
Before release: look at the letters as they would leave, and at the names they leave under.

    letters ─▶ real bytes ─▶ read again ─▶ form · words · looks
                                  └──▶ links asked         the site · the domain's records

Nothing is changed but what a person accepts, and no transaction is open while
the network is asked. Red stops a release, yellow asks; what a named person
accepts (`accept`) weighs one step less.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias
from urllib.parse import urlsplit

import structlog

from publisher.delivery.envelope import Stationery, sender_of
from publisher.digest.render import content_hash
from publisher.errors import NotAllowed
from publisher.flows.classify import missing_of, signs_in
from publisher.flows.compose import House
from publisher.flows.release import current_letter, letters_for
from publisher.i18n import noted
from publisher.model import Edition, Language, LanguageKey, Letter, MailingList, Site, Slot, languages_of
from publisher.net import Fetcher, Lookup
from publisher.preflight.domains import is_for_trying, is_made_up
from publisher.preflight.finding import Colour, Finding, united, worst
from publisher.preflight.form import form, links_of
from publisher.preflight.links import Asked, Patience, Progress, ask, links, strange_pages
from publisher.preflight.looks import looks
from publisher.preflight.message import Arrived, read
from publisher.preflight.names import OwnKey, Sending, names
from publisher.preflight.results import Results
from publisher.preflight.site import site
from publisher.preflight.words import NamesMissing, Wanted, edition_words, words
from publisher.store import acceptances, audience, editions
from publisher.store.acceptances import Acceptance
from publisher.store.database import Database, Tx
from subscribers import tokens

log = structlog.get_logger()

Letters: TypeAlias = Mapping[LanguageKey, Letter]

SIGNED_BY = "signed-by"
"""Under this name it is kept for whom a mailbox saw the provider sign; `why` is the signing domain."""

_NEVER = frozenset({"parts", "headers", "lines", "way-out", "class"})  # the letter would be broken, or unlawful
_NAMES_WITHIN = 12.0  # seconds for all questions to the name system
_PAGES = frozenset({"", "entries", "editions", "archives", "lists", "search"})  # under a language
_OTHERS = frozenset({"", "feeds", "feeds.opml", "subscribe", "preferences", "unsubscribe", "keep", "confirm", "media"})


@dataclass(frozen=True, kw_only=True)
class Inspector:
    """
    What looking takes beside the house: the road out of it, and how to ask the world.

    Without `fetcher` and `lookup` nothing is asked of the network. `server` is the
    SMTP server's name, '' where letters go to a folder and never leave. `signed`
    puts the house's signatures on a copy; `names_missing` is the glossary's question.
    """

    house: House
    server: str = ""
    keys: Sequence[OwnKey] = ()
    names_missing: NamesMissing | None = None
    signed: Callable[[bytes], bytes] = bytes
    fetcher: Callable[[], Fetcher] | None = None
    lookup: Lookup | None = None
    patience: Patience = field(default_factory=Patience)

    @property
    def site(self) -> Site:
        return self.house.site


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was found about an edition's letters, of which `content_hash` is the mark: these and no others."""

    content_hash: str
    keys: Sequence[LanguageKey]
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
    wanted = _wanted(edition, inspector, {language for key in readers for language in languages_of(key)})
    findings = list(edition_words(wanted))
    arrived = []
    for letter in letters.values():
        # In a thread: the house goes on sending and answering meanwhile.
        as_read, found = await asyncio.to_thread(_judge, letter, wanted, mailing_list, inspector, now)
        arrived.append(as_read)
        findings += found
    findings += await _links(arrived, edition, inspector, progress)
    findings += await house_findings(db, inspector)
    return await _accounted(db, content_hash(letters), [*letters], findings)


async def house_findings(db: Database, inspector: Inspector) -> Sequence[Finding]:
    """What is to be said of the site and the sender's domain, whatever the edition."""
    if trying := _trying(inspector):
        return [trying]
    fetcher = inspector.fetcher
    if fetcher is None:
        found = [await site(inspector.site.url, None)]
    else:
        async with fetcher() as visitor:
            found = [await site(inspector.site.url, visitor)]
    return [*found, *await _names(db, inspector)]


async def accept(tx: Tx, report: Report, check: str, *, who: str, why: str, now: datetime) -> Sequence[Finding]:
    """
    Take for good what a check says: of this edition's very letters, or of the domain or address that it judges.

    Raises NotAllowed where the check says nothing, or where a letter would be broken or unlawful.
    """
    found = [finding for finding in report.findings if finding.check == check and finding.colour is not Colour.GREEN]
    if not found:
        raise NotAllowed(f"the check '{check}' has nothing to accept; what it said stands in `publisher preflight`")
    if check in _NEVER:
        raise NotAllowed(f"what the check '{check}' says cannot be accepted: the letter would be broken or unlawful")
    for finding in found:
        subject = finding.subject or report.content_hash
        await acceptances.record(tx, Acceptance(check=check, subject=subject, who=who, why=why, at=now))
    log.info("finding accepted", check=check, who=who)
    return found


async def note_signer(tx: Tx, results: Results, author: str, *, who: str, now: datetime) -> str:
    """Keep for which domain a mailbox saw the provider sign; gives it, '' when no signature held."""
    signer = results.signer(author)
    if signer:
        await acceptances.record(tx, Acceptance(check=SIGNED_BY, subject=author, who=who, why=signer, at=now))
    return signer


def author_domain(site: Site) -> str:
    """The domain of From."""
    return sender_of(site, site.languages[0]).domain


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


def _judge(
    letter: Letter, wanted: Wanted, mailing_list: MailingList, inspector: Inspector, now: datetime
) -> tuple[Arrived, list[Finding]]:
    as_read, way_out = _arrive(letter, mailing_list, inspector, now)
    found = [*form(as_read, subject=letter.subject, way_out=way_out), *words(as_read, wanted), *looks(as_read)]
    if not found:
        what = noted("Parts, headers, lines, sizes, words and colours are in order.")
        found = [Finding(check="letter", colour=Colour.GREEN, what=what, where=letter.language_key)]
    return as_read, found


def _arrive(letter: Letter, mailing_list: MailingList, inspector: Inspector, now: datetime) -> tuple[Arrived, str]:
    """A copy to an invented reader, with a link as long as real ones, as it comes out of the wire."""
    token = tokens.make(tokens.Purpose.UNSUBSCRIBE, bytes(16), key_id=1, secret=b"preflight")
    way_out = inspector.site.unsubscribe_url(token)
    content = Stationery(letter=letter, site=inspector.site, list=mailing_list).copy(
        recipient="reader@reader.example",
        message_id="<aaaaaaaaaaaaaaaaaaaaaaaaaa@reader.example>",
        date=now,
        values={Slot.UNSUBSCRIBE: way_out},
    )
    return read(letter.language_key, inspector.signed(content)), way_out


async def _links(
    arrived: Sequence[Arrived], edition: Edition, inspector: Inspector, progress: Progress | None
) -> Sequence[Finding]:
    found = links_of(arrived)
    ours = [url for url in found if _is_under(url, inspector.site)]
    strange = [url for url in ours if not _is_own_page(url, edition, inspector.site)]
    others = [url for url in found if url not in ours and url.startswith(("http://", "https://"))]
    real = [url for url in others if not is_made_up(url)]
    asked = Asked(answers={}, made_up=[] if _trying(inspector) else [url for url in others if url not in real])
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


# ── Names ────────────────────────────────────────────────────────────────────


def _trying(inspector: Inspector) -> Finding | None:
    """A house that reaches no reader yet has nothing that receivers could ask for."""
    author = author_domain(inspector.site)
    if not inspector.server:
        what = noted("Letters go to a folder: nobody asks for the records of %(domain)s, nor for the site.")
        return _domain(Colour.GREEN, author, what)
    if is_for_trying(author):
        what = noted("%(domain)s is a name for trying things out: nobody asks for its records, nor for the site.")
        return _domain(Colour.GREEN, author, what)
    return None


async def _names(db: Database, inspector: Inspector) -> Sequence[Finding]:
    author = author_domain(inspector.site)
    if inspector.lookup is None:
        return []
    async with db.read() as tx:
        seen = (await acceptances.about(tx, [author])).get((SIGNED_BY, author))
    sending = Sending(
        author=author,
        envelope=author,
        server=inspector.server,
        keys=inspector.keys,
        signed_by=seen.why if seen else "",
    )
    try:
        async with asyncio.timeout(_NAMES_WITHIN):
            return await names(sending, inspector.lookup)
    except TimeoutError:
        what = noted("The name system did not answer in time about %(domain)s.")
        return [_domain(Colour.YELLOW, author, what, noted("Run publisher preflight again later."))]


def _domain(colour: Colour, domain: str, what: str, cure: str = "") -> Finding:
    return Finding(
        check="dns", colour=colour, what=what, cure=cure, where=domain, subject=domain, values={"domain": domain}
    )


# ── What was accepted ────────────────────────────────────────────────────────

_MILDER = {Colour.RED: Colour.YELLOW, Colour.YELLOW: Colour.GREEN, Colour.GREEN: Colour.GREEN}


async def _accounted(db: Database, mark: str, keys: Sequence[LanguageKey], findings: Sequence[Finding]) -> Report:
    subjects = {finding.subject or mark for finding in findings}
    async with db.read() as tx:
        known = await acceptances.about(tx, subjects)
    weighed, accepted = [], []
    for finding in findings:
        word = known.get((finding.check, finding.subject or mark))
        if word and finding.colour is not Colour.GREEN and finding.check not in _NEVER:
            finding = replace(finding, colour=_MILDER[finding.colour])
            accepted.append((finding, word))
        weighed.append(finding)
    return Report(content_hash=mark, keys=keys, findings=united(weighed), accepted=accepted)
