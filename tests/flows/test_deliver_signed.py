"""Signed letters as they come over the wire, from the outbox to a server."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from publisher.delivery.dkim import Signer, SigningKey
from publisher.delivery.keyring import make_keys, read_keys
from publisher.delivery.policy import DkimPolicy, Security, SmtpProfile
from publisher.delivery.smtp import SmtpTransport
from publisher.flows.deliver import deliver
from publisher.model import DeliveryKind, LanguageKey
from publisher.store import outbox
from publisher.store.database import Database
from tests.bench.invented import letters
from tests.delivery import post
from tests.delivery.post import LETTERS, add_readers, post_office, release
from tests.delivery.smtp_server import Sink, honest
from tests.delivery.verifiers import by_dkimpy, zone_of
from tests.samples import at

COPIES = int(os.environ.get("PUBLISHER_TEST_SIGNED_COPIES", "15"))  # per language; `make soak` asks for more
LANGUAGES: Sequence[LanguageKey] = ("ko", "en")


@pytest.fixture
def keys(tmp_path: Path) -> tuple[SigningKey, ...]:
    policy = DkimPolicy(selector="p202603")
    make_keys(policy, tmp_path / "dkim")
    return read_keys(policy, tmp_path / "dkim", domain="hanbit-peace.example")


async def sent(db: Database, folder: Path, keys: Sequence[SigningKey]) -> list[bytes]:
    """Empty the outbox, signing; gives what came to the server."""
    sink = Sink()
    async with honest(sink) as port:
        road = SmtpTransport(SmtpProfile(host="127.0.0.1", port=port, security=Security.NONE))
        office = await post_office(db, folder / "journal", road)
        await deliver(replace(office, signer=Signer(keys=keys), letter_of=_in_korean))
        await road.close()
    contents = [one.content for one in sink.taken]
    assert all(isinstance(content, bytes) for content in contents)
    return [bytes(content) for content in contents if isinstance(content, bytes)]


async def _in_korean(*_asked: object) -> object:
    return LETTERS["ko"]


@pytest.mark.usefixtures("each_road")
async def test_every_copy_of_a_usual_edition_verifies_as_it_came_over_the_wire(
    db: Database, tmp_path: Path, keys: tuple[SigningKey, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "LETTERS", letters())
    for key in LANGUAGES:
        await add_readers(db, *(f"{key}{number}@reader.example" for number in range(COPIES)), languages=key)
    await release(db)
    contents = await sent(db, tmp_path, keys)
    assert len(contents) == len(set(contents)) == len(LANGUAGES) * COPIES
    for content in contents:
        assert by_dkimpy(content, zone_of(keys)) == [True, True]


async def test_letters_of_no_edition_are_signed_too(db: Database, tmp_path: Path, keys: tuple[SigningKey, ...]) -> None:
    async with db.begin() as tx:
        for kind in (DeliveryKind.ALARM, DeliveryKind.NOTICE):
            await outbox.enqueue_letter(
                tx,
                kind,
                cause="one",
                facts={},
                address=f"{kind}@reader.example",
                address_hash=kind,
                language_key="ko",
                now=at(),
            )
    contents = await sent(db, tmp_path, keys)
    assert [by_dkimpy(content, zone_of(keys)) for content in contents] == [[True, True]] * 2
