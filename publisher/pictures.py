"""
Strangers' images as letters can carry them: small, without metadata, in a form that every mail program shows.

Whatever comes in (JPEG, PNG, GIF, WebP) is read under limits and written anew
as JPEG or PNG; of a moving picture the first frame stays. What was transparent
becomes white: dark lines would vanish in letters that are read by night.
"""

import hashlib
import io
from dataclasses import dataclass, field

from PIL import Image, ImageOps

from publisher.errors import UnusablePicture
from publisher.model import Picture

WIDTH = 592
"""Of the text in a letter, in pixels."""

LARGEST_FILE = 8 * 1024 * 1024
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
_MOST_PIXELS = 40_000_000  # of a JPEG, which is unpacked small
_MOST_UNPACKED = 16_000_000  # pixels of four bytes each, and for a moment there are two of each
_SMALLEST = 24  # pixels: what is smaller is a bullet or a spacer
_TALLEST = 1600
_HEAVIEST = 250_000  # bytes of one copy

# Pillow would only warn of some and stop at others; the size is looked at below, before anything is unpacked.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, kw_only=True)
class Copy:
    """Our copy of an image, with its bytes."""

    picture: Picture
    content: bytes = field(repr=False)


def for_letter(content: bytes) -> Copy:
    """The image at the width of a letter, or less. Raises UnusablePicture, saying why."""
    image = _opened(content)
    if min(image.size) < _SMALLEST:
        raise UnusablePicture(f"only {image.width} × {image.height} pixels: an ornament")
    return _fitted(image, WIDTH, _TALLEST, density=1)


def for_logo(content: bytes) -> Copy:
    """A logo of at most 240 × 56 points, twice as fine as that. Raises UnusablePicture, saying why."""
    return _fitted(_opened(content), 240, 56, density=2)


def _opened(content: bytes) -> Image.Image:
    """The picture, right side up, on white."""
    if len(content) > LARGEST_FILE:
        raise UnusablePicture(f"larger than {LARGEST_FILE // 1024 // 1024} MB")
    try:
        image = Image.open(io.BytesIO(content), formats=_FORMATS)
    except Exception as error:  # whatever a hostile file makes a decoder raise
        raise UnusablePicture("neither JPEG nor PNG, GIF or WebP") from error
    _refuse_larger(image, _MOST_PIXELS)
    image.draft("RGB", (WIDTH * 2, WIDTH * 2))  # a JPEG can be unpacked small
    _refuse_larger(image, _MOST_UNPACKED)
    try:
        upright = ImageOps.exif_transpose(_coarser(image)).convert("RGBA")
    except Exception as error:
        raise UnusablePicture("damaged or cut short") from error
    ground = Image.new("RGB", upright.size, "white")
    ground.paste(upright, mask=upright.getchannel("A"))
    return ground


def _refuse_larger(image: Image.Image, most: int) -> None:
    if image.width * image.height > most:
        raise UnusablePicture(f"{image.width} × {image.height} pixels are too many")


def _coarser(image: Image.Image) -> Image.Image:
    """The picture with whole pixels joined, still twice as fine as a letter shows it: every later step makes copies."""
    factor = int(max(image.width / WIDTH, image.height / _TALLEST) / 2)
    if factor < 2:
        return image
    return (image if image.mode in ("L", "RGB", "RGBA") else image.convert("RGBA")).reduce(factor)


def _fitted(image: Image.Image, width: int, height: int, *, density: int) -> Copy:
    scale = min(1.0, width * density / image.width, height * density / image.height)
    size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    kind, content = _written(image.resize(size, Image.Resampling.LANCZOS))
    shown = Picture(
        hash=hashlib.sha256(content).hexdigest(),
        type=kind,
        width=max(size[0] // density, 1),
        height=max(size[1] // density, 1),
    )
    return Copy(picture=shown, content=content)


def _written(image: Image.Image) -> tuple[str, bytes]:
    """PNG where that is smaller (drawings, screenshots), else JPEG. Nothing but the pixels is written."""
    drawn = _bytes(image, "PNG", optimize=True)
    for quality in (84, 70, 50):
        photo = _bytes(image, "JPEG", quality=quality, progressive=True)
        kind, content = ("image/png", drawn) if len(drawn) <= len(photo) else ("image/jpeg", photo)
        if len(content) <= _HEAVIEST:
            return kind, content
    raise UnusablePicture("too heavy for a letter, even at mail width")


def _bytes(image: Image.Image, form: str, **how: int | bool) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **how)
    return out.getvalue()
