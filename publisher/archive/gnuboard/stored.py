"""
Texts as an old database holds them → the texts that were typed.

Boards have moved from EUC-KR to UTF-8 and from server to server for twenty
years, and some moved by halves: the bytes of one character set stand in columns
that call themselves another. What can be proven is mended, and only that: a
text is taken for something else when all of it reads as Korean that way.
"""

AUTO = "auto"
"""Mend what proves to be stored under the wrong name."""

_LONGEST_TORN = 3  # bytes that a cut at a column's length may leave of a character
_LEAST = 2  # Korean syllables (or other characters of several bytes): fewer prove nothing


def stored_text(value: object, charset: str = AUTO) -> str:
    """
    A column's value as text; never raises.

    `charset` is what the site's texts really are: `auto`, `utf-8` (believe the
    database), or `euc-kr` (Latin-1 columns hold EUC-KR, proof or not).
    """
    text = _read(value, charset) if isinstance(value, bytes) else str(value or "")
    if charset == "utf-8" or text.isascii():
        return text
    raw = _as_latin1(text)
    if raw is None:
        return text
    if charset == "euc-kr":
        return raw.decode("cp949", "replace")
    return _twice_encoded(raw) or _korean(raw) or text


def _read(raw: bytes, charset: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
    torn = text.count("\ufffd")
    whole = sum(not sign.isascii() for sign in text) - torn
    return text if charset == "utf-8" or torn * 2 <= whole else _korean(raw) or text


def _as_latin1(text: str) -> bytes | None:
    """The bytes behind a text that a `latin1` column gave (the server means Windows-1252 by it), if it can be one."""
    raw = bytearray()
    for sign in text:
        if ord(sign) < 0x100:
            raw.append(ord(sign))
            continue
        try:
            raw += sign.encode("cp1252")
        except UnicodeEncodeError:
            return None
    return bytes(raw)


def _twice_encoded(raw: bytes) -> str | None:
    """UTF-8 that was taken for Latin-1: hardly anything else is well-formed so."""
    text = _decoded(raw, "utf-8")
    return text if text and sum(not sign.isascii() for sign in text) >= _LEAST else None


def _korean(raw: bytes) -> str | None:
    """EUC-KR (in Microsoft's wider form), if most of it is everyday Hangul: `Ärger` reads as one odd syllable."""
    text = _decoded(raw, "cp949")
    if text is None:
        return None
    wide = [sign for sign in text if not sign.isascii()]
    everyday = sum(_is_everyday(sign) for sign in wide)
    return text if everyday >= _LEAST and everyday * 2 > len(wide) else None


def _decoded(raw: bytes, charset: str) -> str | None:
    """The whole text, or all but a character that was torn at its end."""
    for end in range(len(raw), max(len(raw) - _LONGEST_TORN, 0) - 1, -1):
        try:
            return raw[:end].decode(charset)
        except UnicodeDecodeError as error:
            if error.start < len(raw) - _LONGEST_TORN:
                return None
    return None


def _is_everyday(sign: str) -> bool:
    """One of the 2,350 syllables of KS X 1001."""
    try:
        return "가" <= sign <= "힣" and len(sign.encode("euc_kr")) == 2
    except UnicodeEncodeError:
        return False
