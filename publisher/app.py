"""
The parts, put together once.

    async with open_app(path, os.environ) as app:
        await app.ingest("director")

Only here and in `cli` the whole configuration is seen; every flow is handed
what it needs. Pages, the clock and commands all hold an `App`.
"""

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from publisher.archive import open_source
from publisher.archive.authors import sign
from publisher.archive.source import ArchivePolicy, Remark, Source
from publisher.config import Config, load
from publisher.delivery.bounces.imap import ImapMailbox
from publisher.delivery.bounces.mailbox import Mailbox
from publisher.delivery.bounces.maildir import Maildir
from publisher.delivery.bounces.posted import Forged, Told, Unreadable
from publisher.delivery.dkim import Signer, SigningKey
from publisher.delivery.envelope import sender_of
from publisher.delivery.keyring import dns_name, dns_record, read_keys
from publisher.delivery.mailbox import MailboxTransport
from publisher.delivery.policy import DEFAULT_ROAD
from publisher.delivery.smtp import SmtpTransport
from publisher.delivery.transport import Transport
from publisher.digest.single import Postscript, write_letter
from publisher.errors import ConfigError, FetchError, NotAllowed, NotFound, Problem, TransportError
from publisher.feeds.plan import plan
from publisher.flows.alarm import look_after
from publisher.flows.announce import announce
from publisher.flows.ask import sort_requests
from publisher.flows.collect import Collected, collect
from publisher.flows.compose import House
from publisher.flows.deliver import PostOffice
from publisher.flows.feedback import Reception
from publisher.flows.follow import Followers
from publisher.flows.gaps import Bureau
from publisher.flows.hooks import take
from publisher.flows.illustrate import illustrate
from publisher.flows.ingest import Ingested, Progress, ingest
from publisher.flows.lapse import look_after_requests
from publisher.flows.notify import Desk
from publisher.flows.paper import Seal
from publisher.flows.press import Imprint, Press
from publisher.flows.release import current_letter
from publisher.flows.rename import rename_archives
from publisher.flows.sender import Inspector
from publisher.flows.syndicate import FeedShelf
from publisher.flows.terms import terms_of
from publisher.model import Entry, Feed, Images, Language, Letter, MailingList, Site, Texts
from publisher.net import DnsResolver, Fetcher
from publisher.preflight.names import OwnKey
from publisher.store import archives, arrivals, editions, media
from publisher.store.claims import Claimed
from publisher.store.database import Database, Tx, open_database
from publisher.store.keys import Key, all_keys
from publisher.translate import open_adapter
from subscribers import tokens
from subscribers.consent import ConsentText, missing

T = TypeVar("T")

_KEPT = 20  # certificates of providers, in memory


@dataclass(frozen=True, kw_only=True)
class Clock:
    """
    What time it is for due dates.

    `PUBLISHER_CLOCK` moves it: an offset fixed at process start, so that time
    goes on from there. Leases and timeouts always use the real clock.
    """

    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


def clock_from(environ: Mapping[str, str]) -> Clock:
    """The clock that `PUBLISHER_CLOCK` (an ISO time with its offset) asks for, else the real one."""
    text = environ.get("PUBLISHER_CLOCK", "")
    if not text:
        return Clock()
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        start = None
    if start is None or start.tzinfo is None:
        message = f"expected an ISO time with an offset such as 2026-11-24T09:00:00+09:00, got '{text}'"
        raise ConfigError([Problem(file="environment", line=None, column=None, key="PUBLISHER_CLOCK", message=message)])
    return Clock(offset=start - datetime.now(UTC))


