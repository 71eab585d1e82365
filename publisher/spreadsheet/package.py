"""
The parts of a workbook: a ZIP file whose every number may be a lie.

The directory is judged before it is read, each part is counted while it
unfolds, and XML is read as a stream of events, without a tree, without entities.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO
from xml.parsers import expat

from publisher.errors import UnreadableFile
from publisher.spreadsheet.kinds import CHUNK, CURE

_MAX_DIRECTORY = 1 << 22  # bytes; a workbook has some dozens of parts
_MAX_PART = 1 << 31
_MAX_RATIO = 250  # sheets of a hundred thousand equal rows stay below 100
_FREE = 1 << 24  # bytes that may unfold before the ratio counts
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x07"
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, ValueError, struct.error)


@contextmanager
def package(stream: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """The opened ZIP file. Raises UnreadableFile for one that is damaged or has an unbelievable directory."""
    _judge_directory(stream)
    try:
        archive = zipfile.ZipFile(stream)
    except _BROKEN as error:
        raise UnreadableFile(_damaged()) from error
    with archive:
        yield archive


def _judge_directory(stream: BinaryIO) -> None:
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - (1 << 16) - 22))
    tail = stream.read()
    place = tail.rfind(_END)
    if place < 0 or len(tail) < place + 22:
        raise UnreadableFile(_damaged())
    (directory,) = struct.unpack_from("<L", tail, place + 12)
    if directory > _MAX_DIRECTORY or tail[max(0, place - 20) : place].startswith(_END_64):
        raise UnreadableFile(f"the file is a ZIP archive with more in it than a workbook has; {CURE}")


def _damaged() -> str:
    return f"the file is a damaged workbook or ZIP archive; open it, and {CURE}"


def has(archive: zipfile.ZipFile, part: str) -> bool:
    return part in archive.NameToInfo


def unfolded(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part in pieces. Raises UnreadableFile when it is missing, locked, damaged, or unfolds to too much."""
    info = archive.NameToInfo.get(part)
    if info is None:
        raise UnreadableFile(f"the workbook lacks its part {part[:80]!r}; open it, and {CURE}")
    if info.flag_bits & 1:
        raise UnreadableFile(f"the workbook is locked with a password; open it, take the password off, and {CURE}")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnreadableFile(_damaged())
    came = 0
    try:
        with archive.open(info) as content:
            while piece := content.read(CHUNK):
                came += len(piece)
                if came > _MAX_PART or came > _FREE + _MAX_RATIO * info.compress_size:
                    raise UnreadableFile(f"the workbook unfolds to more than its size can hold; {CURE}")
                yield piece
    except _BROKEN as error:
        raise UnreadableFile(_damaged()) from error


class Reader:
    """
    What looks at the XML of a part, event by event.

    `begin`, `end` and `text` are told names without their namespace, so that
    both dialects of the format (transitional and strict) read the same.
    """

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """It ends."""

    def text(self, text: str) -> None:
        """Text inside, perhaps in several pieces."""


def read_xml(archive: zipfile.ZipFile, part: str, reader: Reader) -> Iterator[None]:
    """Read a part; stops after each piece, so that the caller can take what has come. Raises UnreadableFile."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype  # no workbook has one; entities need one
    parser.StartElementHandler = lambda name, attributes: reader.begin(
        _local(name), {_local(key): value for key, value in attributes.items()}
    )
    parser.EndElementHandler = lambda name: reader.end(_local(name))
    parser.CharacterDataHandler = reader.text
    try:
        for piece in unfolded(archive, part):
            parser.Parse(piece, False)
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise UnreadableFile(_damaged()) from error
    yield


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _refuse_doctype(*_: object) -> None:
    raise UnreadableFile(f"the workbook holds declarations that no workbook has; {CURE}")
