"""Letters that land in a folder."""

from pathlib import Path

import pytest

from publisher.delivery.envelope import Stationery, message_id
from publisher.delivery.mailbox import MailboxTransport
from publisher.delivery.transport import Accepted, Envelope
from publisher.model import Slot
from tests.delivery.post import LETTERS
from tests.samples import SITE, WEEKLY, at


def copy(reader: int = 1, *, minute: float = 0, content: bytes | None = None) -> Envelope:
    name = message_id(b"k" * 32, f"edition:1:{reader}", "hanbit-peace.example")
    written = Stationery(letter=LETTERS["ko"], site=SITE, list=WEEKLY).copy(
        recipient=f"r{reader}@reader.example",
        message_id=name,
        date=at(minute),
        values={Slot.UNSUBSCRIBE: "https://letters.hanbit-peace.example/unsubscribe/x"},
    )
    return Envelope(
        delivery_id=reader,
        claim_no=1,
        sender="letters@hanbit-peace.example",
        recipient=f"r{reader}@reader.example",
        message_id=name,
        content=content or written,
    )


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def go(_: Envelope) -> None:
    """Nothing speaks against it."""


async def test_a_copy_becomes_a_file_with_its_very_bytes(tmp_path: Path) -> None:
    envelope = copy()
    assert isinstance(await MailboxTransport(tmp_path / "mailbox").send(envelope, go), Accepted)
    [file] = files(tmp_path / "mailbox")
    assert file.read_bytes() == envelope.content


async def test_a_name_tells_when_and_what_but_not_to_whom(tmp_path: Path) -> None:
    await MailboxTransport(tmp_path).send(copy(), go)
    [file] = files(tmp_path)
    assert file.name.startswith("20260302T120000Z-weekly-ko-")
    assert file.suffix == ".eml"
    assert "reader" not in file.name


async def test_the_same_message_again_is_the_same_file(tmp_path: Path) -> None:
    first = MailboxTransport(tmp_path)
    await first.send(copy(), go)
    await first.send(copy(minute=9), go)
    await MailboxTransport(tmp_path).send(copy(content=b"Subject: again\r\n\r\n"), go)
    [file] = files(tmp_path)
    assert file.read_bytes() == b"Subject: again\r\n\r\n"


async def test_two_readers_have_two_files(tmp_path: Path) -> None:
    transport = MailboxTransport(tmp_path)
    for reader in (1, 2):
        await transport.send(copy(reader), go)
    assert len(files(tmp_path)) == 2


async def test_a_copy_that_is_called_back_leaves_nothing(tmp_path: Path) -> None:
    async def stop(_: Envelope) -> None:
        raise RuntimeError("not this one")

    with pytest.raises(RuntimeError):
        await MailboxTransport(tmp_path).send(copy(), stop)
    assert files(tmp_path) == []


async def test_content_without_headers_is_kept_too(tmp_path: Path) -> None:
    await MailboxTransport(tmp_path).send(copy(content=b"\r\nhello\r\n"), go)
    [file] = files(tmp_path)
    assert file.name.startswith("undated-letter-und-")
