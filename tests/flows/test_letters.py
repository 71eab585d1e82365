"""Letters that belong to no edition: queued once, written when they go, refused by nobody's mistake."""

import email
import email.policy
from collections.abc import Callable, Coroutine
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from sqlalchemy import insert, select

from publisher.digest.single import write_letter
from publisher.flows.conclude import Tally
from publisher.flows.deliver import deliver
from publisher.model import DeliveryKind, Facts, Letter
from publisher.store import outbox
from publisher.store.claims import Claimed
from publisher.store.database import Database, Tx
from publisher.store.tables import deliveries, suppressions
from tests.delivery.post import Road, add_readers, post_office, release, statuses
from tests.samples import SITE, at

FACTS: Facts = {
    "trouble": "failing",
    "names": {"ko": "소장 칼럼", "en": "From the Director"},
    "url": "https://www.hanbit-peace.example/bbs/board.php?bo_table=director",
    "since": "2026-03-02T12:00:00+00:00",
    "failures": 3,
    "detail": "no answer\r\nBcc: everybody@reader.example",
    "cure": "",
}

Sent: TypeAlias = Callable[[], Coroutine[Any, Any, tuple[Tally, list[EmailMessage]]]]


async def queue(db: Database, address: str = "kim@hanbit-peace.example", *, cause: str = "1") -> int | None:
    async with db.begin() as tx:
        return await outbox.enqueue_letter(
            tx,
            DeliveryKind.ALARM,
            cause=f"{cause}:{address}",
            facts=FACTS,
            address=address,
            address_hash=f"hash of {address}",
            language_key="ko+en",
            now=at(),
        )


@pytest.fixture
def send(db: Database, tmp_path: Path) -> Sent:
    """Empties the outbox; templates of an operator's own may lie in `tmp_path`."""

    async def letter_of(_tx: Tx, copy: Claimed) -> Letter:
        return write_letter(copy.kind, copy.facts, copy.language_key, SITE, tmp_path)

    async def go() -> tuple[Tally, list[EmailMessage]]:
        road = Road()
        tally = await deliver(replace(await post_office(db, tmp_path / "journal", road), letter_of=letter_of))
        return tally, [email.message_from_bytes(one.content, policy=email.policy.default) for one in road.carried]

    return go


async def test_a_letter_is_queued_once_for_its_cause(db: Database, send: Sent) -> None:
    assert await queue(db) is not None
    assert await queue(db) is None
    tally, [letter] = await send()
    assert tally == Tally(sent=1)
    assert letter["Subject"] == "자료실을 읽지 못하고 있습니다: 소장 칼럼"
    assert await queue(db) is None, "nor again once it is gone"
    assert await queue(db, cause="2") is not None


async def test_it_is_no_list_mail_and_says_that_a_program_wrote_it(db: Database, send: Sent) -> None:
    await queue(db)
    _, [letter] = await send()
    assert letter["Auto-Submitted"] == "auto-generated"
    assert [name for name in letter if name.startswith("List-")] == []
    assert letter["Message-ID"].endswith("@hanbit-peace.example>")
    assert letter["Content-Language"] == "ko, en"


async def test_what_strangers_wrote_stays_text(db: Database, send: Sent) -> None:
    await queue(db)
    _, [letter] = await send()
    assert letter["Bcc"] is None
    body = letter.get_body(("plain",))
    assert body is not None
    assert "no answer Bcc: everybody@reader.example" in body.get_content()


@pytest.mark.parametrize("reason", ["stopped", "erased"])
async def test_an_alarm_is_for_operators_and_asks_no_list(db: Database, send: Sent, reason: str) -> None:
    await queue(db)
    await suppress(db, reason)
    assert (await send())[0] == Tally(sent=1)


@pytest.mark.parametrize("reason", ["bounced", "complained"])
async def test_no_letter_goes_to_an_address_that_bounced_or_complained(db: Database, send: Sent, reason: str) -> None:
    await queue(db)
    await suppress(db, reason)
    assert (await send())[0] == Tally(withheld=1)
    assert await statuses(db) == {"kim@hanbit-peace.example": "withheld"}


async def test_a_template_that_is_wrong_is_named_and_stops_no_other_letter(
    db: Database, send: Sent, tmp_path: Path
) -> None:
    folder = tmp_path / "email" / "alarm"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("\n{{ facts.nothing_of_that_name }}", encoding="utf-8")
    await add_readers(db, "hana@reader.example")
    await release(db)
    await queue(db)
    tally, letters = await send()
    assert tally == Tally(sent=1, failed=1)
    assert [letter["To"] for letter in letters] == ["hana@reader.example"]
    async with db.read() as tx:
        failed = select(deliveries.c.reason).where(deliveries.c.kind == DeliveryKind.ALARM)
        reason = (await tx.execute(failed)).scalar_one()
    assert reason.startswith("email/alarm/subject.txt, line 2: ")


async def suppress(db: Database, reason: str) -> None:
    async with db.begin() as tx:
        row = {"address_hash": "hash of kim@hanbit-peace.example", "reason": reason, "at": at(), "means": "bounce"}
        await tx.execute(insert(suppressions).values(row))
