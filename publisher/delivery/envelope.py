"""
The finished bytes of one copy: 7-bit, CRLF, every line within RFC 5321's limits.

Headers are written here rather than by `email.message`: its folding drops
blanks from Korean subjects and turns a long `List-Unsubscribe` into an
encoded word, which kills one-click unsubscribing without a sound
(python/cpython#144156). The same copy always has the same bytes: the date
comes from what is stored, never from the clock.

All that copies share is made ready once, and a copy is a join of pieces; its
body is its own relaxed form, so that `dkim` signs it as it is.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.header import Header
from email.utils import format_datetime
from functools import cached_property, lru_cache
from urllib.parse import quote, urlsplit, urlunsplit

from publisher.delivery.bodies import Body
from publisher.delivery.enclosed import named_within, part_of
from publisher.model import Letter, MailingList, Site, Slot, languages_of, text_in
from publisher.pictures import Copy

TEST_MARK = "[시험·Test] "
"""Stands before the subject of every test, in both languages whatever the letter's is."""

_LONGEST_LINE = 998  # RFC 5322 section 2.1.1, without CRLF
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")  # what a display name may hold unquoted
_HOST = re.compile(r"[A-Za-z0-9.-]+")
_LITERAL = re.compile(r"https?://[A-Za-z0-9.:-]+/[A-Za-z0-9/%:@!$&'*+,;=~._-]{0,800}")

_BOUNDARY = b"=_letter"
"""Parts the two bodies of every copy. Neither base64 nor quoted-printable ever has `=_` in a body."""

_INNER = b"=_images"
"""Parts the HTML from the images that go along."""


def message_id(key: bytes, dedupe_key: str, domain: str) -> str:
    """The Message-ID of a delivery: the same one however often it is sent, and nobody else's."""
    digest = hmac.new(key, b"message\n" + dedupe_key.encode("utf-8"), hashlib.sha256).digest()
    return f"<{base64.b32encode(digest).decode('ascii')[:26].lower()}@{domain}>"


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who writes. The address is MAIL FROM as well, unless bounces have an address of their own."""

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
    `images` are those that travel within each copy.
    """

    letter: Letter
    site: Site
    list: MailingList | None
    is_test: bool = False
    images: Sequence[Copy] = ()

    def copy(
        self,
        *,
        recipient: str,
        message_id: str,
        date: datetime,
        values: Mapping[Slot, str],
        leave: str | None = None,
    ) -> bytes:
        """
        The bytes of one reader's copy; no line of them begins with a dot.

        `leave` is an address that its reader may write to instead of opening the link.

        `date` is the moment of queueing, so a copy that is sent again is the
        same message. Raises ValueError for an address, a link or a Message-ID
        that cannot stand in a header.
        """
        head = (
            self._above_recipient,
            _recipient(recipient),
            b"\r\nDate: ",
            _date(date, date.utcoffset()),
            b"\r\nMessage-ID: ",
            _plain(message_id).encode("ascii"),
            b"\r\n",
            self._way_out(values, leave),
            _CONTENT_TYPE,
        )
        text, html = self._bodies
        before_html, after_html = self._around_html
        body = (
            _part_head("text/plain", text.encoding),
            *text.filled(values),
            before_html,
            *html.filled(values),
            after_html,
        )
        return b"".join((*head, *body))

    def _way_out(self, values: Mapping[Slot, str], leave: str | None) -> bytes:
        if self.list is None:
            return b""
        ways = f"<{literal_url(values[Slot.UNSUBSCRIBE])}>"
        if leave:  # the link comes first: RFC 8058's one click is by it
            ways += f", <mailto:{_plain(leave)}?subject=unsubscribe>"
        return b"List-Unsubscribe: %b\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" % ways.encode("ascii")

    @property
    def sender(self) -> Sender:
        return sender_of(self.site, self._languages[0])

    @property
    def _languages(self) -> tuple[str, ...]:
        return languages_of(self.letter.language_key)

    @cached_property
    def _above_recipient(self) -> bytes:
        subject = (TEST_MARK if self.is_test else "") + self.letter.subject
        replies = (f"Reply-To: {_plain(self.list.reply_to)}",) if self.list and self.list.reply_to else ()
        lines = (
            "MIME-Version: 1.0",
            f"From: {_phrase('From', self.sender.name)}<{_plain(self.sender.email)}>",
            *replies,
            f"Subject: {unstructured('Subject', subject)}",
            self._belongs,
            f"Content-Language: {', '.join(_plain(language) for language in self._languages)}",
            "To: ",
        )
        return "\r\n".join(lines).encode("ascii")

    @property
    def _belongs(self) -> str:
        if self.list is None:
            return "Auto-Submitted: auto-generated"
        title = text_in(self.list.titles, self._languages[0]) or self.list.name
        return f"List-Id: {_phrase('List-Id', title)}<{self.list.name}.{_host(self.site.host)}>"

    @cached_property
    def _bodies(self) -> tuple[Body, Body]:
        html = named_within(self.letter.html, self.images, self.site, _host(self.site.host))
        return Body.of(self.letter.text), Body.of(html)

    @cached_property
    def _around_html(self) -> tuple[bytes, bytes]:
        """What stands between the two bodies and behind them: with images, HTML and images are one part of the two."""
        _, html = self._bodies
        end = b"--%b--\r\n" % _BOUNDARY
        if not self.images:
            return _part_head("text/html", html.encoding), end
        host = _host(self.site.host)
        images = b"".join([b"--%b\r\n%b" % (_INNER, part_of(image, host)) for image in self.images])
        return _RELATED + _part_head("text/html", html.encoding, _INNER), b"%b--%b--\r\n%b" % (images, _INNER, end)


