"""
How a piece is known by a source that has no numbers: source key, else address, else a fingerprint.

A key must stay the same for ever, or an old piece would be announced anew.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_LONGEST_KEY = 500
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id|PHPSESSID|jsessionid", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}


def canonical(address: str) -> str:
    """
    An address in the one form in which it is compared; '' for what is none.

    Host in lower case, no default port, no fragment, nothing that only tells
    where a reader came from.
    """
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        return ""
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    place = host if port in {None, _PORTS[scheme]} else f"{host}:{port}"
    query = urlencode([pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(pair[0])])
    return urlunsplit((scheme, place, parts.path or "/", query, ""))


def fingerprint(title: str, date: str) -> str:
    """The key of a piece with nothing but its words: title and date as they are written, white space apart."""
    content = "\x1f".join("".join(part.split()) for part in (title, date))
    return f"hash:{hashlib.sha256(content.encode('utf-8', 'replace')).hexdigest()[:24]}"


def source_key(candidates: Iterable[str], known: Mapping[str, str]) -> str:
    """
    The best of the candidates that are no '': one that is stored already, else the first.

    A candidate too long to be stored stands for itself by its hash.
    """
    keys = [_bounded(candidate) for candidate in candidates if candidate]
    return next((key for key in keys if key in known), keys[0])


def _bounded(key: str) -> str:
    if len(key) <= _LONGEST_KEY:
        return key
    return f"hash:{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:24]}"
