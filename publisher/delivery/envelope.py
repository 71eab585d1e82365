"""
The finished bytes of one copy: 7-bit, CRLF, every line within RFC 5321's limits.

Headers are written here rather than by `email.message`: its folding drops
blanks from Korean subjects and turns a long `List-Unsubscribe` into an
encoded word, which kills one-click unsubscribing without a sound
(python/cpython#144156). The same copy always has the same bytes: the date and
the boundary come from what is stored, never from the clock.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from functools import cached_property
from typing import TypeAlias
from urllib.parse import quote, urlsplit, urlunsplit

from publisher.model import Letter, MailingList, Run, Site, Slot, fill, languages_of, text_in

TEST_MARK = "[시험·Test] "
"""Stands before the subject of every test, in both languages whatever the letter's is."""

_LONGEST_LINE = 998  # RFC 5322 section 2.1.1, without CRLF
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")  # what a display name may hold unquoted
_HOST = re.compile(r"[A-Za-z0-9.-]+")

Encoder: TypeAlias = Callable[[bytes], bytes]


def message_id(key: bytes, dedupe_key: str, domain: str) -> str:
    """The Message-ID of a delivery: the same one however often it is sent, and nobody else's."""
    digest = hmac.new(key, b"message\n" + dedupe_key.encode("utf-8"), hashlib.sha256).digest()
    return f"<{base64.b32encode(digest).decode('ascii')[:26].lower()}@{domain}>"


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who writes: the address is both From and MAIL FROM, so that SPF and DMARC align."""

    name: str
    email: str

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]


def sender_of(site: Site, language: str) -> Sender:
    """The site's sender, named in this language; a site without one writes from its own host."""
    name = text_in(site.sender.name, language) or text_in(site.name, language)
    return Sender(name=name, email=site.sender.email or f"letters@{site.host}")


