"""Strangers' images made small and harmless, or refused with the reason."""

import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from publisher.errors import UnusablePicture
from publisher.pictures import WIDTH, for_letter, for_logo


def written(image: Image.Image, form: str = "PNG", **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **how)
    return out.getvalue()


def photo(width: int = 1600, height: int = 900) -> Image.Image:
    return Image.effect_noise((width, height), 60).convert("RGB")


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP"])
def test_each_form_comes_out_small_as_jpeg_or_png(form: str) -> None:
    copy = for_letter(written(photo(), form))
    assert (copy.picture.width, copy.picture.height) == (WIDTH, 333)
    assert opened(copy.content).size == (WIDTH, 333)
    assert opened(copy.content).format in {"JPEG", "PNG"}
    assert copy.picture.type == f"image/{(opened(copy.content).format or '').lower()}"
    assert len(copy.content) <= 250_000


def test_a_drawing_stays_png_and_a_small_one_its_size() -> None:
    copy = for_letter(written(Image.new("RGB", (300, 80), "navy")))
    assert (copy.picture.type, copy.picture.width, copy.picture.height) == ("image/png", 300, 80)


def test_nothing_but_the_pixels_goes_along() -> None:
    exif = Image.Exif()
    exif[0x010E] = "where the author lives"
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "where the author lives")
    for content in (written(photo(), "JPEG", exif=exif), written(photo(), pnginfo=text)):
        copy = for_letter(content)
        assert b"where the author lives" in content
        assert b"author" not in copy.content
        assert not opened(copy.content).getexif()


def test_a_picture_taken_upright_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    assert for_letter(written(photo(800, 400), "JPEG", exif=exif)).picture.height > 592


def test_what_was_transparent_is_white() -> None:
    drawing = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    drawing.paste((10, 20, 30, 255), (50, 25, 150, 75))
    image = opened(for_letter(written(drawing)).content).convert("RGB")
    assert image.getpixel((5, 5)) == (255, 255, 255)
    assert image.getpixel((100, 50)) == (10, 20, 30)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_a_large_picture_of_any_kind_is_made_smaller(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    copy = for_letter(written(Image.new(mode, (3000, 1500)), form))
    assert (copy.picture.width, copy.picture.height) == (WIDTH, 296)


def test_a_large_picture_stands_upright_and_is_white_where_it_was_transparent() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    drawing = Image.new("RGBA", (3000, 1500), (0, 0, 0, 0))
    drawing.paste((10, 20, 30, 255), (0, 0, 1500, 1500))
    copy = for_letter(written(drawing, exif=exif))
    image = opened(copy.content).convert("RGB")
    assert image.size == (WIDTH, 1184)
    assert image.getpixel((300, 200)) == (10, 20, 30)
    assert image.getpixel((300, 900)) == (255, 255, 255)


def test_a_photograph_of_many_pixels_is_unpacked_small() -> None:
    assert for_letter(written(Image.new("RGB", (6000, 4000), "teal"), "JPEG")).picture.height == 395


def test_of_a_moving_picture_the_first_frame_stays() -> None:
    frames = [Image.new("RGB", (100, 100), colour) for colour in ("red", "blue")]
    copy = for_letter(written(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert opened(copy.content).convert("RGB").getpixel((50, 50)) == (255, 0, 0)
    assert getattr(opened(copy.content), "n_frames", 1) == 1


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is so large, and would unpack to it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)

    head = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 0, 0, 0, 0])
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "neither JPEG nor PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "neither JPEG nor PNG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10", "neither JPEG nor PNG"),
        (bomb(50_000, 50_000), "50000 × 50000 pixels are too many"),
        (bomb(6_000, 3_000), "6000 × 3000 pixels are too many"),
        (written(photo(), "JPEG")[:5000], "damaged or cut short"),
        (written(Image.new("RGB", (600, 3))), "only 600 × 3 pixels"),
        (b"\xff" * (8 * 1024 * 1024 + 1), "larger than 8 MB"),
    ],
    ids=["nothing", "svg", "postscript", "a bomb", "a small one", "cut short", "a rule", "huge"],
)
def test_what_cannot_be_shown_is_refused_with_the_reason(content: bytes, why: str) -> None:
    with pytest.raises(UnusablePicture, match=why):
        for_letter(content)


@given(st.binary(max_size=300), st.integers(0, 400), st.sampled_from(["JPEG", "PNG", "GIF", "WEBP"]))
def test_damage_never_does_worse_than_being_refused(noise: bytes, place: int, form: str) -> None:
    whole = written(Image.new("RGB", (64, 64), "teal"), form)
    try:
        copy = for_letter(whole[:place] + noise + whole[place + len(noise) :])
    except UnusablePicture:
        return
    assert opened(copy.content).size == (copy.picture.width, copy.picture.height)


def test_a_logo_is_twice_as_fine_as_it_is_shown() -> None:
    copy = for_logo(written(Image.new("RGB", (2000, 500), "navy")))
    assert (copy.picture.width, copy.picture.height) == (224, 56)
    assert opened(copy.content).size == (448, 112)
