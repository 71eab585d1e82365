"""JSON Feed 1 and 1.1 (https://jsonfeed.org/version/1.1), read by hand."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from publisher.archive.paragraphs import as_html
from publisher.archive.rss.entries import FeedDocument, FeedEntry, size_of
from publisher.markup import fold
from publisher.model import Attachment, Language

_VERSION = "jsonfeed.org/version/1"
_MOST_ENTRIES = 1000
_LANGUAGES = frozenset({"ko", "en"})


def read_json_feed(text: str) -> FeedDocument | None:
    """The entries of a JSON Feed, or None where it is none; members of the wrong shape are as good as absent."""
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(feed, dict) or _VERSION not in _text(feed.get("version")):
        return None
    items = [item for item in _list(feed.get("items")) if isinstance(item, dict)]
    return FeedDocument(entries=[_entry(item) for item in items[:_MOST_ENTRIES]], home=_text(feed.get("home_page_url")))


def _entry(item: Mapping[str, Any]) -> FeedEntry:
    return FeedEntry(
        guid=_text(item.get("id")),
        link=_text(item.get("url")) or _text(item.get("external_url")),
        title=fold(_text(item.get("title"))),
        author=", ".join(_authors(item)),
        dated=_text(item.get("date_published")) or _text(item.get("date_modified")),
        html=_body(item),
        categories=tuple(map(_text, _list(item.get("tags")))),
        files=tuple(_files(item)),
        language=_language(_text(item.get("language"))),
    )


def _body(item: Mapping[str, Any]) -> str:
    html = _text(item.get("content_html"))
    return html if html.strip() else as_html(_text(item.get("content_text")) or _text(item.get("summary")))


def _authors(item: Mapping[str, Any]) -> Iterator[str]:
    for author in _list(item.get("authors")) or [item.get("author")]:
        name = fold(_text(author.get("name"))) if isinstance(author, dict) else ""
        if name and "@" not in name:
            yield name


def _files(item: Mapping[str, Any]) -> Iterator[Attachment]:
    for file in _list(item.get("attachments")):
        if isinstance(file, dict) and _text(file.get("url")):
            yield Attachment(
                name=_text(file.get("title")),
                url=_text(file.get("url")),
                size=size_of(file.get("size_in_bytes")),
                type=_text(file.get("mime_type")) or None,
            )


def _language(stated: str) -> Language | None:
    """What an item says of itself; a feed's own `language` is too often that of the software."""
    short = stated.partition("-")[0].lower()
    return short if short in _LANGUAGES else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """A text; a number (some give their ids so) counts as one, true and false do not."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()  # JSON can spell halves of characters
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
