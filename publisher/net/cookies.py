"""A session, kept for as long as one crawl."""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

_MOST_PER_HOST = 50
_LONGEST = 4096
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x21-\x2b\x2d-\x3a\x3c-\x7e]+")  # visible ASCII but comma and semicolon


@dataclass(frozen=True, kw_only=True)
class _Cookie:
    value: str
    secure: bool


class CookieJar:
    """
    Keeps what a crawl needs: name and value per host, for as long as the crawl.

    Every cookie is bound to the host that set it, and one set over https goes
    back over https only where it says so. Tolerant: Gnuboard over https writes
    PHPSESSID twice, once malformed, so a line that cannot be read is passed over
    and never replaces one that could.
    """

    def __init__(self) -> None:
        self._hosts: dict[str, dict[str, _Cookie]] = {}

    def take(self, host: str, lines: Iterable[str], *, secure: bool) -> None:
        """Remember, or forget, what an answer's Set-Cookie lines say."""
        jar = self._hosts.setdefault(host, {})
        for line in lines:
            pair, *attributes = (part.strip() for part in line.split(";"))
            name, _, value = (part.strip() for part in pair.partition("="))
            if not _NAME.fullmatch(name) or len(line) > _LONGEST:
                continue
            marks = dict(_mark(attribute) for attribute in attributes)
            if _is_over(marks):
                jar.pop(name, None)
            elif _VALUE.fullmatch(value) and (name in jar or len(jar) < _MOST_PER_HOST):
                jar[name] = _Cookie(value=value, secure=secure and "secure" in marks)

    def header_for(self, host: str, *, secure: bool) -> str:
        """The Cookie header for a host, or '' when there is nothing to send."""
        jar = self._hosts.get(host, {})
        return "; ".join(f"{name}={cookie.value}" for name, cookie in jar.items() if secure or not cookie.secure)


def _mark(attribute: str) -> tuple[str, str]:
    name, _, value = attribute.partition("=")
    return name.strip().lower(), value.strip()


def _is_over(marks: Mapping[str, str]) -> bool:
    if "max-age" in marks:
        return marks["max-age"].startswith("-") or marks["max-age"] == "0"
    try:
        return parsedate_to_datetime(marks["expires"]).timestamp() <= time.time()
    except (KeyError, ValueError, OverflowError):
        return False
