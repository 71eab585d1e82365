"""
The bytes of a letter, read again as a mailbox reads them.

Lines and headers are taken apart here, bodies by the standard library's parser:
neither wrote the letter, so what reads it does not repeat the writer's faults.
"""

import email
import email.policy
import re
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from functools import cached_property

from selectolax.lexbor import LexborHTMLParser

from publisher.model import LetterKey

_BLANKS = re.compile(r"\s")
_FOLD = re.compile(r"\r\n(?=[ \t])")


@dataclass(frozen=True, kw_only=True)
class Part:
    """
    One body: its media type, its text ('' where it does not decode), its bytes on the wire.

    An image has no text, and a name by which the HTML shows it.
    """

    type: str
    text: str
    size: int
    content_id: str = ""

    @property
    def is_image(self) -> bool:
        return self.type.startswith("image/")


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """
    A letter as it arrives in a mailbox.

    `headers` are (name, value as it stands on the wire, unfolded), in order.
    `faults` is what could not be read, one short text each.
    """

    key: LetterKey
    headers: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    lines: tuple[bytes, ...]
    faults: tuple[str, ...]

    def value(self, name: str) -> str | None:
        """The one header of this name; None where there is none, or several."""
        found = [value for header, value in self.headers if header.lower() == name.lower()]
        return found[0] if len(found) == 1 else None

    def decoded(self, name: str) -> str:
        """What a person sees of a header; '' for none."""
        return _decoded(self.value(name) or "")

    @property
    def sender(self) -> tuple[str, str]:
        """Name and address of From."""
        name, address = parseaddr(self.value("From") or "")
        return _decoded(name), address

    def part(self, media_type: str) -> Part | None:
        return next((part for part in self.parts if part.type == media_type), None)

    def body(self, media_type: str) -> str:
        """The text of this part, '' for none."""
        part = self.part(media_type)
        return part.text if part else ""

    @cached_property
    def page(self) -> LexborHTMLParser:
        """The HTML part as a browser reads it."""
        return LexborHTMLParser(self.body("text/html"))

    @property
    def both(self) -> tuple[str, str]:
        """The text of either part without white space: lines are broken where they are full."""
        body = self.page.body
        texts = (self.body("text/plain"), body.text() if body else "")
        plain, html = (_BLANKS.sub("", text) for text in texts)
        return plain, html


def read(key: LetterKey, content: bytes) -> Arrived:
    """Read a letter anew from its bytes; never raises, what is wrong is among its `faults`."""
    head, _, _ = content.partition(b"\r\n\r\n")
    message = email.message_from_bytes(content, policy=email.policy.default)
    faults = [type(defect).__name__ for part in message.walk() for defect in part.defects]
    parts = []
    for leaf in message.walk():
        if leaf.is_multipart():
            continue
        try:
            parts.append(_part(leaf))
        except (UnicodeDecodeError, LookupError) as error:
            parts.append(Part(type=leaf.get_content_type(), text="", size=len(str(leaf.get_payload()))))
            faults.append(f"{leaf.get_content_type()}: {error}")
    return Arrived(
        key=key,
        headers=tuple(_headers(head.decode("ascii", "replace"))),
        parts=tuple(parts),
        lines=tuple(content.split(b"\r\n")),
        faults=tuple(faults),
    )


def _part(leaf: Message) -> Part:
    """Raises UnicodeDecodeError, or LookupError for a character set that nobody knows."""
    kind, size = leaf.get_content_type(), len(str(leaf.get_payload()))
    if leaf.get_content_maintype() == "image":
        return Part(type=kind, text="", size=size, content_id=str(leaf.get("Content-ID", "")).strip().strip("<>"))
    raw = leaf.get_payload(decode=True)
    text = raw.decode(leaf.get_content_charset("us-ascii")) if isinstance(raw, bytes) else ""
    return Part(type=kind, text=text, size=size)


def _headers(head: str) -> list[tuple[str, str]]:
    pairs = (line.partition(":") for line in _FOLD.sub("", head).split("\r\n"))
    return [(name, value.strip(" \t")) for name, _, value in pairs]


def _decoded(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (UnicodeError, LookupError, ValueError):
        return value
