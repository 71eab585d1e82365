"""What receivers see of the house, whatever the edition: its site, and the domain that its letters come from."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from publisher.delivery.envelope import sender_of
from publisher.delivery.policy import DEFAULT_ROAD
from publisher.flows.answers import Weighed, weigh
from publisher.flows.compose import House
from publisher.flows.paper import Seal
from publisher.flows.shares import road_of
from publisher.i18n import noted
from publisher.model import MailingList, Site
from publisher.net import Fetcher, Lookup
from publisher.preflight.domains import is_for_trying
from publisher.preflight.finding import Colour, Finding
from publisher.preflight.links import Patience
from publisher.preflight.mailboxes import mailboxes
from publisher.preflight.names import OwnKey, Sending, asking_once, names
from publisher.preflight.results import Results
from publisher.preflight.site import site
from publisher.preflight.words import NamesMissing
from publisher.store import acceptances
from publisher.store.acceptances import Acceptance
from publisher.store.database import Database, Tx

SIGNED_BY = "signed-by"
"""Under this name it is kept for whom a mailbox saw the provider sign; `why` is the signing domain."""

_NAMES_WITHIN = 12.0  # seconds for all questions to the name system


@dataclass(frozen=True, kw_only=True)
class Inspector:
    """
    What looking takes beside the house: the road out of it, and how to ask the world.

    Without `fetcher` and `lookup` nothing is asked of the network. `servers` has the
    names of SMTP servers by their profiles, in the order in which one stands in for
    another; none where letters go to a folder and never leave. `envelope` is
    the domain that copies come back to, '' for the sender's own. `seal` makes a copy,
    and `unsigned` says why it cannot sign although it should; `names_missing` is the
    glossary's question.
    """

    house: House
    seal: Seal
    servers: Mapping[str, str] = field(default_factory=dict)
    envelope: str = ""
    keys: Sequence[OwnKey] = ()
    names_missing: NamesMissing | None = None
    unsigned: str = ""
    fetcher: Callable[[], Fetcher] | None = None
    lookup: Lookup | None = None
    patience: Patience = field(default_factory=Patience)

    @property
    def site(self) -> Site:
        return self.house.site


async def look_at_house(db: Database, inspector: Inspector, mailing_list: MailingList | None = None) -> Weighed:
    """
    What is to be said of the site and the sender's domain, whatever the edition.

    A list's letters leave by its own profile, and by the others when that one rests:
    all of them are looked at, its own first.
    """
    if trying := only_tries(inspector):
        return Weighed(findings=[trying], accepted=[])
    own = road_of(mailing_list, inspector.servers)
    found = [await _site(inspector), *await _names(db, inspector, dict.fromkeys([own, *inspector.servers]))]
    async with db.read() as tx:
        weighed = await weigh(tx, found)
    return replace(weighed, findings=[*weighed.findings, *mailboxes(weighed.findings, author_domain(inspector.site))])


async def _site(inspector: Inspector) -> Finding:
    if inspector.fetcher is None:
        return await site(inspector.site.url, None)
    async with inspector.fetcher() as visitor:
        return await site(inspector.site.url, visitor)


async def note_signer(
    tx: Tx, results: Results, author: str, *, road: str = DEFAULT_ROAD, who: str, now: datetime
) -> str:
    """Keep for which domain a mailbox saw a profile's provider sign; gives it, '' when no signature held."""
    signer = results.signer(author)
    if signer:
        subject = _by(road, author)
        await acceptances.record(tx, Acceptance(check=SIGNED_BY, subject=subject, who=who, why=signer, at=now))
    return signer


def author_domain(site: Site) -> str:
    """The domain of From."""
    return sender_of(site, site.languages[0]).domain


def only_tries(inspector: Inspector) -> Finding | None:
    """A house that reaches no reader yet has nothing that receivers could ask for."""
    author = author_domain(inspector.site)
    if not inspector.servers:
        what = noted("Letters go to a folder: nobody asks for the records of %(domain)s, nor for the site.")
        return _domain(Colour.GREEN, author, what)
    if is_for_trying(author):
        what = noted("%(domain)s is a name for trying things out: nobody asks for its records, nor for the site.")
        return _domain(Colour.GREEN, author, what)
    return None


async def _names(db: Database, inspector: Inspector, roads: Iterable[str]) -> Sequence[Finding]:
    author = author_domain(inspector.site)
    if inspector.unsigned:
        what = noted("Letters are to be signed and cannot be: %(reason)s.")
        cure = noted("publisher dkim --check says what to do.")
        return [_domain(Colour.RED, author, what, cure, reason=inspector.unsigned)]
    if inspector.lookup is None:
        return []
    sendings = {road: await _sending(db, inspector, road, author) for road in roads}
    lookup = asking_once(inspector.lookup)
    try:
        async with asyncio.timeout(_NAMES_WITHIN):
            return _told_apart({road: await names(sending, lookup) for road, sending in sendings.items()})
    except TimeoutError:
        what = noted("The name system did not answer in time about %(domain)s.")
        return [_domain(Colour.YELLOW, author, what, noted("Run publisher preflight again later."))]


async def _sending(db: Database, inspector: Inspector, road: str, author: str) -> Sending:
    """How letters leave by this profile."""
    subject = _by(road, author)
    async with db.read() as tx:
        seen = (await acceptances.about(tx, [subject])).get((SIGNED_BY, subject))
    return Sending(
        author=author,
        envelope=inspector.envelope or author,
        server=inspector.servers[road],
        keys=inspector.keys,
        signed_by=seen.why if seen else "",
    )


def _told_apart(by_road: Mapping[str, Sequence[Finding]]) -> list[Finding]:
    """What is so whichever profile carries the letters once; all else with the profile it is about."""
    told: list[Finding] = []
    for road, found in by_road.items():
        for finding in found:
            if not all(finding in others for others in by_road.values()):
                subject = _by(road, finding.subject)
                told.append(replace(finding, where=f"{finding.where} ({road})", subject=subject))
            elif finding not in told:
                told.append(finding)
    return told


def _by(road: str, domain: str) -> str:
    """What a word about a domain holds for, where its letters leave by this profile."""
    return domain if road == DEFAULT_ROAD else f"{domain} by {road}"


def _domain(colour: Colour, domain: str, what: str, cure: str = "", **values: object) -> Finding:
    return Finding(
        check="dns",
        colour=colour,
        what=what,
        cure=cure,
        where=domain,
        subject=domain,
        values={"domain": domain, **values},
    )
