"""
The files beside the posts, made by code: small, valid, and the same bytes each time.

An HWP is a document of its own kind (an OLE container) that nobody but its maker
writes well; a demo file has the first sector's signature and says what it is.
"""

import math
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from io import BytesIO
from typing import TypeAlias

Colour: TypeAlias = tuple[int, int, int]

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_SECTOR = 512
_LONG_AGO = (2020, 1, 1, 0, 0, 0)
_IMPRINT = "한빛평화연구소 · Hanbit Peace Institute (demo)"

MEDIA_TYPES = {
    "png": "image/png",
    "pdf": "application/pdf",
    "hwp": "application/x-hwp",
    "hwpx": "application/hwp+zip",
}


def media_type(name: str) -> str:
    return MEDIA_TYPES.get(name.rpartition(".")[2], "application/octet-stream")


@cache
def document(name: str, title: str) -> bytes:
    """A document of the kind that its name announces, with the title in it."""
    match name.rpartition(".")[2]:
        case "pdf":
            return _pdf(title)
        case "hwpx":
            return _hwpx(title)
        case _:
            return _hwp(title)


def _pdf(title: str) -> bytes:
    """One page with the title, set in a font that every reader of Korean PDFs has or replaces."""
    lines = [title[at : at + 34] for at in range(0, len(title), 34)] + ["", _IMPRINT]
    text = "BT /F1 15 Tf 24 TL 64 760 Td " + " ".join(f"<{_utf16(line)}> Tj T*" for line in lines) + " ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        "<< /Type /Font /Subtype /Type0 /BaseFont /HYSMyeongJo-Medium /Encoding /UniKS-UTF16-H"
        " /DescendantFonts [6 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HYSMyeongJo-Medium /FontDescriptor 7 0 R"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (Korea1) /Supplement 2 >> /DW 1000 /W [1 95 500] >>",
        "<< /Type /FontDescriptor /FontName /HYSMyeongJo-Medium /Flags 6 /FontBBox [0 -148 1001 880]"
        " /ItalicAngle 0 /Ascent 880 /Descent -148 /CapHeight 880 /StemV 60 >>",
    ]
    return _numbered(objects)


def _utf16(text: str) -> str:
    return text.encode("utf-16-be").hex()


def _numbered(objects: list[str]) -> bytes:
    """The objects as a PDF file, with the table that says where each begins."""
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("ascii")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return bytes(out) + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode("ascii")


def _hwp(title: str) -> bytes:
    words = f"{title}\n{_IMPRINT}\n".encode()
    return _OLE.ljust(_SECTOR, b"\0") + words.ljust(3 * _SECTOR, b"\0")


def _hwpx(title: str) -> bytes:
    """A zip whose first member names the kind, stored as it is, as OWPML wants it."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as box:
        box.writestr(zipfile.ZipInfo("mimetype", _LONG_AGO), MEDIA_TYPES["hwpx"])
        box.writestr(zipfile.ZipInfo("Preview/PrvText.txt", _LONG_AGO), f"{title}\r\n{_IMPRINT}\r\n")
    return out.getvalue()


@cache
def picture(name: str, width: int, height: int) -> bytes:
    """A quiet landscape as PNG: sky, sun, ridges behind ridges. Its name decides the shape, and names the hour."""
    seed = zlib.crc32(name.encode())
    pixels = bytearray(width * height)
    for x in range(width):
        pixels[x::width] = _column(x / width, width / height, height, seed)
    rows = b"".join(b"\0" + pixels[y * width : (y + 1) * width] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"PLTE", bytes(_palette(name)))
        + _chunk(b"IDAT", zlib.compress(rows, 9))
        + _chunk(b"IEND", b"")
    )


_SKY, _RIDGES, _SUN = 48, 5, 53  # colours 0 to 47 are sky, then one for each ridge, then the sun
_HORIZON = 24  # from this step on the sky has the horizon's colour; ridges cover the rest
# The colour at the horizon and at the top, and of the farthest and the nearest ridge.
_HOURS: Mapping[str, tuple[Colour, Colour, Colour, Colour]] = {
    "first-light": ((240, 208, 172), (128, 158, 186), (176, 168, 168), (52, 60, 64)),
    "noon": ((222, 234, 236), (112, 156, 194), (150, 172, 178), (38, 62, 54)),
    "evening": ((236, 176, 150), (92, 98, 136), (140, 122, 142), (40, 38, 54)),
}
_HAZE = ((232, 232, 224), (176, 188, 190), (168, 180, 172), (62, 84, 70))


def _column(x: float, aspect: float, height: int, seed: int) -> bytes:
    column = bytearray(min(_SKY - 1, y * _SKY // height) for y in range(height))
    sun_x, sun_y, radius = 0.15 + (seed >> 8) % 70 / 100, 0.2 + (seed >> 16) % 12 / 100, 0.06
    half = radius**2 - ((x - sun_x) * aspect) ** 2
    if half > 0:
        top, bottom = (int((sun_y + sign * math.sqrt(half)) * height) for sign in (-1, 1))
        column[top:bottom] = bytes([_SUN]) * (bottom - top)
    for ridge in range(_RIDGES):
        top = int(_ridge(x, ridge, seed) * height)
        column[top:] = bytes([_SKY + ridge]) * (height - top)
    return bytes(column)


def _ridge(x: float, ridge: int, seed: int) -> float:
    """How far down the crest of this ridge lies at x, as a share of the height."""
    phase = (seed >> (ridge * 4)) % 97
    waves = sum(math.sin(x * pace * (2.6 + ridge) + phase * pace) / pace for pace in (1, 2.3, 5.1))
    return 0.42 + ridge * 0.115 + waves * (0.06 - ridge * 0.006)


def _palette(name: str) -> Iterator[int]:
    horizon, zenith, far, near = next((hour for word, hour in _HOURS.items() if word in name), _HAZE)
    for step in range(_SKY):
        yield from _between(zenith, horizon, min(1, step / _HORIZON))
    for ridge in range(_RIDGES):
        yield from _between(far, near, ridge / (_RIDGES - 1))
    yield from (252, 240, 214)


def _between(start: Colour, end: Colour, share: float) -> Iterator[int]:
    return (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
