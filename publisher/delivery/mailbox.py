"""
The road into a folder: each copy becomes an `.eml` file that any mail program opens.

For trying things out, and for a house without an SMTP server yet.
"""

import asyncio
import hashlib
import re
from datetime import UTC
from email.parser import BytesHeaderParser
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

from publisher.delivery.transport import Accepted, Envelope, Outcome, StartOfContent


class MailboxTransport:
    """
    Writes into `folder`, which is made when the first copy comes.

    A file appears whole or not at all. The same Message-ID is the same file,
    so a copy that is sent again replaces itself. Names sort by date and hold no
    address: `20261124T090000Z-weekly-ko-3q5…wm.eml`.
    """

    connections = 4

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: dict[str, str] | None = None

    async def send(self, envelope: Envelope, start: StartOfContent) -> Outcome:
        written = await asyncio.to_thread(self._write, envelope)
        try:
            await start(envelope)
        except BaseException:
            written.unlink()
            raise
        name = self._name(envelope)
        written.replace(self._folder / name)
        return Accepted(reply=f"written to {name}")

    async def close(self) -> None:
        """Nothing is held open."""

    def _write(self, envelope: Envelope) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f".{_key(envelope)}.part"  # one that a kill left behind is written over
        path.write_bytes(envelope.content)
        return path

    def _name(self, envelope: Envelope) -> str:
        """The file this message has already, else a new name."""
        if self._names is None:
            self._names = {path.stem.rpartition("-")[2]: path.name for path in self._folder.glob("*.eml")}
        key = _key(envelope)
        return self._names.setdefault(key, f"{_about(envelope.content)}-{key}.eml")


def _key(envelope: Envelope) -> str:
    """A Message-ID as a file name takes it: what our own have before the @, else a hash of the whole."""
    ours = re.fullmatch(r"<([a-z2-7]{26})@.+>", envelope.message_id)
    return ours[1] if ours else hashlib.sha256(envelope.message_id.encode()).hexdigest()[:26]


def _about(content: bytes) -> str:
    """What a file's name tells of its content: when, which list, which languages."""
    headers = BytesHeaderParser(policy=default).parsebytes(content)
    list_name = re.search(r"<([a-z0-9]+)\.", headers.get("List-Id", ""))
    languages = re.findall(r"[A-Za-z0-9]+", headers.get("Content-Language", ""))
    try:
        date = parsedate_to_datetime(headers.get("Date", "")).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    except ValueError:
        date = "undated"
    return "-".join([date, list_name[1] if list_name else "letter", "+".join(languages) or "und"])
