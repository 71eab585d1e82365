"""
XLSX: the sheets of a workbook, row by row, in bounded memory.

Only what stands in cells is read: no formula is computed, no link followed,
no macro, picture or other file touched.
"""

import re
import zipfile
from array import array
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from posixpath import join, normpath
from tempfile import TemporaryFile
from typing import BinaryIO

from publisher.errors import UnreadableFile
from publisher.spreadsheet.cells import DateStyles, as_text
from publisher.spreadsheet.kinds import CURE
from publisher.spreadsheet.package import Reader, has, package, read_xml
from publisher.spreadsheet.row import MAX_CELL, MAX_ROW, Row, Sheet
from publisher.spreadsheet.writing import untamed

_BOOK = "xl/workbook.xml"
_MAX_SHEETS = 1_000
_MAX_COLUMNS = 1_000
_REFERENCE = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")


@contextmanager
def workbook_sheets(stream: BinaryIO) -> Iterator[tuple[Sheet, ...]]:
    """The sheets in their order. Raises UnreadableFile for what is no workbook, here or while reading."""
    with ExitStack() as stack:
        archive = stack.enter_context(package(stream))
        if not has(archive, _BOOK):
            raise UnreadableFile(_no_workbook(archive))
        book = _Book()
        for _ in read_xml(archive, _BOOK, book):
            pass
        parts = _parts(archive)
        styles = DateStyles(is_1904=book.is_1904)
        if "styles" in parts:
            for _ in read_xml(archive, parts["styles"], styles):
                pass
        strings = stack.enter_context(_shared(archive, parts.get("sharedStrings")))
        yield tuple(
            Sheet(name=name, rows=partial(_rows, archive, parts[key], strings, styles), plain=_nothing)
            for name, key in book.sheets
            if key in parts
        )


def _nothing() -> Iterator[Row]:
    return iter(())


def _no_workbook(archive: zipfile.ZipFile) -> str:
    if has(archive, "xl/workbook.bin"):
        return f"the file is a binary Excel workbook (.xlsb); open it, choose “Save as”, and {CURE}"
    return "the file is a ZIP archive; unpack it and hand in the tables in it one by one"


class _Book(Reader):
    """`workbook.xml`: the names of the sheets, and from which year days are counted."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.is_1904 = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet" and len(self.sheets) < _MAX_SHEETS:
            self.sheets.append((attributes.get("name", ""), attributes.get("id", "")))
        elif name == "workbookPr":
            self.is_1904 = attributes.get("date1904") in ("1", "true")


class _Relations(Reader):
    """`workbook.xml.rels`: where the parts lie. What lies outside of the workbook is none."""

    def __init__(self) -> None:
        self.parts: dict[str, str] = {}

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name != "Relationship" or attributes.get("TargetMode") == "External" or len(self.parts) > 2 * _MAX_SHEETS:
            return
        kind = attributes.get("Type", "").rpartition("/")[2]
        target = normpath(join("/xl", attributes.get("Target", ""))).lstrip("/")
        if kind == "worksheet":
            self.parts[attributes.get("Id", "")] = target
        elif kind in ("styles", "sharedStrings"):
            self.parts[kind] = target


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    relations = _Relations()
    for _ in read_xml(archive, "xl/_rels/workbook.xml.rels", relations):
        pass
    return relations.parts


# ── Strings that several cells share ─────────────────────────────────────────


class _Strings(Reader):
    """The shared strings, in a file on disk: a workbook may have millions of them."""

    def __init__(self, store: BinaryIO) -> None:
        self._store = store
        self._ends = array("Q", [0])
        self._text = _Text()

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self._text.begin(name)

    def end(self, name: str) -> None:
        self._text.end(name)
        if name == "si":
            written = self._text.taken().encode("utf-8", "replace")
            self._store.write(written)
            self._ends.append(self._ends[-1] + len(written))

    def text(self, text: str) -> None:
        self._text.add(text)

    def at(self, number: int) -> str:
        """The string of that number; there is none: empty."""
        if not 0 <= number < len(self._ends) - 1:
            return ""
        begin, end = self._ends[number], self._ends[number + 1]
        self._store.seek(begin)
        return self._store.read(end - begin).decode("utf-8")


@contextmanager
def _shared(archive: zipfile.ZipFile, part: str | None) -> Iterator[_Strings]:
    with TemporaryFile() as store:
        strings = _Strings(store)
        if part:
            for _ in read_xml(archive, part, strings):
                pass
        yield strings


class _Text:
    """The text of a cell as it comes in pieces; readings of Japanese words (`rPh`) are not part of it."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._is_open = False
        self._in_reading = False

    def begin(self, name: str) -> None:
        if name == "rPh":
            self._in_reading = True
        elif name in ("t", "v"):
            self._is_open = not self._in_reading

    def end(self, name: str) -> None:
        if name == "rPh":
            self._in_reading = False
        elif name in ("t", "v"):
            self._is_open = False

    def add(self, text: str) -> None:
        if not self._is_open:
            return
        self._length += len(text)
        if self._length > MAX_CELL:
            raise UnreadableFile(f"a cell has more than {MAX_CELL:,} characters")
        self._pieces.append(text)

    def taken(self) -> str:
        text = "".join(self._pieces)
        self._pieces.clear()
        self._length = 0
        return text


