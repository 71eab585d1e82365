"""`publisher bounce`, and where the answers are told afterwards."""

import asyncio
import json
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from publisher.address import parse
from publisher.app import open_app
from publisher.cli import main
from publisher.flows.signup import Application, sign_up
from tests.delivery.bounces.mails import arf, dsn, plain
from tests.delivery.post import release
from tests.samples import at
from tests.web.house import configured

KIM = "kim@reader.example"


class House:
    """A house from which one letter went, into the mailbox folder; `run` says a command there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = configured(folder)
        asyncio.run(self._release())
        self.run("deliver")
        (letter,) = (folder / "var" / "mailbox").glob("*.eml")
        self.head = letter.read_bytes().partition(b"\r\n\r\n")[0].decode()

    async def _release(self) -> None:
        async with open_app(self.config, {}) as app:
            async with app.db.begin() as tx:
                asked = Application(address=parse(KIM), list="weekly", languages="ko", consent="asked")
                await sign_up(tx, asked, app.keys[0], now=at())
            await release(app.db)

    def run(self, *words: str, code: int = 0, piped: bytes | None = None) -> str:
        with chdir(self.folder):
            result = CliRunner().invoke(main, ["--config", str(self.config), *words], input=piped)
        assert result.exit_code == code, result.output
        return result.output

    def ask(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json"))

    def file(self, content: bytes) -> str:
        path = self.folder / "bounce.eml"
        path.write_bytes(content)
        return str(path)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_bounce_is_told_with_kind_recipients_class_and_effect(house: House) -> None:
    file = house.file(dsn(returned=house.head))
    told = house.ask("bounce", file)
    (recipient,) = told["recipients"]
    assert (told["kind"], told["class"], told["effect"]) == ("bounce", "hard", "suppressed")
    assert (recipient["address"], recipient["class"], recipient["action"], recipient["status"]) == (
        KIM, "hard", "failed", "5.1.1",
    )  # fmt: skip
    assert (told["letter"]["list"], told["letter"]["number"]) == ("weekly", 1)
    assert house.ask("bounce", file)["effect"] == "known already"


def test_what_is_learned_is_told_where_one_asks(house: House) -> None:
    house.run("bounce", house.file(dsn(returned=house.head)))
    why = house.ask("why", "weekly", "1", KIM)
    assert "It came back, a hard bounce (5.1.1" in why["answer"][-1]
    assert "since then the address is never written to" in why["answer"][-1]
    assert why["copy"]["status"] == "sent"
    assert why["copy"]["returned"][0]["weight"] == "hard"
    person = house.ask("subscribers", "show", KIM)
    assert person["returned"][0]["effect"] == "suppressed"
    assert person["subscriptions"][0]["ended_why"] == "bounced"
    assert "came back" in house.run("subscribers", "show", KIM)
    assert "came back: 1 hard bounce" in house.run("show", "weekly", "1")
    assert house.ask("show", "weekly", "1")["returned"]["bounces"] == 1
    assert house.ask("status")["bounces"] == []


@pytest.mark.parametrize(
    ("mail", "kind", "effect"),
    [
        (lambda head: arf(returned=head), "complaint", "suppressed"),
        (
            lambda head: plain("수신거부", In_Reply_To=head.partition("Message-ID: ")[2].split()[0]),
            "refusal",
            "unsubscribed",
        ),
        (lambda head: plain("", subject="Out of Office"), "automatic reply", "none"),
        (lambda head: dsn(returned=""), "bounce", "none"),
        (lambda head: plain("Thank you for the letter.", subject="Hello"), "other", "none"),
    ],
)
def test_other_kinds_and_strangers(house: House, mail: Callable[[str], bytes], kind: str, effect: str) -> None:
    told = house.ask("bounce", house.file(mail(house.head)))
    assert (told["kind"], told["effect"]) == (kind, effect)


def test_a_mail_may_be_piped_in(house: House) -> None:
    told = house.run("bounce", "-", piped=dsn(returned=house.head))
    assert told.splitlines()[0] == "bounce, hard"
    assert "about weekly No. 1" in told
    assert "effect: suppressed" in told


def test_a_file_that_is_not_there_is_one_line(house: House) -> None:
    assert house.run("bounce", "none.eml", code=1).count("\n") == 1


def test_what_is_no_mail_is_called_so(house: House) -> None:
    picture = house.file(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(200))
    assert "is no mail: save what came back" in house.run("bounce", picture, code=1)
    assert "is no mail" in house.run("bounce", house.file(b""), code=1)


def test_without_a_file_the_mailboxes_are_read(house: House) -> None:
    assert "No mailbox is configured" in house.run("bounce")
    for name in ("new", "cur", "tmp"):
        (house.folder / "box" / name).mkdir(parents=True)
    (house.folder / "box" / "new" / "1").write_bytes(dsn(returned=house.head))
    with house.config.open("a") as config:
        config.write("delivery: {bounces: {maildir: {path: box}}}\n")
    told = house.ask("bounce")
    assert told["mailboxes"] == [{"name": "maildir", "mails": 1, "known": 1, "ended": 1, "failure": None}]
    assert house.ask("status")["bounces"][0]["known"] == 1
    assert "1 of 1 mails were about letters" in house.run("status")


def test_a_mailbox_that_cannot_be_read_is_told_with_the_cure(house: House) -> None:
    with house.config.open("a") as config:
        config.write("delivery: {bounces: {maildir: {path: nowhere}}}\n")
    assert "is no maildir: expected the folders new and cur in it" in house.run("bounce", code=1)
    assert "failing since" in house.run("status")
