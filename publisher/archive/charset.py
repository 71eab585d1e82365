"""
Bytes to text, whatever the page says of itself.

Old Korean sites write EUC-KR (really CP949), many declare something else than
they send. A text that is valid UTF-8 and not plain ASCII is UTF-8, whatever
stands in its header; otherwise the declarations are tried, and CP949 last.
"""

import codecs
import re
from collections.abc import Iterator

_TORN_CHARACTERS = 10  # a few are torn by cuts at a length in bytes; more mean another charset

# Declared name → the codec that reads it as browsers do. Names that are not here are not believed: some of
# Python's codecs are no charsets, and some take time with the square of the length.
_CODECS = {
    **dict.fromkeys(("utf8", "utf-8", "unicode-1-1-utf-8"), "utf-8"),
    **dict.fromkeys(("utf-16", "utf-16le", "utf-16be"), "utf-16"),
    **dict.fromkeys(("cp949", "uhc", "ms949", "windows-949", "x-windows-949"), "cp949"),
    **dict.fromkeys(
        ("euc-kr", "euckr", "euc_kr", "ks_c_5601-1987", "ks_c_5601-1989", "ksc5601", "ksc_5601", "korean"), "cp949"
    ),
    **dict.fromkeys(("iso-8859-1", "latin1", "us-ascii", "ascii", "windows-1252", "cp1252"), "cp1252"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "windows-31j"), "cp932"),
    "euc-jp": "euc_jp",
    **dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030"),
    "big5": "big5",
}
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_IN_DOCUMENT = re.compile(rb"(?:encoding|charset)\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_HEAD = 2048  # bytes in which a document declares its charset


def decoded(content: bytes, *, content_type: str = "") -> str:
    """
    The text of a document; never raises.

    Tried are a byte order mark, UTF-8, what the header (`content_type`) and the
    document declare, and CP949; the first that fits is taken.
    """
    for codec in _candidates(content, content_type):
        try:
            return content.decode(codec)
        except UnicodeDecodeError as error:
            if codec == "utf-8" and _is_only_torn(content, error.start):
                break
    return content.decode("utf-8", "replace")


def _candidates(content: bytes, content_type: str) -> Iterator[str]:
    yield from (codec for mark, codec in _BOMS if content.startswith(mark))
    yield "utf-8"
    in_header = _IN_HEADER.search(content_type)
    in_document = _IN_DOCUMENT.search(content[:_HEAD])
    names = (in_header[1] if in_header else "", in_document[1].decode("ascii", "replace") if in_document else "")
    yield from (codec for name in names if (codec := _CODECS.get(name.lower())))
    yield "cp949"


def _is_only_torn(content: bytes, first_fault: int) -> bool:
    """Whether it is UTF-8 but for a few cut characters: then there are whole ones before the first fault."""
    if content[:first_fault].isascii():
        return False
    return content.decode("utf-8", "replace").count("\ufffd") <= _TORN_CHARACTERS
