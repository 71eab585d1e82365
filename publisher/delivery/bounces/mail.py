"""
A stranger's mail taken apart, within limits.

Read with the old policy of `email`: the new one parses headers when they are
looked at, and there are headers over which it stumbles. Nothing here raises;
what cannot be read is empty. Only the beginning is read: a report stands before
the letter that it returns, however large that was.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import Compat32
from email.utils import parsedate_to_datetime

from publisher import markup

LARGEST = 256 * 1024
"""Bytes of a mail that are read; what comes behind is not looked at."""

_MOST_PARTS = 60
_LONGEST_TEXT = 64 * 1024  # characters of one part
_LONGEST_HEADER = 4096

_FAULTS = (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What `email` has been seen to raise over mails that are broken, or built to break it."""


_ENCODED = re.compile(
    r"=\?[^?\s]{1,60}\?[bq]\?[^?\s]{0,500}\?=(\s+=\?[^?\s]{1,60}\?[bq]\?[^?\s]{0,500}\?=)*", re.IGNORECASE
)


_REPEATED = re.compile(r"(re|fw|fwd|회신|답장|전달)\s*:", re.IGNORECASE)


class _AsItStands(Compat32):
    """Headers as they are on the wire: Korean systems put CP949 there unencoded, which would be taken away."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value


class Mail:
    """One mail. Header names are asked for in any case."""

    def __init__(self, content: bytes) -> None:
        self.raw = content[:LARGEST]
        try:
            self._message: Message = message_from_bytes(self.raw, policy=_AsItStands())
            self.parts: list[Message] = _parts(self._message)
        except _FAULTS:  # thousands of parts within each other: its headers are all we take
            head = self.raw.partition(b"\r\n\r\n")[0].partition(b"\n\n")[0]
            self._message = message_from_bytes(head, policy=_AsItStands())
            self.parts = []

    def beginning(self, size: int) -> Message:
        """The first bytes as a message of `email`'s own, for those who want one."""
        return message_from_bytes(self.raw[:size])

    def header(self, name: str) -> str:
        """The decoded value of a header on one line, '' where there is none."""
        return header_of(self._message, name)

    def headers(self, name: str) -> list[str]:
        """Every value of a header that may stand several times."""
        return _values(self._message, name)[:20]

    @property
    def own_subject(self) -> str:
        """The subject, unless it is ours again: what an answer repeats says nothing about the answer."""
        subject = self.header("Subject")
        return "" if _REPEATED.match(subject) else subject

    @property
    def dated(self) -> datetime | None:
        with suppress(ValueError, TypeError, OverflowError):
            date = parsedate_to_datetime(self.header("Date"))
            return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
        return None

    @property
    def report_type(self) -> str:
        """`delivery-status`, `feedback-report`, or '' for what is no report."""
        if self._message.get_content_type() != "multipart/report":
            return ""
        with suppress(*_FAULTS):
            return str(self._message.get_param("report-type") or "").lower()
        return ""

    def of_type(self, *types: str) -> list[Message]:
        return [part for part in self.parts if part.get_content_type() in types]

    @property
    def text(self) -> str:
        """What is to be read: the first plain text, else the first HTML without its tags."""
        for kind in ("text/plain", "text/html"):
            for part in self.of_type(kind):
                if words := text_of(part).strip():
                    return _without_tags(words) if kind == "text/html" else words
        return ""


def _parts(message: Message) -> list[Message]:
    found: list[Message] = []
    for part in message.walk():
        found.append(part)
        if len(found) == _MOST_PARTS:
            break
    return found


def header_of(message: Message, name: str) -> str:
    return next(iter(_values(message, name)), "")


def _values(message: Message, name: str) -> list[str]:
    return [_decoded(decoded(str(value).encode("utf-8", "surrogateescape"))) for value in message.get_all(name, [])]


def _decoded(value: str) -> str:
    value = value[:_LONGEST_HEADER]
    with suppress(*_FAULTS):  # else as it stands
        value = _ENCODED.sub(lambda words: str(make_header(decode_header(words[0]))), value)
    return markup.fold(value)


def text_of(part: Message) -> str:
    """The text of a part: in its charset if that is true, else in the one that fits."""
    try:
        content = part.get_payload(decode=True)
        said = part.get_content_charset() or ""
    except _FAULTS:
        return ""
    return decoded(content, said) if isinstance(content, bytes) else ""


def decoded(content: bytes, charset: str = "") -> str:
    """Bytes as text. Korean mails often name `ks_c_5601-1987`, or nothing, and mean CP949."""
    content = content[: 4 * _LONGEST_TEXT]
    for name in (_known(charset), "utf-8", "cp949"):
        with suppress(LookupError, UnicodeError, ValueError):
            return content.decode(name)[:_LONGEST_TEXT]
    return content.decode("latin-1")[:_LONGEST_TEXT]


def _known(charset: str) -> str:
    return "cp949" if charset.lower().startswith(("ks_c", "euc-kr", "ksc")) else charset or "utf-8"


def fields(part: Message) -> Iterator[dict[str, str]]:
    """
    The blocks of `name: value` that a report consists of, names lower-cased.

    `email` takes `message/delivery-status` apart by itself; others, and broken ones, come as text.
    """
    payload = part.get_payload()
    if isinstance(payload, list):
        for block in payload[:_MOST_PARTS]:
            if isinstance(block, Message):
                yield from _block(decoded(bytes(block)))
    else:
        yield from _block(text_of(part) or str(payload)[:_LONGEST_TEXT])


def _block(text: str) -> Iterator[dict[str, str]]:
    for block in re.split(r"\r?\n[ \t]*\r?\n", text[:_LONGEST_TEXT])[:_MOST_PARTS]:
        lines = re.sub(r"\r?\n[ \t]+", " ", block).splitlines()
        pairs = (line.partition(":") for line in lines if ":" in line)
        found = {name.strip().lower(): _decoded(value) for name, _, value in pairs}
        if found:
            yield found


_QUOTED_HTML = re.compile(
    r"<blockquote\b|<div[^<>]{0,200}(gmail_quote|yahoo_quoted|reply_content|OutlookMessageHeader)", re.IGNORECASE
)


def _without_tags(html: str) -> str:
    """The words of an HTML part; what it quotes, which comes last, is left out where it is marked."""
    return markup.text_of(_QUOTED_HTML.split(html, maxsplit=1)[0])
