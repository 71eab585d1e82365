"""A released edition with invented readers, and a post office to send it with."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select

from publisher.delivery.policy import DeliveryPolicy, RetryPolicy
from publisher.delivery.transport import Accepted, Envelope, Outcome, StartOfContent, Transport
from publisher.flows.deliver import PostOffice
from publisher.model import Account, Classification, DeliveryKind, LanguageKey, Letter, Slot
from publisher.store import audience, editions, outbox
from publisher.store.database import Database
from publisher.store.keys import all_keys
from publisher.store.tables import deliveries, subscribers, subscriptions
from subscribers.model import SubscriptionStatus
from subscribers.tokens import hash_of
from tests.samples import SITE, WEEKLY, at

LETTERS: Mapping[LanguageKey, Letter] = {
    "ko": Letter(
        language_key="ko",
        subject="주간 브리핑 제12호: 비무장지대의 봄",
        html=("<p>산새가 먼저 돌아왔다.</p><a href='", Slot.UNSUBSCRIBE, "'>수신 거부</a>"),
        text=("산새가 먼저 돌아왔다.\n\n수신 거부: ", Slot.UNSUBSCRIBE, "\n"),
    ),
    "en": Letter(
        language_key="en",
        subject="Weekly Briefing No. 12: Spring in the Demilitarized Zone",
        html=("<p>The birds came back first.</p><a href='", Slot.UNSUBSCRIBE, "'>Unsubscribe</a>"),
        text=("The birds came back first.\n\nUnsubscribe: ", Slot.UNSUBSCRIBE, "\n"),
    ),
}


async def add_readers(db: Database, *addresses: str, languages: LanguageKey = "ko") -> None:
    """Confirmed readers of the weekly list."""
    async with db.begin() as tx:
        secret = (await all_keys(tx))[0].secret
        people = [
            {
                "address": one,
                "address_key": one.lower(),
                "address_hash": hash_of(one.lower(), secret),
                "created_at": at(),
            }
            for one in addresses
        ]
        await tx.execute(insert(subscribers), people)
        keys = [person["address_key"] for person in people]
        ids = await tx.execute(
            select(subscribers.c.id).where(subscribers.c.address_key.in_(keys)).order_by(subscribers.c.id)
        )
        rows = [
            {
                "subscriber_id": subscriber_id,
                "list": WEEKLY.name,
                "languages": languages,
                "status": SubscriptionStatus.ACTIVE,
                "token_id": secrets.token_bytes(16),
                "created_at": at(),
            }
            for subscriber_id in ids.scalars()
        ]
        await tx.execute(insert(subscriptions), rows)


async def release(db: Database, *, due_at: datetime | None = None, keys: Sequence[LanguageKey] = ("ko", "en")) -> int:
    """Release an edition of the weekly list to whoever reads it; gives its id."""
    async with db.begin() as tx:
        await editions.start_list(tx, WEEKLY.name, at())
        edition_id = await editions.draft(
            tx, WEEKLY.name, [], window_end=at(1), classification=Classification.INFORMATION, by="test", now=at(1)
        )
        await editions.approve(tx, edition_id, by="test", now=at(1))
        await editions.mark_released(tx, edition_id, by="test", content_hash="0" * 64, now=at(1))
        await editions.freeze(tx, edition_id, [(LETTERS[key], "0" * 64) for key in keys])
        await outbox.enqueue_edition(tx, edition_id, WEEKLY.name, now=at(1), due_at=due_at or at(1))
    return edition_id


async def refuse(db: Database, address: str) -> None:
    """The reader leaves the weekly list."""
    async with db.begin() as tx:
        secret = (await all_keys(tx))[0].secret
        await audience.refuse(tx, hash_of(address, secret), WEEKLY.name, means="one-click", now=at(2))


async def account(db: Database, edition_id: int) -> Account:
    """The account of an edition, compared with its rows."""
    ours = (deliveries.c.edition_id == edition_id) & (deliveries.c.kind == DeliveryKind.EDITION)
    async with db.read() as tx:
        told = await outbox.account(tx, edition_id)
        counted = await tx.execute(select(deliveries.c.status, func.count()).where(ours).group_by(deliveries.c.status))
        assert told == Account(**{row[0]: row[1] for row in counted}), "the account and the rows differ"
    return told


async def statuses(db: Database) -> dict[str, str]:
    """Address → status of its delivery."""
    async with db.read() as tx:
        rows = await tx.execute(select(deliveries.c.address, deliveries.c.status))
        return {row.address: row.status for row in rows}


@dataclass
class Road:
    """A transport that does as it is told and remembers what it was given. `answer` decides per copy."""

    connections: int = 3
    answer: Callable[[Envelope], Outcome] = lambda envelope: Accepted()
    carried: list[Envelope] = field(default_factory=list)

    async def send(self, envelope: Envelope, start: StartOfContent) -> Outcome:
        await start(envelope)
        self.carried.append(envelope)
        return self.answer(envelope)

    async def close(self) -> None:
        """Nothing is held open."""

    @property
    def recipients(self) -> list[str]:
        return sorted(envelope.recipient for envelope in self.carried)


async def post_office(
    db: Database, journals: Path, transport: Transport, policy: DeliveryPolicy | None = None, minute: float = 5
) -> PostOffice:
    """A post office at a fixed moment, five minutes after noon unless told."""
    async with db.read() as tx:
        keys = await all_keys(tx)
    moment = at(minute)
    return PostOffice(
        db=db,
        roads={"default": transport},
        policy=policy or DeliveryPolicy(retry=RetryPolicy(first_wait=timedelta(minutes=5))),
        site=SITE,
        lists={WEEKLY.name: WEEKLY},
        keys=keys,
        journals=journals,
        now=lambda: moment,
    )
