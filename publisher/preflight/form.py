"""The form of a letter: its parts, headers, lines and sizes, and the way out of the list."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from publisher.i18n import noted
from publisher.preflight.finding import Colour, Finding
from publisher.preflight.message import Arrived

BUDGET = 95_000
"""Bytes that the HTML of a letter may have on the wire and still leave room for what relays add."""

GMAIL_CUT = 102 * 1024
"""Behind so many bytes of HTML, Gmail hides the rest under a link."""

_LONGEST_LINE = 998  # RFC 5322 section 2.1.1, without CRLF
_WANTED = (
    *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Language"),
    *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"),
)
_PARTS = ["text/plain", "text/html"]
_LITERAL = re.compile(r"<https?://[!-;=?-~]+>")


@dataclass(frozen=True, kw_only=True)
class WaysOut:
    """How a reader may leave: by a link, and by writing to an address where there is one."""

    link: str
    address: str | None = None

    @property
    def header(self) -> str:
        by_mail = f", <mailto:{self.address}?subject=unsubscribe>" if self.address else ""
        return f"<{self.link}>{by_mail}"


def form(letter: Arrived, *, subject: str, ways_out: WaysOut) -> Iterator[Finding]:
    """What is wrong with the form of one letter, against the subject and the ways to refuse that it should have."""
    yield from _parts(letter)
    yield from _headers(letter, subject)
    yield from _lines(letter)
    yield from _way_out(letter, ways_out)
    yield from _size(letter, ways_out.link)


def _red(letter: Arrived, check: str, what: str, cure: str, **values: object) -> Finding:
    return Finding(check=check, colour=Colour.RED, what=what, cure=cure, where=letter.key, values=values)


_OUR_FAULT = noted("This is a fault of the program or of a changed template; do not send, and report it.")


def _parts(letter: Arrived) -> Iterator[Finding]:
    if letter.faults:
        what = noted("The letter cannot be read back without faults: %(faults)s.")
        yield _red(letter, "parts", what, _OUR_FAULT, faults=", ".join(letter.faults))
    bodies = [part for part in letter.parts if not part.is_image]
    if [part.type for part in bodies] != _PARTS or not all(part.text.strip() for part in bodies):
        yield _red(letter, "parts", noted("The letter does not have one text part and one HTML part."), _OUR_FAULT)
    within = sorted(part.content_id for part in letter.parts if part.is_image)
    sources = {node.attributes.get("src") or "" for node in letter.page.css("img")}
    if within != sorted(source.removeprefix("cid:") for source in sources if source.startswith("cid:")):
        what = noted("The images that travel within the letter are not those that it shows.")
        yield _red(letter, "parts", what, _OUR_FAULT)


def _headers(letter: Arrived, subject: str) -> Iterator[Finding]:
    if missing := [name for name in _WANTED if not letter.value(name)]:
        what = noted("Headers are missing, empty or doubled: %(names)s.")
        yield _red(letter, "headers", what, _OUR_FAULT, names=", ".join(missing))
    if letter.decoded("Subject") != subject:
        what = noted("The subject comes back as “%(subject)s”.")
        yield _red(letter, "headers", what, _OUR_FAULT, subject=letter.decoded("Subject"))


def _lines(letter: Arrived) -> Iterator[Finding]:
    if any(len(line) > _LONGEST_LINE or not line.isascii() or b"\n" in line or b"\r" in line for line in letter.lines):
        yield _red(
            letter, "lines", noted("A line is longer than mail servers take, or is not plain ASCII."), _OUR_FAULT
        )


def _way_out(letter: Arrived, ways_out: WaysOut) -> Iterator[Finding]:
    """RFC 8058 wants the address literal: encoded or folded, one-click unsubscribing dies without a sound."""
    value = letter.value("List-Unsubscribe") or ""
    if not _LITERAL.match(value) or value != ways_out.header:
        yield _red(letter, "way-out", noted("List-Unsubscribe is not the plain address that it should be."), _OUR_FAULT)
    if letter.value("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click":
        yield _red(letter, "way-out", noted("The letter cannot be refused with one click."), _OUR_FAULT)
    linked = {node.attributes.get("href") for node in letter.page.css("a[href]")}
    if ways_out.link not in linked or ways_out.link not in letter.both[0]:
        what = noted("The link to unsubscribe does not stand in both parts of the letter.")
        yield _red(letter, "way-out", what, noted("Put it into body.mjml and body.txt of templates/email/digest."))


def _size(letter: Arrived, way_out: str) -> Iterator[Finding]:
    html = letter.body("text/html").encode()
    part = letter.part("text/html")
    size = max(len(html), part.size if part else 0)
    values = {"size": round(size / 1000), "limit": round(BUDGET / 1000)}
    # The web sees the address with its & escaped; a token has none.
    if len(html[: html.find(way_out.encode())]) > GMAIL_CUT:
        what = noted("The HTML has %(size)d kB: Gmail cuts it off before the link to unsubscribe.")
        yield _red(letter, "size", what, noted("Leave entries for the next edition, or shorten the note."), **values)
    elif size > BUDGET:
        yield Finding(
            check="size",
            colour=Colour.YELLOW,
            what=noted("The HTML has %(size)d kB, more than the %(limit)d kB that every mailbox shows whole."),
            cure=noted("Leave entries for the next edition, or shorten the note."),
            where=letter.key,
            values=values,
        )


def links_of(letters: Iterable[Arrived]) -> dict[str, str]:
    """Every web address that the letters link to or show as a picture → the language keys it stands in."""
    found: dict[str, list[str]] = {}
    for letter in letters:
        for node in letter.page.css("a[href], img[src]"):
            url = node.attributes.get("href") or node.attributes.get("src") or ""
            if url and letter.key not in found.setdefault(url, []):
                found[url].append(letter.key)
    return {url: ", ".join(keys) for url, keys in found.items()}
