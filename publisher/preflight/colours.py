"""Colours as style sheets write them, and how well one is read on another (WCAG 2.2, 1.4.3)."""

import re
from typing import TypeAlias

Rgb: TypeAlias = tuple[int, int, int]

WHITE: Rgb = (255, 255, 255)
BLACK: Rgb = (0, 0, 0)

ENOUGH = 4.5
ENOUGH_WHEN_LARGE = 3.0

_NAMED: dict[str, Rgb] = {"white": WHITE, "black": BLACK, "red": (255, 0, 0), "gray": (128, 128, 128)}
_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})")
_RGB = re.compile(r"rgb\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*\)")


def colour_in(value: str) -> Rgb | None:
    """The opaque colour that a `color` or `background` value names; None for none that we know."""
    text = value.lower().replace("!important", "").strip()
    if found := _HEX.fullmatch(text):
        digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
        return (int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16))
    if found := _RGB.fullmatch(text):
        red, green, blue = (min(int(number), 255) for number in found.groups())
        return (red, green, blue)
    return _NAMED.get(text)


def written(colour: Rgb) -> str:
    """`#17605a`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def contrast(one: Rgb, other: Rgb) -> float:
    """From 1 (the same) to 21 (black on white)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return float(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)
