"""What kind of file somebody handed in, and how to save it so that it can be read."""

import codecs
import io
from typing import BinaryIO

from publisher.errors import UnreadableFile

CHUNK = 1 << 16
CURE = "save it as “CSV UTF-8” or as an Excel workbook (.xlsx) and hand that in"

_FOREIGN = {
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook (.xls), one of Hancell (.cell), or one with a password; "
    "open it, choose “Save as”, and",
    b"%PDF": "is a PDF; open what it was made from, and",
    b"<": "is a web page or XML, whatever its name says; open it in Excel, and",
    b"{\\rtf": "is a text document (RTF); copy the table into Excel, and",
}
_ZIP = b"PK\x03\x04"
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument"


def refuse_foreign(stream: BinaryIO) -> bool:
    """Is it a ZIP file, as workbooks are? Raises UnreadableFile for what is no table at all."""
    stream.seek(0)
    head = stream.read(128)
    if head.startswith(_ZIP):
        if _OPEN_DOCUMENT in head:
            raise UnreadableFile(f"the file is an OpenDocument table (.ods); open it, choose “Save as”, and {CURE}")
        return True
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    for mark, what in _FOREIGN.items():
        if text.startswith(mark) and not _is_pasted(text):
            raise UnreadableFile(f"the file {what} {CURE}")
    return False


def _is_pasted(text: bytes) -> bool:
    """`<kim@mail.example>; …` begins like a web page and is none."""
    inside, closed, _ = text.removeprefix(b"<").partition(b">")
    return bool(closed) and b"@" in inside and not any(mark in inside for mark in b" <=/")


def encoding(stream: BinaryIO) -> str:
    """UTF-8, CP949 or UTF-16: the one in which all of the file can be read."""
    stream.seek(0)
    has_utf16_mark = stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    for name in ("utf-16",) if has_utf16_mark else ("utf-8-sig", "cp949"):
        if _is_text_in(stream, name):
            return name
    raise UnreadableFile(f"the file is neither UTF-8 nor CP949 text; {CURE}")


def _is_text_in(stream: BinaryIO, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    stream.seek(0)
    try:
        while part := stream.read(CHUNK):
            if "\0" in decoder.decode(part):
                raise UnreadableFile(f"the file holds binary data, or UTF-16 without its mark; {CURE}")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def as_text(stream: BinaryIO, name: str) -> io.TextIOWrapper:
    """The stream from its beginning as text; detach it when done, or the stream is closed with it."""
    stream.seek(0)
    return io.TextIOWrapper(stream, encoding=name, newline="")
