"""
Strangers' strings made fit for a feed: text, markup and addresses.

Whatever an archive holds can stand in a title or a link, so every such value
passes through here before a format sees it.
"""

import re
from functools import lru_cache
from urllib.parse import quote, urlsplit, urlunsplit

# What XML 1.0 cannot carry (lxml refuses it), and the C1 controls, which are legal and never meant.
# Lone surrogates fall out too: they cannot be written as UTF-8.
_NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"[A-Za-z0-9._:-]+")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
_LONGEST_URL = 2000

# A table of our own: the system's differs from machine to machine, and so would our bytes.
_TYPES = {
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "gif": "image/gif",
    "hwp": "application/x-hwp",
    "hwpx": "application/hwp+zip",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "pdf": "application/pdf",
    "png": "image/png",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "txt": "text/plain",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
_SOME_BYTES = "application/octet-stream"


def one_line(value: str, limit: int) -> str:
    """The text on one line, without control characters, cut with an ellipsis after `limit` characters."""
    line = " ".join(_NOT_TEXT.sub("", value).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def markup(html: str) -> str:
    """The same markup without characters that XML cannot carry, its lines ended by a line feed."""
    return _NOT_TEXT.sub("", html).replace("\r\n", "\n").replace("\r", "\n")


@lru_cache(maxsize=1024)  # one entry names each of its addresses several times, in several feeds
def web_url(value: str | None) -> str | None:
    """The address in ASCII, as it may stand in a link; None for all but absolute http(s) addresses."""
    if not value or len(value) > _LONGEST_URL:
        return None
    try:
        parts = urlsplit(_NOT_TEXT.sub("", value).strip())
        host, port = _ascii_host(parts.hostname or ""), parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host) or parts.username is not None:
        return None
    place = f"[{host}]" if ":" in host else host
    netloc = place if port is None else f"{place}:{port}"
    path, query, fragment = (_escaped(part) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, netloc, path, query, fragment))


def media_type(given: str | None, name: str) -> str:
    """The type as told if it is one, else by the ending of the name, else that of any bytes."""
    told = (given or "").split(";")[0].strip().lower()
    if _MEDIA_TYPE.fullmatch(told):
        return told
    return _TYPES.get(name.rpartition(".")[2].lower(), _SOME_BYTES)


def _ascii_host(host: str) -> str:
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _escaped(part: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe="/?%:@!$&'()*+,;=~")
