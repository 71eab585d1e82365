"""Letters out to a real Postfix, and what comes back of them by a real Dovecot to the right person."""

import asyncio
import json
import os
import smtplib
from collections.abc import Iterator
from contextlib import chdir
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from publisher.address import parse
from publisher.app import open_app
from publisher.cli import main
from publisher.delivery.bounces.traces import ReturnAddress
from publisher.flows.signup import Application, sign_up
from publisher.store.tables import deliveries
from tests.delivery.post import release
from tests.postfix import OURS, PASSWORD, THEIRS, USER, MailHouse, mail_house, why_not

_CONFIGURATION = """
site:
  name: {{ko: 한빛평화연구소, en: Hanbit Peace Institute}}
  url: https://letters.hanbit-peace.example
  sender: {{email: letters@{ours}}}
archives:
  director: {{kind: folder, path: pieces}}
lists:
  weekly: {{archives: [director]}}
delivery:
  smtp: {{host: localhost, port: {smtp_port}, user: {user}, password: {password}, security: starttls}}
  bounces:
    address: bounces@{ours}
    imap: {{host: localhost, port: {imap_port}, user: {user}, password: {password}, then: move, move_to: 반송}}
"""


@pytest.fixture(scope="module")
def house() -> Iterator[MailHouse]:
    """Where Postfix or Dovecot are missing the test is skipped, but in CI it fails."""
    if reason := why_not():
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with mail_house() as house:
        yield house


class Institute:
    """A configuration that leads to the mail house, and commands in it."""

    def __init__(self, folder: Path, house: MailHouse) -> None:
        self.config = folder / "config.yaml"
        (folder / "pieces").mkdir()
        text = _CONFIGURATION.format(
            ours=OURS, smtp_port=house.smtp_port, imap_port=house.imap_port, user=USER, password=PASSWORD
        )
        self.config.write_text(text, encoding="utf-8")

    async def release_to(self, *names: str) -> None:
        async with open_app(self.config, {}) as app:
            async with app.db.begin() as tx:
                for name in names:
                    person = parse(f"{name}@{THEIRS}")
                    application = Application(address=person, list="weekly", languages="ko", consent="asked")
                    await sign_up(tx, application, app.keys[0], now=app.now())
            await release(app.db)

    def run(self, *words: str, code: int = 0, **environ: str) -> str:
        with chdir(self.config.parent):
            result = CliRunner().invoke(main, ["--config", str(self.config), *words], env=environ)
        assert result.exit_code == code, result.output
        return result.output

    def ask(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json"))

    def collect(self, mails: int) -> dict[str, int]:
        """What so many mails brought; Dovecot may show one that has just come at the next look only."""
        found = dict.fromkeys(("refused", "mails", "known", "ended"), 0)
        for _ in range(20):
            looked = self.ask("bounce")
            for name in found:
                found[name] += looked[name] if name == "refused" else looked["mailboxes"][0][name]
            if found["mails"] >= mails:
                break
        return found

    def status(self, name: str) -> tuple[str, str | None]:
        (one,) = self.ask("subscribers", "show", f"{name}@{THEIRS}")["subscriptions"]
        return one["status"], one["ended_why"]


def answer_to(house: MailHouse, recipient: str) -> None:
    """A reader's mail program writes to the address for leaving."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"leaving@{THEIRS}", recipient, "unsubscribe"
    with smtplib.SMTP("127.0.0.1", house.smtp_port) as client:
        client.send_message(mail)


def test_what_comes_back_finds_its_person(house: MailHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(house.authority))
    institute = Institute(tmp_path, house)
    asyncio.run(institute.release_to("fine", "gone", "full", "refused", "later", "grey", "leaving"))

    told = institute.ask("deliver")
    assert told == {"sent": 4, "failed": 1, "withheld": 0, "uncertain": 0, "waiting": 2, "sending": 0}
    house.wait_for_mails(2)
    answer_to(house, asyncio.run(leaving_address(institute, "leaving")))
    house.wait_for_mails(3)

    assert institute.collect(3) == {"refused": 1, "mails": 3, "known": 3, "ended": 2}
    assert institute.status("gone") == ("ended", "bounced")
    assert institute.status("refused") == ("ended", "bounced")
    assert institute.status("leaving") == ("ended", "unsubscribed")
    for name in ("fine", "full", "later", "grey"):
        assert institute.status(name) == ("active", None)
    assert "a hard bounce (5.1.1" in institute.run("why", "weekly", "1", f"gone@{THEIRS}")
    assert "a soft bounce (5.2.2" in institute.run("why", "weekly", "1", f"full@{THEIRS}")
    assert list(house.maildir.glob("new/*")) == []
    assert institute.ask("bounce")["mailboxes"][0]["mails"] == 0, "nothing is read twice"

    later = institute.run("deliver", "--json", PUBLISHER_CLOCK="2030-01-01T00:00:00+00:00")
    assert json.loads(later)["sent"] == 2, "whom the greylist put off, and the goodbye to who left"
    assert json.loads(later)["waiting"] == 1


async def leaving_address(institute: Institute, name: str) -> str:
    """The address that a reader's copy offers for leaving."""
    async with open_app(institute.config, {}) as app, app.db.read() as tx:
        wanted = select(deliveries.c.id).where(deliveries.c.address == f"{name}@{THEIRS}")
        delivery_id = (await tx.execute(wanted)).scalar_one()
        address = ReturnAddress(address=f"bounces@{OURS}", secret=app.keys[-1].secret).leave(delivery_id)
        assert address is not None
        return address


def test_a_certificate_of_an_unknown_authority_is_refused(house: MailHouse, tmp_path: Path) -> None:
    institute = Institute(tmp_path, house)
    assert "its certificate is not valid" in institute.run("bounce", code=1)


def test_a_wrong_password_is_told_without_it(house: MailHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(house.authority))
    institute = Institute(tmp_path, house)
    told = institute.run("bounce", code=1, PUBLISHER_DELIVERY__BOUNCES__IMAP__PASSWORD="dry paint")
    assert f"refused the sign-in of '{USER}'" in told
    assert "dry paint" not in told
