"""No letter relies on CSS that a mail program drops: see the table in css_support.py."""

import re
from itertools import product

import pytest
from selectolax.lexbor import LexborHTMLParser

from publisher.digest.render import compose_letters
from publisher.digest.single import write_letter
from publisher.flows.alarm import EXAMPLE as ALARM
from publisher.flows.ask import EXAMPLES as ASKING
from publisher.flows.notify import EXAMPLES as NOTICES
from publisher.model import DeliveryKind, Design, Images, Picture
from tests.digest.css_support import DROPPED, KEPT, OUTLOOK, RULES, VALUES
from tests.digest.reading import parts_of
from tests.digest.samples import KEYS, SITE, illustrated, mailing_list

TOLD = {DeliveryKind.ALARM: ALARM, **NOTICES, **ASKING}
PICTURE = Picture(hash="a" * 64, type="image/png", width=592, height=300)


def written(design, key):
    chosen = mailing_list(design=design, images=Images.FIRST)
    edition, copies = illustrated()
    return parts_of(compose_letters(edition, chosen, SITE, [key], copies=copies)[key])[0]


LETTERS = {f"{design} {key}": written(design, key) for design, key in product(Design, KEYS)}
LETTERS |= {kind: write_letter(kind, facts, "ko+en", SITE).html[0] for kind, facts in TOLD.items()}
every_letter = pytest.mark.parametrize("html", LETTERS.values(), ids=LETTERS)

BEFORE = re.compile(r"<!--\[if.*?<!\[endif\]-->", re.DOTALL)


def elements(html):
    """Each element with a style, and its declarations."""
    for node in LexborHTMLParser(html).css("[style]"):
        yield node, dict(declarations(node.attributes["style"]))


def declarations(css):
    for one in css.replace("!important", "").split(";"):
        name, _, value = one.partition(":")
        if name.strip():
            yield name.strip().lower(), value.strip()


def rules(html):
    """The head's rules outside of what only Outlook reads: (condition, declarations)."""
    for sheet in re.findall(r"<style[^>]*>(.*?)</style>", BEFORE.sub("", html), re.DOTALL):
        for condition, body in re.findall(r"(@media[^{]*)\{((?:[^{}]*\{[^{}]*\})*\s*)\}", sheet):
            yield condition, [one for inner in re.findall(r"\{([^{}]*)\}", body) for one in declarations(inner)]
        plain = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", sheet)
        yield "", [one for inner in re.findall(r"\{([^{}]*)\}", plain) for one in declarations(inner)]


@every_letter
def test_every_property_is_in_the_table(html):
    used = {name for _, styles in elements(html) for name in styles}
    used |= {name for _, styles in rules(html) for name, _ in styles}
    unknown = {name for name in used if name not in KEPT | DROPPED.keys() and not name.startswith("padding")}
    assert unknown == set()


@every_letter
def test_paddings_are_those_of_cells(html):
    """Outlook on Windows drops them elsewhere; the halves have theirs in the table that only it sees."""
    padded = [node for node, styles in elements(html) if any(styles.get(name, "0") != "0" for name in styles
              if name.startswith("padding")) and node.tag not in {"td", "body"}]  # fmt: skip
    for node in padded:
        # A quotation is set in by its margin, too; a button is a coloured word there.
        assert {"half", "quote", "press"} & set(node.attributes["class"].split()), node.html[:200]
    assert html.count('class="half half-1"') == html.count('valign="top" style="padding-right:16px"')
    assert html.count('class="half half-2"') == html.count('valign="top" style="padding-left:16px"')


@every_letter
def test_what_is_set_in_line_or_beside_each_other_is_so_in_outlook_too(html):
    assert OUTLOOK in VALUES["display", "inline-block"].by
    for node, styles in elements(html):
        if styles.get("display") == "inline-block":
            name = node.attributes.get("class") or ""
            assert node.tag == "a" or "half" in name or "mj-column" in name, node.html[:200]


@every_letter
def test_widths_stand_beside_their_limits(html):
    for node, styles in elements(html):
        if "max-width" in styles and node.tag == "img":
            assert node.attributes["width"]
        elif "max-width" in styles and "half" not in (node.attributes.get("class") or ""):
            assert "display" in styles or '<table border="0"' in html  # a preheader, or Outlook's own table


@every_letter
def test_grounds_are_plain_colours(html):
    for _, styles in elements(html):
        assert re.fullmatch(r"#[0-9a-f]{6}", styles.get("background", "#ffffff"))


@every_letter
def test_long_words_break_in_the_cell_where_they_do_not_by_themselves(html):
    cells = [styles for node, styles in elements(html) if node.tag == "td" and styles.get("font-size") == "0px"]
    assert any(styles.get("word-break") == "break-word" for styles in cells)


@every_letter
def test_what_the_head_says_is_only_a_betterment(html):
    """Every colour of the night has one of the day in the element; without the head the letter is whole."""
    for condition, _ in rules(html):
        assert not condition or any(known in condition for known in RULES), condition
    shown = {
        name for node in LexborHTMLParser(html).css("[class]") for name in (node.attributes["class"] or "").split()
    }
    for name in {"quiet", "accent"} & shown:
        for node in LexborHTMLParser(html).css(f".{name}"):
            assert "color" in dict(declarations(node.attributes.get("style") or "")), node.html[:120]


def test_the_table_says_what_stands_in_for_each():
    assert all(one.instead and one.by for one in [*DROPPED.values(), *VALUES.values(), *RULES.values()])
    assert not DROPPED.keys() & KEPT
