"""
Tables handed in and out: CSV bytes to rows, and rows to CSV.

Files come out of Excel, LibreOffice and old groupware, in UTF-8, CP949 or
UTF-16, with commas, semicolons or tabs. A file is read twice in small pieces
(to judge it, then to read it), so its size does not matter for memory. What
the cells mean is decided by whoever asked.
"""

import codecs
import csv
import io
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, BinaryIO

from publisher.errors import UnreadableFile

_CHUNK = 1 << 16
_DELIMITERS = (",", ";", "\t")
_CURE = "save it as “CSV UTF-8” and hand that in"


@dataclass(frozen=True, kw_only=True)
class Row:
    """`line` is the line of the file (from 1) on which the row begins."""

    line: int
    cells: tuple[str, ...]


def rows(
    content: bytes | BinaryIO, *, max_bytes: int = 1 << 28, max_row: int = 100_000, max_cell: int = 10_000
) -> Iterator[Row]:
    """
    The rows of a CSV file, the header among them, blank ones left out.

    Raises UnreadableFile at once for what is no CSV or too large, and while
    reading at a row that cannot be read. An apostrophe that `write` put before
    a formula is taken off again. A stream is closed when it was read.
    """
    stream = _seekable(content, max_bytes)
    try:
        text, delimiter, begin = _opened(stream, max_bytes)
    except UnreadableFile:
        stream.close()
        raise
    return _read(text, delimiter, begin, max_row, max_cell)


def _read(text: IO[str], delimiter: str, begin: int, max_row: int, max_cell: int) -> Iterator[Row]:
    with text:
        for line, cells in _records(_Lines(text, begin, max_row), delimiter):
            if any(len(cell) > max_cell for cell in cells):
                raise UnreadableFile(f"line {line}: a cell has more than {max_cell:,} characters")
            plain = tuple(_TAMED.sub("", cell) for cell in cells)
            if any(cell.strip() for cell in plain):
                yield Row(line=line, cells=plain)


def _records(lines: "_Lines", delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = lines.begin_row()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UnreadableFile(f"line {line}: a quotation mark stands where it cannot be read; {_CURE}") from error
        if cells is None:
            return
        yield line, cells


class _Lines:
    """Lines for the CSV reader, counted, and never more of them at once than a row may have."""

    def __init__(self, text: IO[str], begin: int, max_row: int) -> None:
        self._text = text
        self._max_row = max_row
        self._left = max_row
        self._number = sum(bool(text.readline(max_row)) for _ in range(begin))

    def begin_row(self) -> int:
        self._left = self._max_row
        return self._number + 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._left + 1)
        self._number += 1
        self._left -= len(line)
        if self._left < 0:
            raise UnreadableFile(
                f"line {self._number}: the row has more than {self._max_row:,} characters; "
                "perhaps a quotation mark is not closed"
            )
        if not line:
            raise StopIteration
        return line


# ── What kind of file it is ──────────────────────────────────────────────────

_NOT_CSV = {
    # Workbooks get a reader of their own here.
    b"PK\x03\x04": "is an Excel workbook (.xlsx)",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook (.xls)",
    b"%PDF": "is a PDF",
    b"<": "is a web page or XML, whatever its name says",
}


def _seekable(content: bytes | BinaryIO, max_bytes: int) -> BinaryIO:
    """The content as a file that can be read twice; an upload is copied, as far as it may be long."""
    if isinstance(content, bytes):
        return io.BytesIO(content)
    if content.seekable():
        return content
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - handed on; closed by `rows` or with the reader
    try:
        shutil.copyfileobj(_Limited(content, max_bytes), copy, _CHUNK)
    except BaseException:
        copy.close()
        raise
    return copy


class _Limited:
    def __init__(self, stream: BinaryIO, left: int) -> None:
        self._stream, self._left, self._limit = stream, left, left

    def read(self, size: int = -1, /) -> bytes:
        part = self._stream.read(size)
        self._left -= len(part)
        if self._left < 0:
            raise UnreadableFile(_too_large(self._limit))
        return part


def _too_large(limit: int) -> str:
    return f"the file is larger than {limit:,} bytes; divide it"


def _opened(stream: BinaryIO, max_bytes: int) -> tuple[IO[str], str, int]:
    """The file as text, its delimiter, and how many lines stand before the table."""
    if stream.seek(0, io.SEEK_END) > max_bytes:
        raise UnreadableFile(_too_large(max_bytes))
    text = io.TextIOWrapper(stream, encoding=_encoding(stream), newline="")
    text.seek(0)
    sample = text.read(_CHUNK)
    text.seek(0)
    return text, *_delimiter(sample)


def _encoding(stream: BinaryIO) -> str:
    stream.seek(0)
    head = stream.read(16).removeprefix(codecs.BOM_UTF8).lstrip()
    for mark, what in _NOT_CSV.items():
        if head.startswith(mark):
            raise UnreadableFile(f"the file {what}; {_CURE}")
    has_utf16_mark = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if has_utf16_mark else ("utf-8-sig", "cp949"):
        if _is_text_in(stream, encoding):
            return encoding
    raise UnreadableFile(f"the file is neither UTF-8 nor CP949 text; {_CURE}")


def _is_text_in(stream: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    stream.seek(0)
    try:
        while part := stream.read(_CHUNK):
            if "\0" in decoder.decode(part):
                raise UnreadableFile(f"the file holds binary data, or UTF-16 without its mark; {_CURE}")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(sample: str) -> tuple[str, int]:
    if found := re.match(r"sep=(.)\r?\n?", sample):  # Excel's own note to itself
        return found[1], 1
    unquoted = re.sub(r'"(?:[^"]|"")*"', "", sample).lstrip("\r\n")
    first = re.split(r"[\r\n]", unquoted, maxsplit=1)[0]
    return max(_DELIMITERS, key=first.count), 0


# ── Writing ──────────────────────────────────────────────────────────────────

# A spreadsheet runs a cell that begins so (full-width signs too, in East Asian versions). An apostrophe makes it text.
_FORMULA = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")
_TAMED = re.compile(r"^'(?='*(?:[\t\r\n]|\s*[=+\-@＝＋－＠]))")
_NEEDS_QUOTES = re.compile(r'[,;"\x00-\x1f\ufeff]|^(?:\s*[<%]|sep=)')


def write(table: Iterable[Sequence[str]]) -> str:
    """
    Rows as CSV with commas, formulas made harmless by an apostrophe; `rows` reads it back the same.

    Encode it as `utf-8-sig`: Excel takes it for CP949 otherwise.
    """
    return "".join(lines(table))


def lines(table: Iterable[Sequence[str]]) -> Iterator[str]:
    """The same line by line, for tables that do not fit into memory."""
    for cells in table:
        yield ",".join(_written(cell) for cell in cells) + "\r\n"


def _written(cell: str) -> str:
    tame = f"'{cell}" if _FORMULA.match(cell) else cell
    return '"' + tame.replace('"', '""') + '"' if _NEEDS_QUOTES.search(tame) else tame
