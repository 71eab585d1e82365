"""
E-mail addresses: read, made comparable, masked.

Only the form is judged here. Whether a mailbox exists, nobody can know without
writing to it; whether it may be written to is decided in `subscribers`.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from publisher.errors import InvalidAddress

_LONGEST = 254  # RFC 5321 section 4.5.3.1.3, without the angle brackets
_LOCALHOST = "localhost"
_PLAIN = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")  # local parts that are right wherever they stand
_LONGEST_LOCAL = 64


@dataclass(frozen=True, kw_only=True)
class EmailAddress:
    """
    An address to write to. `address` is as the person wrote it (NFC), `key`
    is what makes two spellings one person: lower-cased local part, plus and dots
    kept, and the domain as on the wire. `domain` is that domain (A-labels).
    """

    address: str
    key: str
    domain: str


def parse(text: str) -> EmailAddress:
    """
    Read an address such as `kim@example.org` or `김철수@예시.example`.

    Raises InvalidAddress with one sentence that says what is wrong; it does not
    repeat the address, so it may be logged. Names kept for trying things out
    (`.example`, `.test`, `localhost`) are addresses like others.
    """
    written = unicodedata.normalize("NFC", text.strip(" \t\r\n"))
    if len(written) > _LONGEST:
        raise InvalidAddress(f"An email address has at most {_LONGEST} characters, this one {len(written)}.")
    local, _, host = written.rpartition("@")
    if host.lower() == _LOCALHOST:
        found = _validated(f"{local}@{_LOCALHOST}.test")  # the library refuses the bare name
        return _known(found.local_part, _LOCALHOST, _LOCALHOST)
    if len(local) <= _LONGEST_LOCAL and _PLAIN.fullmatch(local) and (known := _domain(host)):
        return _known(local, *known)  # a million of them come with a few thousand domains
    found = _validated(written)
    if "." not in found.domain:
        raise InvalidAddress(f"The part after the @-sign is incomplete: {found.domain} has no period.")
    return _known(found.local_part, found.domain, found.ascii_domain)


@lru_cache(maxsize=4096)
def _domain(host: str) -> tuple[str, str] | None:
    """A domain as it is shown and as it is on the wire; None if there is something to say about it."""
    try:
        found = _validated(f"a@{host}")
    except InvalidAddress:
        return None
    return (found.domain, found.ascii_domain) if "." in found.domain else None


def _validated(text: str) -> ValidatedEmail:
    try:
        return validate_email(
            text, check_deliverability=False, globally_deliverable=False, test_environment=True, strict=True
        )
    except EmailNotValidError as error:
        raise InvalidAddress(str(error)) from error


def _known(local: str, host: str, domain: str) -> EmailAddress:
    key = unicodedata.normalize("NFC", local.lower())
    return EmailAddress(address=f"{local}@{host}", key=f"{key}@{domain.lower()}", domain=domain.lower())


class Fault(StrEnum):
    """What is wrong with an address, as far as whoever typed it can be told."""

    EMPTY = "empty"
    NO_AT = "no at"
    SEVERAL_ATS = "several ats"
    BLANK = "blank"
    SHORT_HOST = "short host"
    OTHER = "other"


def fault_in(text: str) -> Fault:
    """The first fault in what `parse` refused."""
    written = text.strip()
    if not written:
        return Fault.EMPTY
    if "@" not in written:
        return Fault.NO_AT
    if written.count("@") > 1:
        return Fault.SEVERAL_ATS
    if any(character.isspace() for character in written):
        return Fault.BLANK
    if "." not in written.rpartition("@")[2].strip("."):
        return Fault.SHORT_HOST
    return Fault.OTHER


def mask(address: str) -> str:
    """`kim@example.org` → `k***@example.org`: for lists and logs, never to be parsed again."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***{at}{domain}" if local else "***"
