"""
Tables handed in and out: CSV and XLSX bytes to rows, and rows to CSV.

Files come out of Excel, LibreOffice, Hancell and old groupware. Each is read in
small pieces, so its size does not matter for memory, and nothing in it is
believed: sizes, ratios, depths and lengths have limits. What the cells mean is
decided by whoever asked.

`kinds` tells what a file is, `text` reads CSV, `workbook` and `cells` read
XLSX, `writing` writes.
"""

import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from publisher.errors import UnreadableFile
from publisher.spreadsheet.kinds import CHUNK, refuse_foreign
from publisher.spreadsheet.row import Row, Sheet
from publisher.spreadsheet.text import text_sheet
from publisher.spreadsheet.workbook import workbook_sheets
from publisher.spreadsheet.writing import lines, write

__all__ = ["Row", "Sheet", "lines", "opened", "write"]


@contextmanager
def opened(content: bytes | BinaryIO, *, max_bytes: int = 1 << 28) -> Iterator[tuple[Sheet, ...]]:
    """
    The tables of a file: one of a CSV file, each sheet of a workbook in its order.

    Raises UnreadableFile for what is no table or too large, and so does reading
    a sheet at a row that cannot be read. A stream that cannot go back is copied;
    the caller's own stays open.
    """
    stream, is_ours = _seekable(content, max_bytes)
    try:
        if stream.seek(0, io.SEEK_END) > max_bytes:
            raise UnreadableFile(_too_large(max_bytes))
        if refuse_foreign(stream):
            with workbook_sheets(stream) as sheets:
                yield sheets
        else:
            yield (text_sheet(stream),)
    finally:
        if is_ours:
            stream.close()


def _seekable(content: bytes | BinaryIO, max_bytes: int) -> tuple[BinaryIO, bool]:
    if isinstance(content, bytes):
        return io.BytesIO(content), True
    if content.seekable():
        return content, False
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - handed on; closed by `opened`
    try:
        shutil.copyfileobj(_Limited(content, max_bytes), copy, CHUNK)
    except BaseException:
        copy.close()
        raise
    return copy, True


class _Limited:
    """As much of a stream as may come."""

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
