"""The read of a folder: which files are pieces, and which of them are new or changed."""

import asyncio
import unicodedata
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from publisher.archive.charset import decoded
from publisher.archive.folder.counterparts import keys_meant, language_named, versions_beside
from publisher.archive.folder.documents import READERS, read_document
from publisher.archive.folder.dump import key_of, parts_of, read_dump
from publisher.archive.folder.frontmatter import BadFrontMatter
from publisher.archive.piece import Parts, make_item
from publisher.archive.source import ArchivePolicy, Cursor, Event, Expecting, Finished, Found, Skipped
from publisher.archive.weblinks import host_of
from publisher.archive.wording import file_name, media_type
from publisher.errors import SourceError
from publisher.model import Attachment

_LARGEST = 4 * 1024 * 1024
_TORN_CHARACTERS = 10
_MOST_ATTACHMENTS = 50
_BOMS = (b"\xff\xfe", b"\xfe\xff")


class FolderSource:
    """The files below `policy.path`, newest name first; see `archive.source.Source`."""

    def __init__(self, policy: ArchivePolicy, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._folder = Path(policy.path)
        self._url = policy.url
        self._zone = policy.zone
        self._now = now

    async def read(self, known: Mapping[str, str], cursor: Cursor) -> AsyncIterator[Event]:
        files = await asyncio.to_thread(_pieces, self._folder)
        yield Expecting(total=len(files))
        now = self._now()
        seen: set[str] = set()
        for file in files:
            event = await asyncio.to_thread(self._read_file, file, now)
            key = event.item.source_key if isinstance(event, Found) else event.source_key
            if key in seen:
                event = self._skip(file.stem, "the same post stands in another file")
            seen.add(key)
            if not (isinstance(event, Found) and known.get(key) == event.item.digest):
                yield event
        yield Finished(cursor=cursor)

    def _read_file(self, file: Path, now: datetime) -> Found | Skipped:
        key = self._key(file)
        if not file.resolve().is_relative_to(self._folder.resolve()):
            return self._skip(key, "a link that leads out of the folder")
        text = _text_of(file)
        if text is None:
            return self._skip(key, "not a text file")
        try:
            parts = self._parts(text, file, key, now)
        except BadFrontMatter as error:
            return self._skip(key, f"front matter: {error}")
        if parts is None:
            return self._skip(key, "draft")
        item = make_item(parts, now)
        return Found(item=item) if item else self._skip(parts.source_key, "empty")

    def _parts(self, text: str, file: Path, key: str, now: datetime) -> Parts | None:
        """What the file says; None for a draft."""
        dump = read_dump(text) if file.suffix.lower() == ".txt" else None
        if dump:
            return parts_of(dump, key_of(dump, file.name) or file.stem, self._url, now, self._zone)
        front, parts = read_document(text, file.suffix.lower(), file.name, now, self._zone)
        if front.is_draft:
            return None
        url = parts.url or self._url
        return replace(
            parts,
            source_key=key,
            url=url,
            base_url=url,
            language=parts.language or language_named(file.name),
            attachments=tuple(_attachments(file.with_suffix(""), url)),
            counterparts=tuple(dict.fromkeys(self._counterparts(file, parts.counterparts))),
        )

    def _counterparts(self, file: Path, named: Sequence[str]) -> Iterator[str]:
        """The files with the same text in other languages: those that it names, and those named alike beside it."""
        own = self._key(file)
        for name in named:
            yield from (name,) if host_of(name) else (key for key in keys_meant(name, own) if key != own)
        yield from (self._key(other) for other in versions_beside(file))

    def _key(self, file: Path) -> str:
        """Where the file lies, without its ending. In NFC: a copy made on a Mac is the same file."""
        place = file.relative_to(self._folder).with_suffix("").as_posix()
        return unicodedata.normalize("NFC", place)

    def _skip(self, key: str, reason: str) -> Skipped:
        return Skipped(source_key=key, url=self._url, reason=reason)


def _pieces(folder: Path) -> Sequence[Path]:
    """The files that hold a piece: not a README, nor hidden ones, nor what lies in a folder of attachments."""
    if not folder.is_dir():
        raise SourceError("folder missing", f"{folder}: no such folder; see archives.<name>.path")
    try:
        files = [file for file in folder.rglob("*") if file.suffix.lower() in READERS and file.is_file()]
    except OSError as error:
        raise SourceError("unreachable", f"{folder}: {error.strerror or error}") from error
    beside = {file.with_suffix("") for file in files}
    return sorted(
        (file for file in files if _is_piece(file, folder) and beside.isdisjoint(file.parents)),
        key=lambda file: file.name,
        reverse=True,
    )


def _is_piece(file: Path, folder: Path) -> bool:
    is_hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    return not is_hidden and file.stem.lower() != "readme"


def _attachments(folder: Path, url: str) -> list[Attachment]:
    """The files in the folder that bears the piece's name. It has no place on the web, so they lead to the piece."""
    if folder.is_symlink() or not folder.is_dir():
        return []
    files = sorted(file for file in folder.iterdir() if file.is_file() and not file.is_symlink())
    named = [(file, file_name(file.name)) for file in files if not file.name.startswith(".")]
    return [
        Attachment(name=name, url=url, size=file.stat().st_size, type=media_type(name), needs_session=True)
        for file, name in named[:_MOST_ATTACHMENTS]
        if name
    ]


def _text_of(file: Path) -> str | None:
    try:
        content = file.read_bytes() if file.stat().st_size <= _LARGEST else b"\x00"
    except OSError:
        return None
    if b"\x00" in content and not content.startswith(_BOMS):
        return None
    text = decoded(content)
    return text if text.count("\ufffd") <= _TORN_CHARACTERS else None