# ── Rows ─────────────────────────────────────────────────────────────────────


def _rows(archive: zipfile.ZipFile, part: str, strings: _Strings, styles: DateStyles) -> Iterator[Row]:
    sheet = _Cells(strings, styles)
    for _ in read_xml(archive, part, sheet):
        yield from sheet.done
        sheet.done.clear()


class _Cells(Reader):
    """The rows of a sheet, as their cells come."""

    def __init__(self, strings: _Strings, styles: DateStyles) -> None:
        self.done: list[Row] = []
        self._strings, self._styles = strings, styles
        self._line = 0
        self._column = 0
        self._room = MAX_ROW
        self._cells: dict[int, str] = {}
        self._kind = self._style = ""
        self._text = _Text()

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._begin_row(attributes.get("r", ""))
        elif name == "c":
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
            found = _REFERENCE.fullmatch(attributes.get("r", ""))
            self._column = _number_of(found[1]) if found else self._column + 1
        self._text.begin(name)

    def _begin_row(self, told: str) -> None:
        line = int(told) if told.isascii() and told.isdigit() and len(told) < 8 else self._line + 1
        if line <= self._line:
            raise UnreadableFile(f"row {line}: comes again after row {self._line}; open the workbook, and {CURE}")
        self._line, self._column, self._room = line, 0, MAX_ROW
        self._cells.clear()

    def end(self, name: str) -> None:
        self._text.end(name)
        if name == "c":
            self._take_cell()
        elif name == "row" and self._cells:
            width = max(self._cells)
            self.done.append(
                Row(line=self._line, cells=tuple(self._cells.get(place, "") for place in range(1, width + 1)))
            )

    def _take_cell(self) -> None:
        written = self._text.taken()
        if self._kind == "s":
            text = self._strings.at(int(written)) if written.isascii() and written.isdigit() else ""
        else:
            text = as_text(written, self._kind, self._styles.is_date(self._style), is_1904=self._styles.is_1904)
        if not text.strip():
            return
        self._room -= len(text)
        if self._column > _MAX_COLUMNS or self._room < 0:
            raise UnreadableFile(
                f"row {self._line}: has more than {_MAX_COLUMNS:,} columns or {MAX_ROW:,} characters; {CURE}"
            )
        self._cells[self._column] = untamed(text)

    def text(self, text: str) -> None:
        try:
            self._text.add(text)
        except UnreadableFile as error:
            raise UnreadableFile(f"row {self._line}: {error}") from error


def _number_of(letters: str) -> int:
    """`A` → 1, `AA` → 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
