"""
A board page that was saved as text.

Such a file holds what a browser shows: menus, the title as shown (perhaps
cut), `페이지 정보`, the line of facts, `본문`, the text, `댓글목록`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from publisher.archive.paragraphs import as_html
from publisher.archive.piece import Parts
from publisher.archive.weblinks import find_addresses
from publisher.archive.wording import KST, file_name, media_type, size_in, written_at
from publisher.markup import fold
from publisher.model import Attachment

_NUMBER = re.compile(r"wr_id[=_-]?0*([1-9][0-9]{0,11})(?![0-9])", re.ASCII)
_LABEL = r"(?:작성자|작성일|댓글|조회)"
_AUTHOR = re.compile(rf"작성자\s*(.{{1,80}}?)\s*(?={_LABEL}|$)")
_WRITTEN = re.compile(r"작성일\s*(\S+\s+\S+)")
_INFO, _TEXT, _FILES, _LINKS, _COMMENTS = "페이지 정보", "본문", "첨부파일", "관련링크", "댓글목록"


@dataclass(frozen=True, kw_only=True)
class Dump:
    """A saved page, cut at its landmarks. `above` is everything over the title: menus, perhaps an address."""

    above: str
    title: str
    info: str
    text: Sequence[str]
    files: Sequence[str]
    links: Sequence[str]


def read_dump(text: str) -> Dump | None:
    """Cut a saved page at its landmarks; None when they are not there."""
    lines = [line.replace("\u00a0", " ").rstrip() for line in text.splitlines()]
    bare = [line.strip() for line in lines]
    try:
        info = bare.index(_INFO)
        body = bare.index(_TEXT, info)
    except ValueError:
        return None
    end = len(bare) - 1 - bare[::-1].index(_COMMENTS) if _COMMENTS in bare[body:] else len(bare)
    sections = _sections(lines[body + 1 : end])
    heading = [line for line in bare[:info] if line]
    return Dump(
        above="\n".join(heading[:-1]),
        title=heading[-1] if heading else "",
        info=" ".join(" ".join(bare[info + 1 : body]).split()),
        text=sections[_TEXT],
        files=sections[_FILES],
        links=sections[_LINKS],
    )


def _sections(lines: Sequence[str]) -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {_TEXT: [], _FILES: [], _LINKS: []}
    current = _TEXT
    for line in lines:
        if line.strip() in {_FILES, _LINKS}:
            current = line.strip()
        else:
            sections[current].append(line)
    return sections


def key_of(dump: Dump, name: str) -> str | None:
    """The post's number, where the file's name or an address in the page gives one."""
    number = _NUMBER.search(name) or _NUMBER.search(dump.above)
    return number[1] if number else None


def parts_of(dump: Dump, key: str, url: str, now: datetime, zone: tzinfo = KST) -> Parts:
    """What the page says of the post."""
    author = _AUTHOR.search(dump.info)
    written = _WRITTEN.search(dump.info)
    links = tuple(found.address for line in dump.links for found in find_addresses(line))
    return Parts(
        source_key=key,
        url=url,
        shown_title=dump.title,
        author=(fold(author[1]) or None) if author else None,
        published_at=written_at(written[1], now, zone) if written else None,
        html=as_html("\n".join(dump.text)),
        attachments=tuple(_attachments(dump.files, url)),
        links=links,
    )


def _attachments(lines: Sequence[str], url: str) -> list[Attachment]:
    """Files as the page named them; a saved page has no addresses, so they lead to the post."""
    named = [line for line in lines if size_in(line) is not None]
    names = [file_name(line.rpartition("(")[0]) for line in named]
    return [
        Attachment(name=name, url=url, size=size_in(line), type=media_type(name), needs_session=True)
        for name, line in zip(names, named, strict=True)
        if name
    ]
