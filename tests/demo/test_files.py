"""The files beside the posts are what they say they are."""

import re
import struct
import zipfile
import zlib
from io import BytesIO

import pytest

from publisher.demo import files

TITLE = "기록되지 않은 사람들 & An Archive"


def test_a_pdf_has_every_object_where_its_table_says():
    pdf = files.document("보고서.pdf", TITLE)
    table_at = int(re.search(rb"startxref\n(\d+)\n%%EOF\n\Z", pdf)[1])
    assert pdf[table_at:].startswith(b"xref\n")
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n ", pdf)]
    assert all(pdf[place:].startswith(b"%d 0 obj" % number) for number, place in enumerate(places, 1))
    assert "기록".encode("utf-16-be").hex().encode() in pdf
    length = int(re.search(rb"/Length (\d+)", pdf)[1])
    assert pdf.split(b"stream\n", 1)[1][length:].startswith(b"\nendstream")


def test_an_hwpx_names_its_kind_first_and_stored():
    with zipfile.ZipFile(BytesIO(files.document("자료.hwpx", TITLE))) as box:
        first = box.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert box.read("mimetype") == b"application/hwp+zip"
        assert TITLE in box.read("Preview/PrvText.txt").decode()


def test_an_hwp_has_the_signature_and_says_that_it_is_a_demo():
    hwp = files.document("양식.hwp", TITLE)
    assert hwp.startswith(bytes.fromhex("d0cf11e0a1b11ae1"))
    assert len(hwp) % 512 == 0
    assert b"(demo)" in hwp


@pytest.mark.parametrize("name", ["ridges-at-noon.png", "valley-at-first-light.png", "terraces"])
def test_a_picture_is_a_sound_png_of_its_size(name):
    png = files.picture(name, 120, 68)
    chunks = dict(_chunks(png))
    width, height, depth, colours = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (width, height, depth, colours) == (120, 68, 8, 3)
    pixels = zlib.decompress(chunks[b"IDAT"])
    assert len(pixels) == 68 * 121
    assert max(pixels) < len(chunks[b"PLTE"]) // 3


def test_two_names_are_two_pictures_and_one_is_always_the_same():
    assert files.picture("a", 60, 40) != files.picture("b", 60, 40)
    assert files.picture.__wrapped__("a", 60, 40) == files.picture("a", 60, 40)


def _chunks(png: bytes):
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at = 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        (crc,) = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        assert crc == zlib.crc32(kind + body)
        yield kind, body
        at += 12 + length
