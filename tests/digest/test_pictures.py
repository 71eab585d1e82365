"""
Letters as Chromium shows them, on a phone and on a desk, by day and by night.

For eyes: `PUBLISHER_PICTURES=<folder> python -m pytest tests/digest/test_pictures.py`
leaves a picture of each there.
"""

import os
from itertools import product
from pathlib import Path

import pytest

from publisher.digest.render import compose_letters, web_view
from tests.digest.samples import KEYS, SITE, entry, face, mailing_list, twelfth

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 800}
DESK = {"width": 1000, "height": 800}
LETTERS = compose_letters(twelfth(), mailing_list(), SITE, KEYS)

# Each element with text of its own, and the contrast (WCAG 2.2) of its colour with what lies behind it.
CONTRASTS = """() => {
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => {
    const linear = c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = channels(colour).map(c => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((channels(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const shown = [...document.body.querySelectorAll("*")].filter(element => element.offsetParent !== null &&
    [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.textContent.trim()));
  return shown.map(element => {
    const pair = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => b - a);
    return [element.textContent.trim(), (pair[0] + 0.05) / (pair[1] + 0.05)];
  });
}"""

WRAPPING = """() => [...document.querySelectorAll("h1, h2, p")].map(element => {
  const style = getComputedStyle(element);
  return [style.wordBreak, style.overflowWrap];
})"""

OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def look(browser):
    """Opens a letter as a page; whatever it would fetch is noted in `page.fetched` and refused."""
    pages = []

    def open_letter(letter, size=PHONE, scheme="light"):
        page = browser.new_page(viewport=size, color_scheme=scheme)
        pages.append(page)
        page.fetched = []
        page.route("**/*", lambda route: (page.fetched.append(route.request.url), route.abort()))
        page.set_content(web_view(letter, f"{SITE.url}/unsubscribe/sample", f"{SITE.url}/preferences/sample"))
        return page

    yield open_letter
    for page in pages:
        page.close()


@pytest.mark.parametrize("key", KEYS)
def test_nothing_sticks_out_on_a_phone(look, key):
    assert look(LETTERS[key]).evaluate(OVERFLOW) == 0


def test_not_even_an_endless_word(look):
    endless = entry(1, face("en", "W" * 300, "https://" + "a" * 300), face("ko", "가" * 300, "나" * 500))
    for letter in compose_letters(twelfth(entries=(endless,)), mailing_list(), SITE, ["en", "ko+en"]).values():
        assert look(letter).evaluate(OVERFLOW) == 0


@pytest.mark.parametrize("key", KEYS)
def test_korean_breaks_between_words(look, key):
    assert {tuple(pair) for pair in look(LETTERS[key]).evaluate(WRAPPING)} == {("keep-all", "anywhere")}


@pytest.mark.parametrize(("scheme", "size"), list(product(["light", "dark"], [PHONE, DESK])))
@pytest.mark.parametrize("key", ["ko", "en+ko"])
def test_every_word_stands_out_from_its_ground(look, key, scheme, size):
    contrasts = look(LETTERS[key], size, scheme).evaluate(CONTRASTS)
    assert len(contrasts) > 20
    assert [faint for faint in contrasts if faint[1] < 4.5] == []


def test_the_dark_letter_is_dark(look):
    ground = "() => getComputedStyle(document.querySelector('.page')).backgroundColor"
    assert look(LETTERS["ko"], scheme="dark").evaluate(ground) == "rgb(23, 25, 27)"
    assert look(LETTERS["ko"], scheme="light").evaluate(ground) == "rgb(255, 255, 255)"


@pytest.mark.parametrize(("size", "beside"), [(DESK, True), (PHONE, False)])
def test_two_faces_stand_side_by_side_where_there_is_room(look, size, beside):
    tops = look(LETTERS["ko+en"], size).evaluate(
        "() => [...document.querySelectorAll('.half')].map(half => half.getBoundingClientRect().top)"
    )
    assert len(tops) == 4  # the entry in both languages, and the imprint
    assert [tops[0] == tops[1], tops[2] == tops[3]] == [beside, beside]


@pytest.mark.parametrize("key", KEYS)
def test_every_link_leads_somewhere_and_is_large_enough_to_touch(look, key):
    links = look(LETTERS[key]).evaluate(
        "() => [...document.querySelectorAll('a')].map(a => [a.href, a.textContent, a.getBoundingClientRect().height])"
    )
    assert links
    assert all(href.startswith("https://") and text for href, text, _ in links)
    assert all(height >= 24 for _, _, height in links)


@pytest.mark.parametrize("key", KEYS)
def test_nothing_is_fetched(look, key):
    page = look(LETTERS[key], DESK)
    page.wait_for_load_state("networkidle")
    assert page.fetched == []


if folder := os.environ.get("PUBLISHER_PICTURES"):

    @pytest.mark.parametrize(("key", "scheme", "size"), list(product(KEYS, ["light", "dark"], ["phone", "desk"])))
    def test_pictures_for_the_eye(look, key, scheme, size):
        page = look(LETTERS[key], {"phone": PHONE, "desk": DESK}[size], scheme)
        file = Path(folder) / f"letter-{key}-{size}-{scheme}.png"
        page.screenshot(path=file, full_page=True)
        assert file.stat().st_size > 10_000
