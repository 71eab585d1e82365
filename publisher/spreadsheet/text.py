"""
CSV: text in UTF-8, CP949 or UTF-16, with commas, semicolons or tabs.

The file is read twice in small pieces: to judge it, then to read it.
"""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

from publisher.errors import UnreadableFile
from publisher.spreadsheet.kinds import CHUNK, CURE, as_text, encoding
from publisher.spreadsheet.row import MAX_CELL, MAX_ROW, Row, Sheet
from publisher.spreadsheet.writing import untamed

_DELIMITERS = (",", ";", "\t")
_MAX_PASTED = 1_000_000  # a line of addresses out of a mail program


def text_sheet(stream: BinaryIO) -> Sheet:
    """The one table of a text file. Raises UnreadableFile for bytes that are no text."""
    name = encoding(stream)
    return Sheet(name="", rows=lambda: _rows(stream, name), plain=lambda: _plain(stream, name))


def _rows(stream: BinaryIO, name: str) -> Iterator[Row]:
    with _text(stream, name) as text:
        delimiter, begin = _delimiter(text.read(CHUNK))
        text.seek(0)
        for line, cells in _records(_Lines(text, begin), delimiter):
            if any(len(cell) > MAX_CELL for cell in cells):
                raise UnreadableFile(f"line {line}: a cell has more than {MAX_CELL:,} characters")
            plain = tuple(untamed(cell) for cell in cells)
            if any(cell.strip() for cell in plain):
                yield Row(line=line, cells=plain)


def _plain(stream: BinaryIO, name: str) -> Iterator[Row]:
    with _text(stream, name) as text:
        number = 0
        while line := text.readline(_MAX_PASTED + 1):
            number += 1
            if len(line) > _MAX_PASTED:
                raise UnreadableFile(f"line {number}: has more than {_MAX_PASTED:,} characters; divide it")
            if line.strip():
                yield Row(line=number, cells=(line.strip(),))


@contextmanager
def _text(stream: BinaryIO, name: str) -> Iterator[IO[str]]:
    text = as_text(stream, name)
    try:
        yield text
    finally:
        if not stream.closed:  # as it is when somebody stopped reading half-way
            text.detach()


def _records(lines: "_Lines", delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = lines.begin_row()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UnreadableFile(f"line {line}: a quotation mark stands where it cannot be read; {CURE}") from error
        if cells is None:
            return
        yield line, cells


class _Lines:
    """Lines for the CSV reader, counted, and never more of them at once than a row may have."""

    def __init__(self, text: IO[str], begin: int) -> None:
        self._text = text
        self._left = MAX_ROW
        self._number = sum(bool(text.readline(MAX_ROW)) for _ in range(begin))

    def begin_row(self) -> int:
        self._left = MAX_ROW
        return self._number + 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._left + 1)
        self._number += 1
        self._left -= len(line)
        if self._left < 0:
            raise UnreadableFile(
                f"line {self._number}: the row has more than {MAX_ROW:,} characters; "
                "perhaps a quotation mark is not closed"
            )
        if not line:
            raise StopIteration
        return line


def _delimiter(sample: str) -> tuple[str, int]:
    """What separates the cells, and how many lines stand before the table."""
    if found := re.match(r"sep=(.)\r?\n?", sample):  # Excel's own note to itself
        return found[1], 1
    unquoted = re.sub(r'"(?:[^"]|"")*"', "", sample).lstrip("\r\n")
    # A title above the table has no separators: the first line that has one tells.
    lines = re.split(r"[\r\n]+", unquoted)
    telling = next((line for line in lines if any(one in line for one in _DELIMITERS)), "")
    return max(_DELIMITERS, key=telling.count), 0
