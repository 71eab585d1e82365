"""
A folder of board pages that were saved as text.

Such a file holds what a browser shows: menus, the title as shown (perhaps
cut), `페이지 정보`, the line of facts, `본문`, the text, `댓글목록`. Every file
is read each time, since there is nothing to spare; only new and changed ones
are yielded. Text files of any other kind are passed over with a reason.
"""

import asyncio
import html
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from publisher.archive.piece import Parts, make_item
from publisher.archive.source import ArchivePolicy, Cursor, Event, Expecting, Finished, Found, Skipped
from publisher.archive.weblinks import find_addresses
from publisher.archive.wording import file_name, media_type, size_in, written_at
from publisher.errors import SourceError
from publisher.markup import fold
from publisher.model import Attachment

_LARGEST = 4 * 1024 * 1024
_NUMBER = re.compile(r"wr_id[=_-]?0*([1-9][0-9]{0,11})(?![0-9])", re.ASCII)
_LABEL = r"(?:작성자|작성일|댓글|조회)"
_AUTHOR = re.compile(rf"작성자\s*(.{{1,80}}?)\s*(?={_LABEL}|$)")
_WRITTEN = re.compile(r"작성일\s*(\S+\s+\S+)")
_INFO, _TEXT, _FILES, _LINKS, _COMMENTS = "페이지 정보", "본문", "첨부파일", "관련링크", "댓글목록"


class FolderSource:
    """The text files of `policy.path`, newest name first; see `archive.source.Source`."""

    def __init__(self, policy: ArchivePolicy, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._policy = policy
        self._now = now

    async def read(self, known: Mapping[str, str], cursor: Cursor) -> AsyncIterator[Event]:
        folder = Path(self._policy.path)
        files = await asyncio.to_thread(_text_files, folder)
        yield Expecting(total=len(files))
        seen: set[str] = set()
        for file in files:
            event = await asyncio.to_thread(self._read_file, file)
            key = event.item.source_key if isinstance(event, Found) else event.source_key
            if key in seen:
                event = Skipped(
                    source_key=file.stem, url=self._policy.url, reason="the same post stands in another file"
                )
            seen.add(key)
            if not (isinstance(event, Found) and known.get(key) == event.item.digest):
                yield event
        yield Finished(cursor=cursor)

    def _read_file(self, file: Path) -> Found | Skipped:
        text = _decoded(file)
        dump = read_dump(text) if text is not None else None
        if dump is None:
            reason = "not a text file" if text is None else "not a saved board page"
            return Skipped(source_key=file.stem, url=self._policy.url, reason=reason)
        number = _NUMBER.search(file.name) or _NUMBER.search(dump.above)
        key = number[1] if number else file.stem
        now = self._now()
        item = make_item(_parts(dump, key, self._policy.url, now), now)
        return Found(item=item) if item else Skipped(source_key=key, url=self._policy.url, reason="empty")


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


def _parts(dump: Dump, key: str, url: str, now: datetime) -> Parts:
    author = _AUTHOR.search(dump.info)
    written = _WRITTEN.search(dump.info)
    links = tuple(found.address for line in dump.links for found in find_addresses(line))
    return Parts(
        source_key=key,
        url=url,
        shown_title=dump.title,
        author=(fold(author[1]) or None) if author else None,
        published_at=written_at(written[1], now) if written else None,
        html=_as_html(dump.text),
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


def _as_html(lines: Sequence[str]) -> str:
    """Text to paragraphs: an empty line parts them, a single line break stays one; addresses become links."""
    paragraphs = re.split(r"\n(?:[ \t]*\n)+", "\n".join(lines).strip("\n "))
    return "\n".join(
        f"<p>{'<br>'.join(map(_linked, text.strip().split(chr(10))))}</p>" for text in paragraphs if text.strip()
    )


def _linked(line: str) -> str:
    pieces, end = [], 0
    for found in find_addresses(line):
        words = html.escape(line[found.start : found.end])
        pieces += [html.escape(line[end : found.start]), f'<a href="{html.escape(found.address)}">{words}</a>']
        end = found.end
    return "".join([*pieces, html.escape(line[end:])])


def _text_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise SourceError("folder missing", f"{folder}: no such folder; see archives.<name>.path")
    try:
        files = [file for file in folder.rglob("*.txt") if file.is_file() and not file.name.startswith(".")]
    except OSError as error:
        raise SourceError("unreachable", f"{folder}: {error.strerror or error}") from error
    return sorted(files, key=lambda file: file.name, reverse=True)


def _decoded(file: Path) -> str | None:
    try:
        content = file.read_bytes() if file.stat().st_size <= _LARGEST else b"\x00"
    except OSError:
        return None
    if b"\x00" in content:
        return None
    for charset in ("utf-8-sig", "cp949"):
        try:
            return content.decode(charset)
        except UnicodeDecodeError:
            continue
    return None
