"""Reading the mailbox of bounces: on from where it was, each mail once, and an alarm when it cannot be read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from publisher.delivery.bounces.imap import ImapMailbox
from publisher.delivery.bounces.maildir import Maildir
from publisher.delivery.policy import ImapPolicy, MaildirPolicy, Security, WhenHandled
from publisher.digest.single import write_letter
from publisher.errors import MailboxError
from publisher.flows.collect import Collected, collect
from publisher.model import DeliveryKind, Facts
from publisher.store import feedback
from publisher.store.database import Database
from publisher.store.tables import deliveries
from tests.delivery.bounces.mails import dsn, plain
from tests.delivery.smtp_server import serving
from tests.flows.test_feedback import KIM, LEE, reception, sent, state
from tests.samples import SITE, at


@dataclass
class Box:
    """A mailbox of which the tests know everything; `fails` says what happens after so many mails."""

    mails: list[bytes]
    fails: Callable[[], Exception] | None = None
    after: int = 0
    read_keys: list[str] = field(default_factory=list)
    disposed: list[str] = field(default_factory=list)
    is_closed: bool = False

    def waiting(self, cursor: Mapping[str, Any]) -> Sequence[str]:
        return [str(number) for number in range(int(cursor.get("next", 0)), len(self.mails))]

    def read(self, key: str) -> bytes:
        if self.fails and len(self.read_keys) >= self.after:
            raise self.fails()
        self.read_keys.append(key)
        return self.mails[int(key)]

    def past(self, key: str) -> Mapping[str, Any]:
        return {"next": int(key) + 1}

    def dispose(self, key: str) -> None:
        self.disposed.append(key)

    def abort(self) -> None:
        """Nothing is waited for."""

    def close(self) -> None:
        self.is_closed = True


async def look(db: Database, open_box: Callable[[], Any], *, minute: float = 60, name: str = "imap") -> Collected:
    return await collect(await reception(db), name, open_box, alarm_after=3, now=at(minute))


async def source(db: Database) -> feedback.Source:
    async with db.read() as tx:
        return await feedback.source(tx, "imap")


async def alarms(db: Database) -> list[Facts]:
    async with db.read() as tx:
        rows = await tx.execute(select(deliveries.c.facts).where(deliveries.c.kind == DeliveryKind.ALARM))
        return list(rows.scalars())


async def test_mails_are_read_once_and_only_ours_are_put_away(db: Database, tmp_path: Path) -> None:
    copies = await sent(db, tmp_path, KIM, LEE)
    mails = [
        plain("A question about your last letter.", In_Reply_To=copies[LEE].message_id),
        dsn(to=copies[KIM].sender),
        plain("Lunch?", subject="Lunch"),
    ]
    box = Box(mails)
    assert await look(db, lambda: box) == Collected(mails=3, known=2, ended=1)
    assert box.disposed == ["1"], "what a person wrote is for a person to read"
    assert box.is_closed
    assert await look(db, lambda: box, minute=61) == Collected()
    assert await state(db, KIM) == ("ended", "bounced")
    assert ((await source(db)).mails, (await source(db)).known) == (3, 2)


async def test_cut_short_it_goes_on_where_it_was(db: Database, tmp_path: Path) -> None:
    copies = await sent(db, tmp_path, KIM, LEE)
    mails = [dsn(to=copies[KIM].sender), dsn(to=copies[LEE].sender)]
    broken = Box(mails, fails=lambda: MailboxError("gone"), after=1)
    assert (await look(db, lambda: broken)).failure == "gone"
    assert (await state(db, KIM), await state(db, LEE)) == (("ended", "bounced"), ("active", None))
    whole = Box(mails)
    assert await look(db, lambda: whole) == Collected(mails=1, known=1, ended=1)
    assert whole.read_keys == ["1"]


async def test_the_third_failure_in_a_row_alarms_once_and_its_end_is_told(db: Database) -> None:
    def broken() -> Box:
        raise MailboxError("127.0.0.1:993 refused the sign-in of 'bounces': check delivery.bounces.imap.user")

    for minute in range(6):
        await look(db, broken, minute=minute)
        assert len(await alarms(db)) == (minute >= 2)
    assert (await source(db)).failures == 6
    for minute in (10, 11):
        await look(db, lambda: Box([]), minute=minute)
    assert [facts["trouble"] for facts in await alarms(db)] == ["mailbox", "mailbox over"]
    assert (await source(db)).failing_since is None


FACTS: dict[str, Facts] = {
    "mailbox": {"trouble": "mailbox", "failures": 3, "detail": "no mailbox at localhost:993", "cure": ""},
    "mailbox over": {"trouble": "mailbox over", "failures": 0, "detail": "", "cure": ""},
    "paused": {"trouble": "complaints", "failures": 2000, "count": 7, "list": "weekly", "number": 3, "paused": True},
    "told": {"trouble": "bounces", "failures": 2000, "count": 50, "list": "weekly", "number": 3, "paused": False},
}


@pytest.mark.parametrize("name", FACTS)
@pytest.mark.parametrize("key", ["ko+en", "en"])
def test_the_letter_about_it_says_what_happened(name: str, key: str) -> None:
    facts = {"names": {}, "since": at().isoformat(), "url": "", "cure": "", "detail": ""} | FACTS[name]
    letter = write_letter(DeliveryKind.ALARM, facts, key, SITE)
    text = " ".join("".join(str(piece) for piece in letter.text).split())
    assert ("The edition was paused: no further copy leaves." in text) is (name == "paused")
    assert ("반송" in letter.subject) is (key == "ko+en" and name.startswith("mailbox"))
    assert "archive" not in text.replace("archives", "").lower()


# ── Maildir ──────────────────────────────────────────────────────────────────


def maildir(folder: Path, *mails: bytes) -> Path:
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number, mail in enumerate(mails):
        (folder / "new" / f"17000000{number}.M1P1.mx").write_bytes(mail)
    return folder


@pytest.mark.parametrize(
    ("then", "left"),
    [
        (WhenHandled.KEEP, ["cur/170000000.M1P1.mx:2,", "cur/170000001.M1P1.mx:2,"]),
        (WhenHandled.SEEN, ["cur/170000000.M1P1.mx:2,S", "cur/170000001.M1P1.mx:2,"]),
        (WhenHandled.DELETE, ["cur/170000001.M1P1.mx:2,"]),
        (WhenHandled.MOVE, [".Back/cur/170000000.M1P1.mx:2,S", "cur/170000001.M1P1.mx:2,"]),
    ],
)
async def test_a_maildir_is_read_and_only_ours_put_away(
    db: Database, tmp_path: Path, then: WhenHandled, left: list[str]
) -> None:
    copies = await sent(db, tmp_path / "journal", KIM)
    folder = maildir(tmp_path / "box", dsn(to=copies[KIM].sender), plain("Lunch?"))
    policy = MaildirPolicy(path=folder, then=then, move_to="Back")
    assert await look(db, lambda: Maildir(policy), name="maildir") == Collected(mails=2, known=1, ended=1)
    assert sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()) == left
    assert await look(db, lambda: Maildir(policy), name="maildir") == Collected()


async def test_a_folder_that_is_no_maildir_is_told(db: Database, tmp_path: Path) -> None:
    told = await look(db, lambda: Maildir(MaildirPolicy(path=tmp_path)), name="maildir")
    assert told.failure == f"{tmp_path} is no maildir: expected the folders new and cur in it"


# ── Servers that misbehave ───────────────────────────────────────────────────


@pytest.mark.parametrize(
    "greeting",
    [b"", b"* BYE go away\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"* OK hello\r\nxx\r\n" + b"x" * 5000 + b"\r\n"],
)
async def test_a_server_that_is_none_is_a_failure_in_one_line(db: Database, greeting: bytes) -> None:
    async def serve(_: Any, writer: Any) -> None:
        writer.write(greeting)
        await writer.drain()
        writer.close()

    async with serving(serve) as port:
        policy = ImapPolicy(host="127.0.0.1", port=port, security=Security.NONE, user="bounces", password="wet paint")
        told = await look(db, lambda: ImapMailbox(policy))
    assert told.failure
    assert "\n" not in told.failure
    assert "wet paint" not in told.failure


async def test_nobody_at_the_port_is_a_failure_that_passes(db: Database) -> None:
    policy = ImapPolicy(host="127.0.0.1", port=1, user="bounces", password="wet paint")
    assert "it is tried again" in str((await look(db, lambda: ImapMailbox(policy))).failure)


async def test_numbers_of_another_age_of_the_mailbox_say_nothing(db: Database) -> None:
    """A mailbox that was made anew numbers its mails from 1 on (UIDVALIDITY): it is read from there."""
    asked: list[bytes] = []

    async def serve(reader: Any, writer: Any) -> None:
        writer.write(b"* OK IMAP4rev1 ready\r\n")
        while line := await reader.readline():
            tag, command = line.split()[0], line.split()[1].upper()
            asked.append(line)
            answers = {
                b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
                b"EXAMINE": b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 3] x\r\n",
                b"UID": b"* SEARCH\r\n",
            }
            writer.write(answers.get(command, b"") + tag + b" OK done\r\n")
            await writer.drain()
        writer.close()

    async with db.begin() as tx:
        await feedback.advance(tx, "imap", {"validity": 6, "uid": 900}, known=True)
    async with serving(serve) as port:
        policy = ImapPolicy(host="127.0.0.1", port=port, security=Security.NONE, user="bounces", password="x")
        assert await look(db, lambda: ImapMailbox(policy)) == Collected()
    assert any(b"UID SEARCH UID 1:" in line for line in asked)
