"""
Which CSS of ours mail programs drop, and what stands in for it there.

A table of our own, as of November 2026, for Gmail (on the web, and the app with
an account elsewhere, which drops the head's styles), Outlook on Windows (Word's
engine, 2016 to 2024), and Naver and Daum Mail on the web. It was written from
what these programs are known to do, not tried against the real ones.

A property that is not in here may not stand in a letter: look it up, and enter
it with what happens where it is dropped.
"""

from dataclasses import dataclass

GMAIL, OUTLOOK, NAVER = "Gmail", "Outlook on Windows", "Naver and Daum"

NOWHERE: frozenset[str] = frozenset()
"""Kept by all of them."""


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """`by` whom; `instead` names a check in test_css.py, or says why nothing is lost."""

    by: frozenset[str]
    instead: str
    is_harmless: bool = False


def harmless(*by: str, because: str) -> Dropped:
    return Dropped(by=frozenset(by), instead=because, is_harmless=True)


def replaced(*by: str, instead: str) -> Dropped:
    return Dropped(by=frozenset(by), instead=instead)


KEPT = {
    "background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left", "border-top",
    "color", "direction", "display", "font-family", "font-size", "font-weight", "height", "letter-spacing",
    "line-height", "margin", "margin-right", "padding-top", "text-align", "text-decoration", "text-indent",
    "vertical-align", "width", "word-break", "word-spacing",
}  # fmt: skip
"""`padding` and its sides are looked at by the element; `display` and `word-break` by the value."""

DROPPED = {
    "background": replaced(OUTLOOK, instead="plain ground"),
    "max-width": replaced(OUTLOOK, instead="width beside it"),
    "border-radius": harmless(OUTLOOK, because="corners are square there"),
    "box-sizing": harmless(OUTLOOK, because="widths are those of the table that only Outlook sees"),
    "overflow-wrap": replaced(OUTLOOK, NAVER, instead="words break in the cell around"),
    "text-wrap": harmless(GMAIL, OUTLOOK, NAVER, because="lines are of unequal length, as everywhere else"),
    "opacity": harmless(OUTLOOK, because="the preheader has display:none as well"),
    "overflow": harmless(OUTLOOK, because="the preheader has display:none as well"),
    "max-height": harmless(OUTLOOK, because="the preheader has display:none as well"),
    "outline": harmless(OUTLOOK, because="images have no outline there"),
    "-webkit-text-size-adjust": harmless(OUTLOOK, GMAIL, because="speaks to iOS only"),
    "-ms-text-size-adjust": harmless(OUTLOOK, GMAIL, because="speaks to Windows phones only"),
    "-ms-interpolation-mode": harmless(OUTLOOK, GMAIL, because="speaks to old Internet Explorer only"),
    "mso-hide": harmless(GMAIL, NAVER, because="speaks to Outlook only"),
    "mso-table-lspace": harmless(GMAIL, NAVER, because="speaks to Outlook only"),
    "mso-table-rspace": harmless(GMAIL, NAVER, because="speaks to Outlook only"),
    "mso-line-height-rule": harmless(GMAIL, NAVER, because="speaks to Outlook only"),
}

VALUES = {
    ("display", "inline-block"): replaced(OUTLOOK, instead="table in a conditional comment, or a plain link"),
    ("word-break", "keep-all"): harmless(OUTLOOK, because="Korean is broken between syllables there"),
    ("word-break", "break-word"): harmless(OUTLOOK, because="long words are broken there anyway"),
}

RULES = {
    "prefers-color-scheme": replaced(GMAIL, OUTLOOK, NAVER, instead="light colours in the elements"),
    "max-width": replaced(GMAIL, OUTLOOK, NAVER, instead="halves that wrap by themselves"),
    "min-width": harmless(GMAIL, OUTLOOK, NAVER, because="the one column is as wide as the letter anyway"),
}