_CONTENT_TYPE = b'Content-Type: multipart/alternative; boundary="%b"\r\n\r\n' % _BOUNDARY
_RELATED = b'--%b\r\nContent-Type: multipart/related; type="text/html"; boundary="%b"\r\n\r\n' % (_BOUNDARY, _INNER)


@lru_cache(maxsize=64)
def _part_head(media_type: str, encoding: str, boundary: bytes = _BOUNDARY) -> bytes:
    return b"--%b\r\nContent-Type: %b; charset=utf-8\r\nContent-Transfer-Encoding: %b\r\n\r\n" % (
        boundary,
        media_type.encode("ascii"),
        encoding.encode("ascii"),
    )


@lru_cache(maxsize=64)  # the copies of one release were queued at one moment
def _date(date: datetime, _offset: timedelta | None) -> bytes:
    # With its offset: the cache takes one moment in two zones for the same.
    return format_datetime(date).encode("ascii")


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
    if _LITERAL.fullmatch(url):
        return url
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
        gap = " " if len(text) <= 30 else "\r\n "  # so that name and address fit into 78 characters
        if _ATOMS.fullmatch(text) and "  " not in text:  # between atoms, many blanks are as good as one
            return f"{text}{gap}"
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"{gap}'
    encoded = Header(text, "utf-8", maxlinelen=76, header_name=header).encode(linesep="\r\n")
    # The address gets a line of its own: it may be long, and must not be folded.
    return f"{encoded}\r\n "


def _recipient(address: str) -> bytes:
    # A local part beyond ASCII cannot stand in a 7-bit header (RFC 6532 wants SMTPUTF8 for it).
    return f"<{_plain(address)}>".encode("ascii") if address.isascii() else b"undisclosed-recipients:;"


def _host(host: str) -> str:
    return host if _HOST.fullmatch(host) else host.encode("idna").decode("ascii")


def _one_line(text: str) -> str:
    return _CONTROLS.sub(" ", text).encode("utf-8", "replace").decode("utf-8")


def _plain(value: str, limit: int = 900) -> str:
    """A value that goes into a header as it is. What could end the line, or is no ASCII, is refused."""
    if not value.isascii() or not value.isprintable() or " " in value or len(value) > limit:
        raise ValueError(f"cannot stand in a header: {value[:40]!r}")
    return value
