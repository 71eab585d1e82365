"""Invented nouns for tests: short to ask for, complete when you get them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import text

from publisher.address import parse
from publisher.archive.source import ArchivePolicy, Cursor, Event, Finished, Found
from publisher.errors import SourceError
from publisher.flows.compose import House
from publisher.flows.signup import Application, sign_up
from publisher.model import MIXED, Face, Held, MailingList, Mode, Sender, Site, SourceItem
from publisher.store import arrivals, audience
from publisher.store.database import Database
from publisher.store.keys import all_keys
from subscribers.tokens import hash_of

KST = timezone(timedelta(hours=9))

SITE = Site(
    name={"ko": "한빛평화연구소", "en": "Hanbit Peace Institute"},
    url="https://letters.hanbit-peace.example",
    sender=Sender(
        name={"ko": "한빛평화연구소", "en": "Hanbit Peace Institute"},
        email="letters@hanbit-peace.example",
        phone="+82 2 555 0100",
        address={"ko": "서울 종로구 한빛길 12", "en": "12 Hanbit-gil, Jongno-gu, Seoul"},
    ),
)

WEEKLY = MailingList(
    name="weekly",
    titles={"ko": "주간 브리핑", "en": "Weekly Briefing"},
    archives=("director",),
    mode=Mode.AUTOMATIC,
    grace=timedelta(0),
)

DIRECTOR = ArchivePolicy(
    name="director",
    kind="gnuboard",
    url="https://www.hanbit-peace.example/bbs/board.php?bo_table=director",
    settle=timedelta(0),
    flood=5,
)


def item(key: int = 1, *, language: str = "ko", title: str | None = None, **changes: Any) -> SourceItem:
    """A piece as an archive would hand it over; `key` makes it another one."""
    url = f"https://www.hanbit-peace.example/bbs/board.php?bo_table=director&wr_id={key}"
    titles = {"ko": f"비무장지대의 봄 {key}", "en": f"Spring in the Demilitarized Zone {key}"}
    languages = ("ko", "en") if language == MIXED else (language,)
    faces = {
        face: Face(
            language=face,
            title=title or titles[face],
            summary={"ko": "산새가 먼저 돌아왔다.", "en": "The birds came back first."}[face],
            html={"ko": "<p>산새가 먼저 돌아왔다.</p>", "en": "<p>The birds came back first.</p>"}[face],
            url=url,
        )
        for face in languages
    }
    values: dict[str, Any] = {
        "source_key": str(key),
        "url": url,
        "author": "관리자",
        "published_at": datetime(2026, 3, 2, 20, 0, tzinfo=KST) + timedelta(minutes=key),
        "language": language,
        "faces": faces,
        "digest": f"digest of {key}",
    }
    return SourceItem(**{**values, **changes})


class Shelf:
    """An archive that hands over what is new or changed, or all (`repeats`), and breaks down after that if asked to."""

    def __init__(self, *items: SourceItem, fails: SourceError | None = None, repeats: bool = False) -> None:
        self.items: Sequence[SourceItem] = items
        self.fails = fails
        self.repeats = repeats

    async def read(self, known: Any, cursor: Cursor) -> Any:
        told = [one for one in self.items if self.repeats or known.get(one.source_key) != one.digest]
        events: list[Event] = [Found(item=one) for one in told]
        for event in events:
            yield event
        if self.fails:
            raise self.fails
        yield Finished(cursor={"reads": cursor.get("reads", 0) + 1})


def at(minutes: float = 0) -> datetime:
    """A moment after noon of the day on which the samples play."""
    return datetime(2026, 3, 2, 12, 0, tzinfo=UTC) + timedelta(minutes=minutes)


async def fill(db: Database, *items: SourceItem, minute: float = 0, held: Held | None = None) -> None:
    """Put pieces into the store as if they had arrived and settled at this minute."""
    async with db.begin() as tx:
        for one in items:
            await arrivals.add(tx, "director", one, host=SITE.host, now=at(minute), due_at=at(minute), held=held)


async def hold(db: Database, entry_id: int, why: Held) -> None:
    """Keep a stored entry out of letters, as if it had come so."""
    async with db.begin() as tx:
        await tx.execute(text("UPDATE entries SET held = :why WHERE id = :id"), {"why": why, "id": entry_id})


async def enlist(db: Database, address: str, languages: str = "ko", *, minute: float = 0) -> bytes:
    """Put an active reader on the weekly list; gives the token id of the subscription."""
    async with db.begin() as tx:
        key = (await all_keys(tx))[0]
        application = Application(address=parse(address), list="weekly", languages=languages, consent="asked in person")
        await sign_up(tx, application, key, now=at(minute))
        found = await audience.subscription_of(tx, hash_of(application.address.key, key.secret), "weekly")
        assert found is not None
        return found.token_id


HOUSE = House(site=SITE, sign=lambda entries: list(entries))
"""What editions are made with in tests."""
