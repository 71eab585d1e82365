"""A house of our own to knock at: a real store, a real configuration, pages over ASGI."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx2

from publisher.app import App
from publisher.digest.render import compose_letters, content_hash
from publisher.model import Classification, Edition, Held, LetterKey, SourceItem
from publisher.store import arrivals, audience, editions, entries
from publisher.web import create
from subscribers.model import Subscription, SubscriptionStatus
from subscribers.tokens import Purpose
from tests.samples import at

PUBLIC = "https://letters.hanbit-peace.example"
LISTENING = "http://127.0.0.1:8080"
KEYS = ("ko", "en", "ko+en", "en+ko")

_CONFIGURATION = """
site:
  name: {{ko: 한빛평화연구소, en: Hanbit Peace Institute}}
  url: {url}
  sender: {{email: letters@hanbit-peace.example}}
archives:
  director:
    kind: gnuboard
    url: https://www.hanbit-peace.example/bbs/board.php?bo_table=director
    name: {{ko: 소장 칼럼, en: From the Director}}
    authors: {{문가람: {{ko: 문가람, en: Mun Garam}}}}
  papers:
    kind: gnuboard
    url: https://www.hanbit-peace.example/bbs/board.php?bo_table=papers
    name: {{ko: 정책 자료, en: Policy Papers}}
lists:
  weekly: {{name: {{ko: 주간 브리핑, en: Weekly Briefing}}, archives: [director, papers]}}
"""


def configured(folder: Path, url: str = PUBLIC) -> Path:
    """A configuration file for a site at this address."""
    path = folder / "config.yaml"
    path.write_text(_CONFIGURATION.format(url=url), encoding="utf-8")
    return path


def visitor(app: App, *, base_url: str = LISTENING, **rooms: Any) -> httpx2.AsyncClient:
    """Somebody who asks for pages; redirects are theirs to follow."""
    transport = httpx2.ASGITransport(app=create(app, feeds=app.shelf, **rooms))
    return httpx2.AsyncClient(transport=transport, base_url=base_url)


async def publish(app: App, *items: SourceItem, archive: str = "director", held: Held | None = None) -> list[str]:
    """Put pieces into an archive; gives the public ids of their entries."""
    async with app.db.begin() as tx:
        for one in items:
            await arrivals.add(tx, archive, one, host=app.site.host, now=at(), due_at=at(), held=held)
    return [arrivals.public_id_of(archive, one.source_key) for one in items]


async def compose(app: App, *public_ids: str, notes: Mapping[str, str] | None = None) -> Edition:
    """A draft of the weekly list with these entries."""
    async with app.db.begin() as tx:
        await editions.start_list(tx, "weekly", at())
        found = [await entries.by_public_id(tx, public_id) for public_id in public_ids]
        last = await editions.listed(tx, list_name="weekly", limit=1)
        number = last[0].number if last else 0
        edition_id = await editions.draft(
            tx,
            "weekly",
            [one.id for one in found if one],
            window_end=at() + timedelta(weeks=number),
            classification=Classification.INFORMATION,
            by="test",
            now=at(),
        )
        return await editions.get(tx, edition_id)


async def release(app: App, edition: Edition, keys: Sequence[LetterKey] = KEYS) -> Edition:
    """Approve a draft, freeze its letters, let the public see it."""
    signed = replace(edition, entries=tuple(app.sign(edition.entries)))
    letters = compose_letters(signed, app.mailing_list(edition.list), app.site, keys)
    async with app.db.begin() as tx:
        await editions.approve(tx, edition.id, by="test", now=at())
        await editions.mark_released(tx, edition.id, by="test", content_hash=content_hash(letters), now=at())
        await editions.freeze(tx, edition.id, [(one, content_hash({key: one})) for key, one in letters.items()])
        return await editions.get(tx, edition.id)


async def subscribe(app: App, address: str = "haneul@readers.example", *, languages: str = "ko") -> str:
    """Put a reader on the weekly list; gives the token of the link in their letters."""
    token_id = address.encode().ljust(16, b".")[:16]
    async with app.db.begin() as tx:
        person = await audience.add_subscriber(
            tx, address=address, address_key=address, address_hash=f"hash of {address}", name=None, now=at()
        )
        await audience.subscribe(
            tx,
            person,
            "weekly",
            languages=languages,
            status=SubscriptionStatus.ACTIVE,
            token_id=token_id,
            now=at(),
        )
    return app.token(Purpose.UNSUBSCRIBE, token_id)


async def subscription(app: App, address: str = "haneul@readers.example") -> Subscription:
    async with app.db.read() as tx:
        found = await audience.subscription_of(tx, f"hash of {address}", "weekly")
    assert found is not None
    return found


class Page(HTMLParser):
    """A page as far as the tests look into it: elements with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """The attributes of these elements, as far as they carry what is wanted."""
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and all(attributes.get(key) == value for key, value in wanted.items())
        ]

    def links(self) -> list[str]:
        return [one["href"] for one in self.all("a") if "href" in one]
