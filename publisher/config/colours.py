"""
Colours of letters: the one accent, by day and by night.

Contrast is that of WCAG 2.2 (success criterion 1.4.3): 4.5 to 1 at least, since
the accent colours small words. By day it stands on white and is the
configured one; by night it stands on the dark ground of `templates/email/look.css`
and is as much lighter as it must be.
"""

import colorsys
import re

_PAPER = (255, 255, 255)
_NIGHT = (0x17, 0x19, 0x1B)
_ENOUGH = 4.5
_COMFORT = 8.0  # by night; thin light letters want more

Colour = tuple[int, int, int]


def accent(value: str) -> str:
    """A colour that can be read on white, as `#17605a`."""
    if not re.fullmatch("#[0-9a-fA-F]{6}", value):
        raise ValueError(f"expected a colour such as '#17605a', in quotes, got {value[:40]!r}")
    given = _read(value)
    if (contrast := _contrast(given, _PAPER)) >= _ENOUGH:
        return value.lower()
    nearest = next(
        darker for step in range(1, 101) if _contrast(darker := _mixed(given, (0, 0, 0), step), _PAPER) >= _ENOUGH
    )
    raise ValueError(
        f"{value} is too light for words on white (contrast {contrast:.1f}, at least {_ENOUGH} is needed);"
        f" the nearest that can be read is '{_written(nearest)}'"
    )


def by_night(value: str) -> str:
    """The same colour, softer and as light as the dark ground wants it."""
    hue, light, depth = colorsys.rgb_to_hls(*(channel / 255 for channel in _read(value)))
    steps = (light + (1 - light) * step / 100 for step in range(101))
    lighter = (colorsys.hls_to_rgb(hue, step, depth * 0.65) for step in steps)
    shown = ((round(red * 255), round(green * 255), round(blue * 255)) for red, green, blue in lighter)
    return _written(next(one for one in shown if _contrast(one, _NIGHT) >= _COMFORT))


def _read(value: str) -> Colour:
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)


def _written(colour: Colour) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in colour)


def _mixed(colour: Colour, other: Colour, percent: int) -> Colour:
    red, green, blue = (round(one + (to - one) * percent / 100) for one, to in zip(colour, other, strict=True))
    return red, green, blue


def _contrast(one: Colour, other: Colour) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (one / 255 for one in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
