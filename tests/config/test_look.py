"""The accent and the logo of letters: checked where they are written."""

from pathlib import Path

import pytest
from PIL import Image

from publisher.config.colours import accent, by_night
from publisher.model import Site
from tests.config.house import load_text, problems_of, with_lines


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
        linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colour", ["#17605a", "#000000", "#0000ff", "#b3261e", "#767676", "#1A3F8F"])
def test_a_colour_that_can_be_read_is_taken_and_by_night_lighter(tmp_path: Path, colour: str) -> None:
    site = load_text(tmp_path, with_lines("site", f'  accent: "{colour}"')).site
    assert site.accent == colour.lower()
    assert contrast(site.accent_dark, "#17191b") >= 7.9


def test_the_default_is_what_the_model_has() -> None:
    site = Site(name={}, url="")
    assert (accent(site.accent), by_night(site.accent)) == (site.accent, site.accent_dark)


@pytest.mark.parametrize("colour", ["#ffcc00", "#777777", "#82cbc3", "#ffffff"])
def test_one_that_is_too_light_is_refused_with_the_nearest_that_is_not(tmp_path: Path, colour: str) -> None:
    [problem] = problems_of(tmp_path, with_lines("site", f'  accent: "{colour}"'))
    assert problem.startswith("config.yaml:2:11: site.accent: ")
    assert "too light for words on white" in problem
    nearest = problem.rpartition("'#")[2].rstrip("'")
    assert 4.5 <= contrast(f"#{nearest}", "#ffffff") < 4.9


@pytest.mark.parametrize("colour", ["teal", "'#123'", "17605a", "'#17605a; background: url(x)'"])
def test_what_is_no_colour_is_refused(tmp_path: Path, colour: str) -> None:
    [problem] = problems_of(tmp_path, with_lines("site", f"  accent: {colour}"))
    assert "expected a colour such as '#17605a'" in problem


def test_a_logo_is_read_and_measured(tmp_path: Path) -> None:
    Image.new("RGBA", (480, 100), "navy").save(tmp_path / "mark.png")
    config = load_text(tmp_path, with_lines("site", "  logo: mark.png"))
    assert config.site.logo is not None
    assert (config.site.logo.width, config.site.logo.height) == (240, 50)
    assert config.logo is not None
    assert config.logo.picture == config.site.logo


@pytest.mark.parametrize(
    ("content", "says"), [(None, "cannot be read: no such file"), (b"<svg/>", "cannot be a logo: neither JPEG nor PNG")]
)
def test_one_that_is_none_is_refused_with_its_place(tmp_path: Path, content: bytes | None, says: str) -> None:
    if content is not None:
        (tmp_path / "mark.png").write_bytes(content)
    [problem] = problems_of(tmp_path, with_lines("site", "  logo: mark.png"))
    assert problem.startswith("config.yaml:2:9: site.logo: ")
    assert says in problem
