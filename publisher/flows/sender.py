"""What receivers see of the house, whatever the edition: its site, and the domain that its letters come from."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from publisher.delivery.envelope import sender_of
from publisher.flows.answers import Weighed, weigh
from publisher.flows.compose import House
from publisher.i18n import noted
from publisher.model import Site
from publisher.net import Fetcher, Lookup
from publisher.preflight.domains import is_for_trying
from publisher.preflight.finding import Colour, Finding
from publisher.preflight.links import Patience
from publisher.preflight.mailboxes import mailboxes
from publisher.preflight.names import OwnKey, Sending, names
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

    Without `fetcher` and `lookup` nothing is asked of the network. `server` is the
    SMTP server's name, '' where letters go to a folder and never leave. `envelope` is
    the domain that copies come back to, '' for the sender's own. `signed`
    puts the house's signatures on a copy, and `unsigned` says why they are wanted and
    cannot be made; `names_missing` is the glossary's question.
    """

    house: House
    server: str = ""
    envelope: str = ""
    keys: Sequence[OwnKey] = ()
    names_missing: NamesMissing | None = None
    signed: Callable[[bytes], bytes] = bytes
    unsigned: str = ""
    fetcher: Callable[[], Fetcher] | None = None
    lookup: Lookup | None = None
    patience: Patience = field(default_factory=Patience)

    @property
    def site(self) -> Site:
        return self.house.site


async def look_at_house(db: Database, inspector: Inspector) -> Weighed:
    """What is to be said of the site and the sender's domain, whatever the edition."""
    if trying := only_tries(inspector):
        return Weighed(findings=[trying], accepted=[])
    found = [await _site(inspector), *await _names(db, inspector)]
    async with db.read() as tx:
        weighed = await weigh(tx, found)
    return replace(weighed, findings=[*weighed.findings, *mailboxes(weighed.findings, author_domain(inspector.site))])


async def _site(inspector: Inspector) -> Finding:
    if inspector.fetcher is None:
        return await site(inspector.site.url, None)
    async with inspector.fetcher() as visitor:
        return await site(inspector.site.url, visitor)


async def note_signer(tx: Tx, results: Results, author: str, *, who: str, now: datetime) -> str:
    """Keep for which domain a mailbox saw the provider sign; gives it, '' when no signature held."""
    signer = results.signer(author)
    if signer:
        await acceptances.record(tx, Acceptance(check=SIGNED_BY, subject=author, who=who, why=signer, at=now))
    return signer


def author_domain(site: Site) -> str:
    """The domain of From."""
    return sender_of(site, site.languages[0]).domain


def only_tries(inspector: Inspector) -> Finding | None:
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
    if inspector.unsigned:
        what = noted("Letters are to be signed and cannot be: %(reason)s.")
        cure = noted("publisher dkim --check says what to do.")
        return [_domain(Colour.RED, author, what, cure, reason=inspector.unsigned)]
    if inspector.lookup is None:
        return []
    async with db.read() as tx:
        seen = (await acceptances.about(tx, [author])).get((SIGNED_BY, author))
    sending = Sending(
        author=author,
        envelope=inspector.envelope or author,
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