@dataclass(frozen=True, kw_only=True)
class App:
    """Everything that is open while the house runs."""

    config: Config
    db: Database
    keys: tuple[Key, ...] = field(repr=False)
    clock: Clock

    @property
    def site(self) -> Site:
        return self.config.site

    def now(self) -> datetime:
        return self.clock.now()

    def local(self, moment: datetime) -> str:
        """A moment as the house's own wall clock shows it: `2026-11-24 09:00 KST`."""
        return f"{moment.astimezone(ZoneInfo(self.site.timezone)):%Y-%m-%d %H:%M %Z}"

    def day(self, moment: datetime) -> str:
        """The day of a moment on the same clock: `2026-11-24`."""
        return f"{moment.astimezone(ZoneInfo(self.site.timezone)):%Y-%m-%d}"

    def mailing_list(self, name: str) -> MailingList:
        """The list of this name. Raises NotFound, naming those that there are."""
        return _named(self.config.lists, name, "list")

    def archive(self, name: str) -> ArchivePolicy:
        """The archive of this name. Raises NotFound, naming those that there are."""
        return _named(self.config.archives, name, "archive")

    def sign(self, entries: Sequence[Entry]) -> list[Entry]:
        """The entries with their authors' names as the configuration prints them."""
        return sign(entries, self.config.archives)

    @property
    def house(self) -> House:
        """What editions are made with."""
        noting = {name: policy.settle for name, policy in self.config.archives.items() if policy.corrections == "note"}
        return House(site=self.site, sign=self.sign, noting=noting, templates=self.config.templates)

    @property
    def inspector(self) -> Inspector:
        """What looking at letters before release is done with; what archives may fetch, links may lead to."""
        delivery = self.config.delivery
        allow = [place for policy in self.config.archives.values() for place in policy.allow]
        keys: tuple[SigningKey, ...] = ()
        unsigned = ""
        try:
            keys = self.signing_keys()
        except TransportError as error:
            unsigned = str(error)
        return Inspector(
            house=self.house,
            seal=Seal.of(self.site, self.keys, delivery.bounces, Signer(keys=keys) if keys else None),
            servers={name: profile.host for name, profile in delivery.roads.items()},
            envelope=delivery.bounces.address.rpartition("@")[2],
            keys=[OwnKey(domain=key.domain, name=dns_name(key), record=dns_record(key)) for key in keys],
            unsigned=unsigned,
            names_missing=self.config.translate.glossary.missing,
            fetcher=lambda: self._fetcher(allow, timeout=8.0),
            lookup=DnsResolver(),
        )

    @property
    def desk(self) -> Desk:
        """What telling readers about their consents is done with."""
        return Desk(db=self.db, site=self.site, policy=self.config.notices, key=self.keys[0])

    @cached_property
    def feeds(self) -> tuple[Feed, ...]:
        """Every feed there is: the generated ones and the configured ones; those of categories come beside."""
        return plan(self.site, self._archive_titles, self.config.feeds)

    @property
    def formerly(self) -> Mapping[str, str]:
        """Former names of archives → the present ones."""
        return {policy.formerly: name for name, policy in self.config.archives.items() if policy.formerly}

    @property
    def _archive_titles(self) -> Mapping[str, Texts]:
        return {name: policy.titles for name, policy in self.config.archives.items()}

    @cached_property
    def press(self) -> Press:
        """Where feeds are made."""
        rights = {name: policy.rights for name, policy in self.config.archives.items()}
        imprint = Imprint(
            feeds=self.feeds,
            titles=self._archive_titles,
            site=self.site,
            rights=rights,
            hub=self.config.web.websub or "",
        )
        return Press(imprint, self.sign)

    @cached_property
    def shelf(self) -> FeedShelf:
        """The feeds as they are served."""
        return FeedShelf(self.db, self.press, now=self.now)

    @cached_property
    def followers(self) -> Followers:
        """How many ask for the feeds."""
        return Followers(self.now)

    async def tell_hub(self) -> None:
        """Tell the configured WebSub hub of the feeds that changed, if there is a hub."""
        if hub := self.config.web.websub:
            async with self._fetcher() as fetcher:
                await announce(self.db, self.shelf, self.feeds, self.site, hub=hub, fetcher=fetcher, now=self.now())

    async def ingest(self, archive: str, progress: Progress | None = None) -> Ingested:
        """Read one archive now, and tell the operators if it needs somebody."""
        policy = self.archive(archive)
        async with self._source(archive) as source:
            ingested = await ingest(self.db, source, policy, host=self.site.host, now=self.now(), progress=progress)
        await self.look_after(archive)
        await self._illustrate(archive)
        return ingested

    async def _illustrate(self, archive: str) -> None:
        """Copy the images that letters of this archive are to show."""
        lists = [one for one in self.config.lists.values() if archive in one.archives and one.images is not Images.NONE]
        if lists:
            async with self._fetcher(self.archive(archive).allow) as fetcher:
                await illustrate(self.db, archive, lists, fetcher, now=self.now())

    async def look_after(self, archive: str) -> int:
        """Queue the alarm, or the all-clear, that an archive's health asks for; gives how many letters."""
        return await look_after(self.db, self.archive(archive), self.site, self.keys[0], now=self.now())

    async def probe(self, archive: str) -> None:
        """Begin to read an archive and stop at the first thing it shows. Raises SourceError if it cannot be read."""
        async with self.db.read() as tx:
            cursor = (await archives.state_of(tx, archive)).cursor
            known = await arrivals.digests(tx, archive)
        async with self._source(archive) as source:
            async for event in source.read(known, cursor):
                if not isinstance(event, Remark):
                    return

    @asynccontextmanager
    async def _source(self, archive: str) -> AsyncIterator[Source]:
        policy = self.archive(archive)
        async with self._fetcher(policy.allow) as fetcher:
            yield open_source(policy, fetcher, self.now)

    # ── What comes back ──────────────────────────────────────────────────────

    @property
    def reception(self) -> Reception:
        """What hearing of bounces and complaints is done with."""
        return Reception(db=self.db, site=self.site, keys=self.keys, policy=self.config.bounces)

    @property
    def mailboxes(self) -> Mapping[str, Callable[[], Mailbox]]:
        """The mailboxes that bounces come to, by the kind of mailbox; each is opened by the call."""
        policy = self.config.delivery.bounces
        found: dict[str, Callable[[], Mailbox]] = {}
        if policy.imap:
            found["imap"] = partial(ImapMailbox, policy.imap)
        if policy.maildir:
            found["maildir"] = partial(Maildir, policy.maildir)
        return found

    async def collect(self, name: str) -> Collected:
        """Read one of the mailboxes now."""
        alarm_after = self.config.delivery.bounces.alarm_after
        return await collect(self.reception, name, self.mailboxes[name], alarm_after=alarm_after, now=self.now())

    async def take_posted(self, hook: str, body: bytes) -> Told | Forged | Unreadable | None:
        """Hear what a provider posted to one of the webhooks."""
        return await take(hook, body, self.reception, self.config.delivery.bounces, self._fetch_once, now=self.now())

    @cached_property
    def _fetched(self) -> dict[str, bytes]:
        return {}

    async def _fetch_once(self, url: str) -> bytes:
        """What stands at an address of a provider's; certificates are asked for again and again."""
        if url not in self._fetched:
            async with self._fetcher() as fetcher:
                page = await fetcher.get(url, follow=False, max_bytes=64 * 1024)
            if page.status != HTTPStatus.OK:
                raise FetchError("unreachable", f"{url}: answered {page.status}")
            if len(self._fetched) >= _KEPT:
                self._fetched.clear()
            self._fetched[url] = page.content
        return self._fetched[url]

    def _fetcher(self, allow: Sequence[str] = (), timeout: float = 30.0) -> Fetcher:
        return Fetcher(allow=allow, contact=self.site.sender.email or self.site.url, timeout=timeout)

    @asynccontextmanager
    async def bureau(self, archive: str | None = None) -> AsyncIterator[Bureau]:
        """
        What translating needs, for one archive or all that are to be translated.

        Raises NotAllowed where no service is configured, or not for this archive.
        """
        policy = self.config.translate
        chosen = policy.archives or tuple(self.config.archives)
        if policy.service is None:
            raise NotAllowed("no translation service is configured: translate.service names one (deepl or openai)")
        if archive is not None and self.archive(archive).name not in chosen:
            raise NotAllowed(f"'{archive}' is not translated: translate.archives names {', '.join(chosen)}")
        async with Fetcher(
            allow=policy.allow, contact=self.site.url, timeout=policy.timeout.total_seconds()
        ) as fetcher:
            yield Bureau(
                db=self.db,
                site=self.site,
                policy=policy,
                archives=chosen if archive is None else (archive,),
                adapter=open_adapter(policy),
                fetcher=fetcher,
                now=self.now,
            )

    @asynccontextmanager
    async def post_office(self) -> AsyncIterator[PostOffice]:
        """
        What delivering needs, by the roads that are configured: SMTP, or else the mailbox folder.

        Raises TransportError when letters are to be signed and cannot be.
        """
        policy = self.config.delivery.share
        signing_keys = self.signing_keys()
        roads: Mapping[str, Transport] = {name: self.smtp_road(name) for name in policy.roads}
        roads = roads or {DEFAULT_ROAD: MailboxTransport(self.mailbox)}
        try:
            yield PostOffice(
                db=self.db,
                roads=roads,
                policy=policy,
                site=self.site,
                lists=self.config.lists,
                keys=self.keys,
                journals=self.config.var / "journal",
                now=self.now,
                letter_of=self._letter,
                signer=Signer(keys=signing_keys) if signing_keys else None,
            )
        finally:
            for road in roads.values():
                await road.close()

    def smtp_road(self, name: str) -> SmtpTransport:
        """The road of an SMTP profile."""
        return SmtpTransport(
            self.config.delivery.share.roads[name],
            keys=f"delivery.{_keys_of(name)}",
            kept=self.config.var / "tokens" / f"{name}.json",
        )

    def signing_keys(self) -> tuple[SigningKey, ...]:
        """The keys that letters are signed with (`delivery.dkim`), none where they are not. Raises TransportError."""
        return read_keys(self.config.delivery.dkim, self.signing_folder, domain=self.sender_domain)

    @property
    def sender_domain(self) -> str:
        """The domain that letters come from."""
        return sender_of(self.site, self.site.languages[0]).domain

    @property
    def signing_folder(self) -> Path:
        """Where the keys lie that `publisher dkim` makes."""
        return self.config.var / "dkim"

    @property
    def mailbox(self) -> Path:
        """Where letters lie while no SMTP server is configured."""
        return self.config.var / "mailbox"

    async def _letter(self, tx: Tx, copy: Claimed) -> Letter | None:
        """The letter of a copy that has no frozen one; a test of a draft gets it as it would be now."""
        if copy.edition_id is None:
            return write_letter(
                copy.kind, copy.facts, copy.language_key, self.site, self.config.templates, self._postscript
            )
        edition = await editions.get(tx, copy.edition_id)
        return await current_letter(tx, edition, self.mailing_list(edition.list), self.house, copy.language_key)

    # ── Links ────────────────────────────────────────────────────────────────

    @cached_property
    def _secrets(self) -> Mapping[int, bytes]:
        return {key.id: key.secret for key in self.keys}

    def token(self, purpose: tokens.Purpose, token_id: bytes) -> str:
        """The text of a link for the `token_id` of a subscription or a request."""
        newest = self.keys[-1]
        return tokens.make(purpose, token_id, key_id=newest.id, secret=newest.secret, day=self._day(purpose))

    def read_token(self, text: str, purpose: tokens.Purpose) -> tokens.Token | None:
        """The token in a link, or None when it was not made here for this. A dated one may have grown old."""
        return tokens.read(text, purpose, secrets=self._secrets, today=self._day(purpose))

    def _day(self, purpose: tokens.Purpose) -> date | None:
        """Links to a reader's own page are dated; all others end otherwise, or never."""
        return self.now().date() if purpose is tokens.Purpose.PREFERENCES else None

    @cached_property
    def _postscript(self) -> Postscript:
        """What letters to one person need of the house: what lists are called, and the person's own links."""

        def url(purpose: str, token_id: str) -> str:
            token = self.token(tokens.Purpose[purpose.upper()], bytes.fromhex(token_id))
            match purpose:
                case "unsubscribe":
                    return self.site.unsubscribe_url(token)
                case "confirm":
                    return self.site.confirm_url(token)
                case "keep":
                    return self.site.keep_url(token)
            return self.site.preferences_url(token)

        titles = {name: mailing_list.titles for name, mailing_list in self.config.lists.items()}
        return Postscript(lists=titles, url=url)

    # ── Asking ───────────────────────────────────────────────────────────────

    @cached_property
    def terms(self) -> Mapping[Language, ConsentText]:
        """What people are told before they consent."""
        return terms_of(self.site, self.config.lists.values(), self.config.consent, self.config.delivery.providers)

    @property
    def unpublished(self) -> tuple[str, ...]:
        """What is still missing in `subscribers.consent`, by key: while anything is, nobody can subscribe by a page."""
        goes_abroad = any(one.is_abroad(self.site.country) for one in self.config.delivery.providers)
        return missing(self.terms, self.config.consent.abroad, goes_abroad=goes_abroad)

    async def sort_requests(self) -> int:
        """Queue the letters that new requests ask for; gives how many."""
        return await sort_requests(self.db, now=self.now())

    async def look_after_requests(self) -> int:
        """Remind, expire and forget requests; gives how many letters were queued."""
        return await self.sort_requests() + await look_after_requests(self.db, now=self.now())


