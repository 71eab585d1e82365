"""
Texts of the configuration → values. Each reader takes the text as it stands in
the file and raises ValueError with what it expected, and what it got.

Readers that may see a secret (`database_url`) never repeat the text.
"""

import re
from collections.abc import Callable, Collection
from datetime import date, timedelta
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import ip_network
from itertools import permutations
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from publisher import address, cadence, i18n
from publisher.archive.html.places import checked
from publisher.errors import InvalidAddress
from publisher.model import Language, LanguageKey

State = TypeVar("State", bound=StrEnum)

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"(\d{1,6})\s?([smhd])", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9]{0,31}")
_SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_PARAMETER = re.compile(r"[A-Za-z0-9_.\[\]-]{1,40}", re.ASCII)
_PREFIX = re.compile(r"[A-Za-z0-9_]{1,40}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_HOST = re.compile(r"(?!-)[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LONGEST_SHOWN = 60
_LONGEST_SOCKET = 107  # what the kernel takes


def expected(what: str, got: str, among: Collection[str] = ()) -> ValueError:
    """`expected what, got 'this'; did you mean 'that'?` — the last part when one of `among` is near."""
    shown = got if len(got) <= _LONGEST_SHOWN else got[: _LONGEST_SHOWN - 1] + "…"
    near = nearest(got, among)
    return ValueError(f"expected {what}, got {shown!r}" + (f"; did you mean '{near}'?" if near else ""))


def nearest(word: str, among: Collection[str]) -> str | None:
    """The known word this one was probably meant to be."""
    by_folded = {known.lower().replace("-", "_"): known for known in among}
    close = get_close_matches(word.lower().replace("-", "_"), by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None


# ── Texts and names ──────────────────────────────────────────────────────────


def text(value: str) -> str:
    return value


def line(value: str) -> str:
    """One line of text: it may come to stand in a mail header."""
    if _CONTROL.search(value):
        raise ValueError("expected one line of text without control characters")
    return value.strip()


def name(value: str) -> str:
    """The name of an archive, list or profile: it stands in addresses and on the command line."""
    if value == "all":
        raise ValueError("'all' is reserved for everything together; choose another name")
    if not _NAME.fullmatch(value):
        raise ValueError("expected a name of small letters and digits that begins with a letter, at most 32 long")
    return value


def slug(value: str) -> str:
    """A feed's name in its address."""
    if len(value) > 64 or not _SLUG.fullmatch(value):
        raise ValueError("expected small letters, digits and single hyphens, such as peace-talks, at most 64 long")
    return value


def table_prefix(value: str) -> str:
    """What the names of a board's tables begin with; it becomes part of questions to the database."""
    if not _PREFIX.fullmatch(value):
        raise expected("letters, digits and underscores such as g5_, at most 40", value)
    return value


def selector(value: str) -> str:
    """A place on a page."""
    return checked(line(value))


def parameter(value: str) -> str:
    """The name of a parameter in an address."""
    if not _PARAMETER.fullmatch(value):
        raise expected("the parameter of the list's address that counts its pages, such as page", value)
    return value


def member_of(names: Collection[str], what: str) -> Callable[[str], str]:
    """A name that this file gives to something else."""
    there = ", ".join(names) or "none yet"

    def parse(value: str) -> str:
        if value not in names:
            raise expected(f"{what} of this file ({there})", value, names)
        return value

    return parse


# ── Numbers, durations, choices ──────────────────────────────────────────────


def whole(least: int, most: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not _NUMBER.fullmatch(value) or not least <= int(value) <= most:
            raise expected(f"a whole number from {least} to {most}", value)
        return int(value)

    return parse


def duration(value: str) -> timedelta:
    match = _DURATION.fullmatch(value.strip())
    if not match:
        raise expected("a duration such as 30s, 5m, 6h or 2d", value)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def some_time(value: str) -> timedelta:
    """A duration that is not nothing."""
    if not (length := duration(value)):
        raise expected("a duration longer than nothing, such as 30s, 5m, 6h or 2d", value)
    return length


def yes_or_no(value: str) -> bool:
    return one_of("true", "false")(value) == "true"


def one_of(*choices: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in choices:
            raise expected(" or ".join(choices), value, choices)
        return value

    return parse


def state_of(states: type[State]) -> Callable[[str], State]:
    choose = one_of(*(state.value for state in states))
    return lambda value: states(choose(value))


# ── Languages, places, times ─────────────────────────────────────────────────


def language(value: str) -> Language:
    """A language that the letters' and pages' own sentences exist in."""
    there = i18n.available()
    if value not in there:
        known = ", ".join(there)
        if _LANGUAGE.fullmatch(value):
            raise ValueError(f"'{value}' has no catalogue of sentences; there are {known}")
        raise expected(f"a language with a catalogue of sentences ({known})", value)
    return value


def language_keys(languages: Collection[Language]) -> tuple[LanguageKey, ...]:
    """What a reader may choose among: each language, and each two in either order."""
    return (*languages, *("+".join(pair) for pair in permutations(languages, 2)))


def country(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", value):
        raise expected("a country code of two letters such as KR", value)
    return value.upper()


def day(value: str) -> date:
    """A day of the calendar, such as 2026-03-02."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise expected("a date such as 2026-03-02", value) from None


def timezone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (ValueError, OSError, LookupError):  # what ZoneInfo raises depends on how the name is wrong
        raise expected("a time zone such as Asia/Seoul", value, available_timezones()) from None


def cron(value: str) -> str:
    """A cadence, kept as it is written: `cadence` reads it where it is used."""
    cadence.parse(value)
    return value


# ── Addresses of every kind ──────────────────────────────────────────────────


def email(value: str) -> str:
    """An address of the house's own, as it goes over the wire: every server must be able to take it."""
    try:
        read = address.parse(value)
    except InvalidAddress as error:
        raise ValueError(f"expected an e-mail address such as letters@hanbit-peace.example: {error}") from None
    local = read.address.rpartition("@")[0]
    if not local.isascii():
        raise expected("ASCII before the @ (not every server takes anything else)", value)
    return f"{local}@{read.domain}"


def web_url(value: str) -> str:
    """A page somewhere: http or https, without anybody's password in it."""
    _split(value, "an address such as https://hanbit-peace.example/board")
    return value


def site_url(value: str) -> str:
    """Where readers find the site. It goes into mail headers as it is, so it must be plain ASCII."""
    what = "an address such as https://letters.hanbit-peace.example"
    parts = _split(value, what)
    if "?" in value or "#" in value:
        raise expected(f"{what}, without a query", value)
    if not value.isascii():
        raise expected(f"{what}, in ASCII (a Korean domain in its xn-- form)", value)
    return parts.geturl().rstrip("/")


def _split(value: str, what: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise expected(what, value) from None
    if "@" in parts.netloc:
        raise ValueError(f"expected {what}, without a user or password in it")
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or re.search(r"[\s<>\"]", value):
        raise expected(what, value)
    return parts


def host(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise expected("a host name such as smtp.hanbit-peace.example", value)
    return value.strip("[]")


def host_and_port(value: str) -> str:
    """`127.0.0.1:8080`; IPv6 in brackets."""
    before, _, port = value.rpartition(":")
    if not _HOST.fullmatch(before) or not _NUMBER.fullmatch(port) or not 1 <= int(port) <= 65535:
        raise expected("host:port such as 127.0.0.1:8080", value)
    return value.lower()


def socket_path(value: str) -> str:
    """A server's socket on this machine."""
    if not value.startswith("/") or _CONTROL.search(value) or len(value.encode()) > _LONGEST_SOCKET:
        what = "the absolute path of a socket such as /run/mysqld/mysqld.sock"
        raise expected(f"{what}, at most {_LONGEST_SOCKET} bytes", value)
    return value


def network(value: str) -> str:
    try:
        return str(ip_network(value)) if "/" in value else str(ip_network(value).network_address)
    except ValueError:
        raise expected("an IP address or network such as 10.0.0.0/8", value) from None


def database_url(value: str) -> str:
    """Where the store is; may hold a password, so an error does not repeat it."""
    is_file = value.startswith("sqlite:///") and value.removeprefix("sqlite:///") not in ("", ":memory:")
    if not is_file and not re.match(r"postgresql://[^/]", value):
        raise ValueError(
            "expected sqlite:/// and a file, such as sqlite:///var/publisher.db, or a postgresql:// address"
        )
    return value