@dataclass(frozen=True, kw_only=True)
class Stationery:
    """
    One letter with everything that its copies have in common.

    Kept per (edition, language key): subject, names and the choice of encoding
    are worked out once, and `copy` only joins them with what is the reader's own.
    Without a `list` it is a letter to one person: it names none and says that a
    program wrote it, so that nobody's out-of-office note answers it (RFC 3834).
    """

    letter: Letter
    site: Site
    list: MailingList | None
    is_test: bool = False

    def copy(self, *, recipient: str, message_id: str, date: datetime, values: Mapping[Slot, str]) -> bytes:
        """
        The bytes of one reader's copy.

        `date` is the moment of queueing, so a copy that is sent again is the
        same message. Raises ValueError for an address, a link or a Message-ID
        that cannot stand in a header.
        """
        boundary = f"=_{hashlib.sha256(message_id.encode()).hexdigest()[:24]}"
        headers = [
            *self._common,
            f"To: {_recipient(recipient)}",
            f"Date: {format_datetime(date)}",
            f"Message-ID: {_plain(message_id)}",
            *self._way_out(values),
            f'Content-Type: multipart/alternative; boundary="{boundary}"',
        ]
        edge = f"--{boundary}\r\n".encode("ascii")
        parts = (self._text.fill(values), self._html.fill(values))
        head = "\r\n".join(headers).encode("ascii") + b"\r\n\r\n"
        return head + b"".join(edge + part for part in parts) + edge[:-2] + b"--\r\n"

    def _way_out(self, values: Mapping[Slot, str]) -> tuple[str, ...]:
        if self.list is None:
            return ()
        return (
            f"List-Unsubscribe: <{literal_url(values[Slot.UNSUBSCRIBE])}>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        )

    @property
    def sender(self) -> Sender:
        return sender_of(self.site, self._languages[0])

    @property
    def _languages(self) -> tuple[str, ...]:
        return languages_of(self.letter.language_key)

    @cached_property
    def _common(self) -> tuple[str, ...]:
        subject = (TEST_MARK if self.is_test else "") + self.letter.subject
        replies = (f"Reply-To: {_plain(self.list.reply_to)}",) if self.list and self.list.reply_to else ()
        return (
            "MIME-Version: 1.0",
            f"From: {_phrase('From', self.sender.name)}<{_plain(self.sender.email)}>",
            *replies,
            f"Subject: {unstructured('Subject', subject)}",
            self._belongs,
            f"Content-Language: {', '.join(_plain(language) for language in self._languages)}",
        )

    @property
    def _belongs(self) -> str:
        if self.list is None:
            return "Auto-Submitted: auto-generated"
        title = text_in(self.list.titles, self._languages[0]) or self.list.name
        return f"List-Id: {_phrase('List-Id', title)}<{self.list.name}.{_host(self.site.host)}>"

    @cached_property
    def _text(self) -> "_Part":
        return _part("text/plain", self.letter.text)

    @cached_property
    def _html(self) -> "_Part":
        return _part("text/html", self.letter.html)


# ── Headers ──────────────────────────────────────────────────────────────────


def unstructured(name: str, text: str) -> str:
    """
    The value of a free-text header, such as a subject; decodes to the text with every blank in its place.

    Line breaks and control characters become one blank, so that a title can
    add no header of its own.
    """
    text = _one_line(text)
    is_plain = text.isascii() and text == " ".join(text.split()) and "=?" not in text
    if is_plain and len(name) + 2 + len(text) <= 78:
        return text
    # Never `EmailMessage`: see the head of this file.
    return Header(text, "utf-8", maxlinelen=76, header_name=name).encode(linesep="\r\n")


def literal_url(url: str) -> str:
    """A web address as it must stand in `List-Unsubscribe`: ASCII, unfolded, nothing that ends it early."""
    parts = urlsplit(url)
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode("ascii")
    path, query = (quote(part, safe="/%:@!$&'*+,;=~?-._") for part in (parts.path, parts.query))
    escaped = urlunsplit((parts.scheme, host, path, query, ""))
    if "<" in escaped or ">" in escaped:
        raise ValueError(f"cannot stand in a header: {escaped[:40]!r}")
    return _plain(escaped, limit=_LONGEST_LINE - len("List-Unsubscribe: <>"))


def _phrase(header: str, text: str) -> str:
    """A display name before `<`, with the blank between them; '' for no name."""
    text = _one_line(text).strip()
    if not text:
        return ""
    if text.isascii() and len(text) <= 60 and "=?" not in text:
        if _ATOMS.fullmatch(text):
            return f"{text} "
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" '
    encoded = Header(text, "utf-8", maxlinelen=76, header_name=header).encode(linesep="\r\n")
    # The address gets a line of its own: it may be long, and must not be folded.
    return f"{encoded}\r\n "


def _recipient(address: str) -> str:
    # A local part beyond ASCII cannot stand in a 7-bit header (RFC 6532 wants SMTPUTF8 for it).
    return f"<{_plain(address)}>" if address.isascii() else "undisclosed-recipients:;"


def _host(host: str) -> str:
    return host if _HOST.fullmatch(host) else host.encode("idna").decode("ascii")


def _one_line(text: str) -> str:
    return _CONTROLS.sub(" ", text).encode("utf-8", "replace").decode("utf-8")


def _plain(value: str, limit: int = 900) -> str:
    """A value that goes into a header as it is. What could end the line, or is no ASCII, is refused."""
    if not value.isascii() or not value.isprintable() or " " in value or len(value) > limit:
        raise ValueError(f"cannot stand in a header: {value[:40]!r}")
    return value


# ── Bodies ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class _Part:
    head: bytes
    run: Run
    encode: Encoder

    def fill(self, values: Mapping[Slot, str]) -> bytes:
        return self.head + self.encode(_body(fill(self.run, values)))


def _part(media_type: str, run: Run) -> _Part:
    """A body in whichever encoding is shorter: base64 for Korean, quoted-printable for English."""
    sample = _body(fill(run, dict.fromkeys(Slot, "")))
    name, encode = min(_ENCODINGS.items(), key=lambda encoding: len(encoding[1](sample)))
    head = f"Content-Type: {media_type}; charset=utf-8\r\nContent-Transfer-Encoding: {name}\r\n\r\n"
    return _Part(head=head.encode("ascii"), run=run, encode=encode)


def _body(text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    return lines.replace("\n", "\r\n").encode("utf-8", "replace")


def _base64(body: bytes) -> bytes:
    encoded = binascii.b2a_base64(body, newline=False)
    return b"".join(encoded[start : start + 76] + b"\r\n" for start in range(0, len(encoded), 76))


def _quoted_printable(body: bytes) -> bytes:
    # The body ends in CRLF and has no other line end; without one, b2a_qp would break lines with a bare LF.
    return binascii.b2a_qp(body, istext=True)


_ENCODINGS: Mapping[str, Encoder] = {"quoted-printable": _quoted_printable, "base64": _base64}