@asynccontextmanager
async def open_app(path: Path, environ: Mapping[str, str] = os.environ) -> AsyncIterator[App]:
    """Read the configuration, open the store, and hand out the parts; everything is closed at the end."""
    config = load(path, environ)
    db = await open_database(config.store.url)
    try:
        app = App(config=config, db=db, keys=await _keys(db), clock=clock_from(environ))
        await rename_archives(db, config.archives.values())
        await _start_lists(app)
        await _keep_logo(app)
        yield app
    finally:
        await db.close()


def _keys_of(road: str) -> str:
    """Where a road is configured, below `delivery`."""
    return "smtp" if road == DEFAULT_ROAD else f"profiles.{road}"


async def _keys(db: Database) -> tuple[Key, ...]:
    async with db.read() as tx:
        return await all_keys(tx)


async def _start_lists(app: App) -> None:
    """A list begins when it is seen for the first time: what was due before is no news to it."""
    async with app.db.read() as tx:
        missing = set(app.config.lists) - await editions.started_lists(tx)
    if missing:
        async with app.db.begin() as tx:
            for name in sorted(missing):
                await editions.start_list(tx, name, app.now())


async def _keep_logo(app: App) -> None:
    """Letters that are out show the logo of their day, also once it is another."""
    if app.config.logo is None:
        return
    async with app.db.read() as tx:
        is_kept = await media.is_kept(tx, app.config.logo.picture.hash)
    if not is_kept:
        async with app.db.begin() as tx:
            await media.keep(tx, app.config.logo, now=app.now())


def _named(things: Mapping[str, T], name: str, kind: str) -> T:
    if name not in things:
        known = ", ".join(things) or "none is configured"
        raise NotFound(f"no {kind} is called '{name}'; there are: {known}")
    return things[name]
