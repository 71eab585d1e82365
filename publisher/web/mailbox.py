"""
Letters that were kept in a folder instead of being sent, to be looked at.

Only there for demonstrations and trials: `create` is given the folder, or these
addresses do not exist. A file in it may hold anything; each is read with
limits, its headers and text are shown as text, and its HTML only in a frame
that may run nothing and reach nothing.
"""

import asyncio
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

from fastapi import APIRouter, HTTPException
from starlette.responses import HTMLResponse, Response

from publisher.address import mask
from publisher.digest.prose import fold
from publisher.i18n import available, catalogue
from publisher.model import Language
from publisher.web.pages import Head
from publisher.web.visit import LOOK, Visit, Visiting

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]{0,200}\.eml")
_MOST_LETTERS = 200
_LARGEST_LETTER = 5_000_000  # bytes
_MOST_PARTS = 50
_IMAGES = frozenset({"image/png", "image/jpeg"})

# What the frame may: show, and open a link in a window of its own.
_FREEDOMS = "allow-popups allow-popups-to-escape-sandbox"
_FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'none'; base-uri 'none'; "
    f"frame-ancestors 'self'; sandbox {_FREEDOMS}"
)
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}

router = APIRouter()


@dataclass(frozen=True, kw_only=True)
class KeptLetter:
    """A file of the folder as far as it could be read."""

    file: str
    subject: str
    recipient: str
    languages: tuple[Language, ...]
    date: datetime
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    images: Mapping[str, str]  # what travels within it: `cid:` address → the same as a `data:` address


@router.api_route("/mailbox", methods=LOOK)
async def letters(visit: Visiting) -> Response:
    """The letters, newest first."""
    kept = await asyncio.to_thread(lambda: list(_kept(_folder(visit))))
    return visit.page("mailbox.html", _head(visit), headers=_PRIVATE, here="mailbox", letters=kept)


@router.api_route("/mailbox/{file}", methods=LOOK)
async def letter(visit: Visiting, file: str) -> Response:
    """One letter: its HTML in a frame, its text, its headers."""
    kept = await _one(visit, file)
    headers = {**_PRIVATE, "Content-Security-Policy": _PAGE_POLICY}
    return visit.page(
        "kept-letter.html", _head(visit, kept), headers=headers, here="mailbox", letter=kept, freedoms=_FREEDOMS
    )


@router.api_route("/mailbox/{file}/html", methods=LOOK)
async def letter_html(visit: Visiting, file: str) -> Response:
    """The letter's HTML for the frame. Its links open in a window: the site's pages cannot stand in a frame."""
    kept = await _one(visit, file)
    shown = re.sub(r'"(cid:[^"]+)"', lambda found: f'"{kept.images.get(found[1], found[1])}"', kept.html)
    opened = re.sub(r"<head[^>]*>", r'\g<0><base target="_blank">', shown, count=1, flags=re.IGNORECASE)
    headers = {**_PRIVATE, "Content-Security-Policy": _FRAME_POLICY, "X-Robots-Tag": "noindex"}
    return HTMLResponse(opened.encode("utf-8", "replace"), headers=headers)


def _folder(visit: Visit) -> Path:
    assert visit.house.mailbox is not None, "these pages exist only with a folder"
    return visit.house.mailbox


def _head(visit: Visit, kept: KeptLetter | None = None) -> Head:
    language = visit.spoken[0]
    file = [kept.file] if kept else []
    return Head(
        title=(kept.subject if kept else "") or catalogue(language).gettext("Mailbox"),
        language=language,
        switch=tuple((other, visit.links.mailbox(*file, language=other)) for other in visit.site.languages),
    )


async def _one(visit: Visit, file: str) -> KeptLetter:
    path = _folder(visit) / file
    kept = await asyncio.to_thread(_read, path) if _NAME.fullmatch(file) else None
    if kept is None:
        raise HTTPException(404)
    return kept


# ── Reading what may be anything ─────────────────────────────────────────────


def _kept(folder: Path) -> Iterator[KeptLetter]:
    """Names begin with the date, so their order is that of time."""
    names = sorted((path.name for path in folder.glob("*.eml") if _NAME.fullmatch(path.name)), reverse=True)
    for name in names[:_MOST_LETTERS]:
        if kept := _read(folder / name):
            yield kept


def _read(path: Path) -> KeptLetter | None:
    """The letter; None for what is no plain file, is too large, or went away."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST_LETTER:
            return None
        content, written = path.read_bytes(), path.stat().st_mtime
    except OSError:
        return None
    message = message_from_bytes(content)
    headers = tuple((name, _shown(name, str(value))) for name, value in message.items())
    told = {name.lower(): value for name, value in headers}
    return KeptLetter(
        file=path.name,
        subject=told.get("subject", ""),
        recipient=told.get("to", ""),
        languages=tuple(tag for tag in told.get("content-language", "").split(", ") if tag in available()),
        date=_date(told.get("date", "")) or datetime.fromtimestamp(written, UTC),
        headers=headers,
        text=_body(message, "text/plain"),
        html=_body(message, "text/html"),
        images=dict(_images(message)),
    )


def _shown(name: str, value: str) -> str:
    """A header as text on one line; addresses masked, and links that act for the reader cut."""
    match name.lower():
        case "to" | "cc" | "bcc" | "delivered-to" | "x-original-to":
            return ", ".join(mask(address) for _, address in getaddresses([_decoded(value)]) if "@" in address)
        case "list-unsubscribe":
            return re.sub(r"[A-Za-z0-9_-]{20,}", "…", fold(value))
        case _:
            return fold(_decoded(value))


def _decoded(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError):  # HeaderParseError and UnicodeError are ValueErrors
        return value


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _body(message: Message, media_type: str) -> str:
    """The first part of this type."""
    for part, _ in zip(message.walk(), range(_MOST_PARTS), strict=False):
        if part.get_content_type() == media_type and not part.is_multipart():
            payload = part.get_payload(decode=True)
            return _text(payload, part.get_content_charset("utf-8")) if isinstance(payload, bytes) else ""
    return ""


def _images(message: Message) -> Iterator[tuple[str, str]]:
    for part, _ in zip(message.walk(), range(_MOST_PARTS), strict=False):
        payload = part.get_payload(decode=True) if part.get_content_type() in _IMAGES else None
        if isinstance(payload, bytes):
            name = str(part.get("Content-ID", "")).strip().strip("<>")
            yield f"cid:{name}", f"data:{part.get_content_type()};base64,{b64encode(payload).decode('ascii')}"


def _text(payload: bytes, charset: str) -> str:
    try:
        return payload.decode(charset, "replace")
    except (LookupError, ValueError):
        return payload.decode("utf-8", "replace")
