"""
What a letter looks like: pictures with words beside them, colours that can be read, by day and by night.

Colours are taken from the elements' own styles, as Gmail does, and for the dark
look from the rules of the head under `prefers-color-scheme: dark`. A background
that is no plain colour is not judged.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from publisher.i18n import noted
from publisher.markup.tree import style_of, walk
from publisher.preflight.colours import (
    BLACK,
    ENOUGH,
    ENOUGH_WHEN_LARGE,
    WHITE,
    Rgb,
    colour_in,
    contrast,
    written,
)
from publisher.preflight.finding import Colour, Finding
from publisher.preflight.message import Arrived

_DARK = re.compile(r"@media[^{]*prefers-color-scheme\s*:\s*dark[^{]*\{")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_PIXELS = re.compile(r"([0-9.]{1,8})px")
# Not `font-size: 0`: MJML's cells have it, and the text in them a size of its own.
_HIDING = re.compile(r"display:none|visibility:hidden|mso-hide:all")
_UNSEEN = frozenset({"style", "script", "title", "-comment"})
_LARGE, _LARGE_BOLD = 24.0, 18.66  # pixels: WCAG's 18 and 14 points

Styles = Mapping[int, dict[str, str]]


def looks(letter: Arrived) -> Iterator[Finding]:
    """What is wrong with the looks of one letter."""
    yield from _pictures(letter)
    yield from _colours(letter, "light", {})
    if styles := dark_styles(letter.page):
        yield from _colours(letter, "dark", styles)


def _yellow(letter: Arrived, check: str, what: str, cure: str, **values: object) -> Finding:
    return Finding(check=check, colour=Colour.YELLOW, what=what, cure=cure, where=letter.key, values=values)


def _pictures(letter: Arrived) -> Iterator[Finding]:
    pictures = letter.page.css("img")
    if mute := [node.attributes.get("src") or "" for node in pictures if "alt" not in node.attributes]:
        what = noted("Pictures without words for those who do not see them: %(count)d, such as %(url)s.")
        yield _yellow(
            letter,
            "pictures",
            what,
            noted('Give each an alt text, alt="" for one that only adorns.'),
            count=len(mute),
            url=mute[0],
        )
    lost = [url for node in pictures if not (url := node.attributes.get("src") or "").startswith(("https:", "cid:"))]
    if lost:
        what = noted("Pictures that many mailboxes will not show, since their address is not https: %(url)s.")
        yield _yellow(letter, "pictures", what, noted("Name them by an https address."), url=lost[0] or "–")


def _colours(letter: Arrived, mode: str, styles: Styles) -> Iterator[Finding]:
    faint = sorted({pair for pair in _pairs(letter.page, styles) if pair.is_faint}, key=lambda pair: pair.contrast)
    if faint:
        worst = faint[0]
        what = {
            "light": noted(
                "Text is hard to read: %(ink)s on %(paper)s, a contrast of %(contrast)s instead of %(enough)s."
            ),
            "dark": noted(
                "By night it is hard to read: %(ink)s on %(paper)s, a contrast of %(contrast)s instead of %(enough)s."
            ),
        }
        yield _yellow(
            letter,
            "contrast",
            what[mode],
            noted("Change one of the two colours in look.css or body.css of templates/email."),
            ink=written(worst.ink),
            paper=written(worst.paper),
            contrast=f"{worst.contrast:.1f}",
            enough=f"{worst.enough:.1f}",
        )


# ── Ink on paper ─────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class _Look:
    """How text looks here; `paper` is None on a background that is no plain colour."""

    ink: Rgb = BLACK
    paper: Rgb | None = WHITE
    size: float = 16.0
    is_bold: bool = False


@dataclass(frozen=True, kw_only=True)
class _Pair:
    ink: Rgb
    paper: Rgb
    enough: float

    @property
    def contrast(self) -> float:
        return contrast(self.ink, self.paper)

    @property
    def is_faint(self) -> bool:
        return self.contrast < self.enough


def _pairs(page: LexborHTMLParser, styles: Styles) -> Iterator[_Pair]:
    """Ink and paper of every text that is seen."""
    body = page.body
    if body is None:
        return
    looks = [_look_of(body, _Look(), styles)]
    hidden: int | None = None
    for node, entering in walk(body):
        if hidden is not None:
            hidden = None if not entering and node.mem_id == hidden else hidden
        elif node.tag == "-text":
            look = looks[-1]
            if entering and look.paper and look.size and (node.text_content or "").strip():
                is_large = look.size >= (_LARGE_BOLD if look.is_bold else _LARGE)
                yield _Pair(ink=look.ink, paper=look.paper, enough=ENOUGH_WHEN_LARGE if is_large else ENOUGH)
        elif entering and (node.tag in _UNSEEN or (node.is_element_node and _HIDING.search(style_of(node)))):
            hidden = node.mem_id
        elif entering:
            looks.append(_look_of(node, looks[-1], styles))
        else:
            looks.pop()


def _look_of(node: LexborNode, around: _Look, styles: Styles) -> _Look:
    style = {**_declarations(node.attributes.get("style") or ""), **styles.get(node.mem_id, {})}
    look = around
    if node.tag in {"b", "strong", "h1", "h2", "h3"}:
        look = replace(look, is_bold=True)
    if "color" in style:
        look = replace(look, ink=colour_in(style["color"]) or look.ink)
    background = style.get("background") or style.get("background-color") or node.attributes.get("bgcolor")
    if background and background not in {"none", "transparent"}:
        look = replace(look, paper=colour_in(background))
    if found := _PIXELS.fullmatch(style.get("font-size", "")):
        look = replace(look, size=float(found[1]))
    if "font-weight" in style:
        look = replace(look, is_bold=style["font-weight"] in {"bold", "600", "700", "800", "900"})
    return look


def _declarations(style: str) -> dict[str, str]:
    pairs = (one.partition(":") for one in style.split(";"))
    return {name.strip().lower(): value.replace("!important", "").strip().lower() for name, _, value in pairs if value}


# ── By night ─────────────────────────────────────────────────────────────────


def dark_styles(page: LexborHTMLParser) -> Styles:
    """What the rules for dark screens say of each element, by the element's id."""
    sheets = (node.text() for node in page.css("head style"))
    found: dict[int, dict[str, str]] = {}
    for selectors, declarations in chain.from_iterable(_dark_rules(sheet) for sheet in sheets):
        for selector in selectors.split(","):
            for node in _selected(page, selector.strip()):
                style = found.setdefault(node.mem_id, {})
                said = _declarations(declarations)
                if "background" in said:  # a later shorthand takes the place of the longhand
                    style.pop("background-color", None)
                style |= said
    return found


def _dark_rules(sheet: str) -> Iterator[tuple[str, str]]:
    for block in _DARK.finditer(sheet):
        depth, end = 1, block.end()
        while end < len(sheet) and depth:
            depth += {"{": 1, "}": -1}.get(sheet[end], 0)
            end += 1
        yield from _RULE.findall(sheet[block.end() : end - 1])


def _selected(page: LexborHTMLParser, selector: str) -> list[LexborNode]:
    try:
        return page.css(selector) if selector else []
    except SelectolaxError:  # a selector that only a browser knows
        return []
