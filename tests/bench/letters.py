"""Joining a letter for each reader, beside the standard library building the same message."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime

from publisher.delivery.envelope import Stationery
from publisher.model import Letter, Slot, fill
from tests.bench.invented import letters
from tests.bench.measure import Row, Sizes, Work, at_least, check
from tests.samples import SITE, WEEKLY, at


def joining(language: str, name: str) -> Row:
    """The row for a letter in this language; Korean goes out in base64, English quoted-printable."""

    @contextmanager
    def row(sizes: Sizes) -> Iterator[Work]:
        letter = letters()[language]
        paper = Stationery(letter=letter, site=SITE, list=WEEKLY)
        yield Work(
            name=f"join a letter per recipient, {name}",
            peer="EmailMessage.as_bytes",
            ours=lambda: _cost(paper.copy, letter, sizes.letters),
            theirs=lambda: _cost(_Standard(letter, paper.sender.email).copy, letter, sizes.letters),
            target=at_least(200),
        )

    return row


def _cost(copy: Callable[..., bytes], letter: Letter, count: int) -> float:
    readers = [_reader(number) for number in range(count)]
    began = time.process_time()
    made = [copy(**reader) for reader in readers]
    took = time.process_time() - began
    _check(made, readers, letter)
    return took / count


def _reader(number: int) -> dict[str, object]:
    link = f"https://letters.hanbit-peace.example/unsubscribe/{number:044}"
    return {
        "recipient": f"r{number}@reader.example",
        "message_id": f"<{number:026}@hanbit-peace.example>",
        "date": at(1),
        "values": dict.fromkeys(Slot, link),
    }


def _check(made: Sequence[bytes], readers: Sequence[dict[str, object]], letter: Letter) -> None:
    message = message_from_bytes(made[-1], policy=policy.default)
    values = readers[-1]["values"]
    assert isinstance(values, dict)
    for kind, run in (("plain", letter.text), ("html", letter.html)):
        part = message.get_body(preferencelist=(kind,))
        said = part.get_content() if part else ""
        check(said.split() == fill(run, values).split(), f"the {kind} part is not what was written")
    check(message["Subject"].split() == letter.subject.split(), "the subject is another one")
    check(len(set(made)) == len(readers), "two readers got the same copy")


class _Standard:
    """The message as the standard library's manual builds it."""

    def __init__(self, letter: Letter, sender: str) -> None:
        self._letter = letter
        self._sender = sender

    def copy(self, *, recipient: str, message_id: str, date: object, values: Mapping[Slot, str]) -> bytes:
        message = EmailMessage(policy=policy.SMTP)
        message["From"] = self._sender
        message["To"] = recipient
        message["Subject"] = self._letter.subject
        message["Date"] = format_datetime(at(1))
        message["Message-ID"] = message_id
        message["List-Unsubscribe"] = f"<{values[Slot.UNSUBSCRIBE]}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(fill(self._letter.text, values))
        message.add_alternative(fill(self._letter.html, values), subtype="html")
        return message.as_bytes()
