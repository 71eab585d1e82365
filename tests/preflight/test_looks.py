"""Contrast by day and by night, pictures, and what is not judged."""

import pytest

from publisher.preflight.colours import colour_in, contrast
from publisher.preflight.finding import Finding
from publisher.preflight.looks import looks
from publisher.preflight.message import read

DARK = "<style>@media (prefers-color-scheme: dark) { body { background: #17191b !important } %s }</style>"


def letter(body: str, head: str = "") -> list[Finding]:
    html = f'<html lang="en"><head>{head}</head><body style="background-color:#ffffff">{body}</body></html>'
    content = f"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}".encode()
    return list(looks(read("en", content)))


def told(body: str, head: str = "") -> list[str]:
    return [finding.said("en") for finding in letter(body, head)]


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("rgb(118, 118, 118)", "white", 4.54), ("red", "red", 1)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    first, second = colour_in(one), colour_in(other)
    assert first is not None
    assert second is not None
    assert contrast(first, second) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize("unknown", ["", "inherit", "var(--ink)", "#12", "rgba(0,0,0,.5)", "url(x)"])
def test_what_is_no_plain_colour_is_none(unknown: str) -> None:
    assert colour_in(unknown) is None


def test_faint_text_is_told_with_both_colours() -> None:
    assert told('<p style="color:#aaaaaa">faint</p>') == [
        "Text is hard to read: #aaaaaa on #ffffff, a contrast of 2.3 instead of 4.5."
    ]


@pytest.mark.parametrize(
    "body",
    [
        '<p style="color:#1d1f21">dark</p>',
        '<h1 style="color:#8a8a8a;font-size:26px">large</h1>',
        '<b style="color:#8a8a8a;font-size:19px">large and bold</b>',
        '<td bgcolor="#17191b"><span style="color:#ffffff">on a dark cell</span></td>',
        '<div style="background:#17605a"><p style="color:#ffffff">on a bar</p></div>',
        '<div style="background:url(x.png)"><p style="color:#ffffff">on a picture: not judged</p></div>',
        '<div style="display:none;color:#ffffff">unseen</div>',
        '<div style="max-height:0;overflow:hidden;mso-hide:all;color:#fff">unseen</div>',
        '<p style="color:#ffffff">  </p>',
    ],
)
def test_what_can_be_read_or_is_not_seen_is_fine(body: str) -> None:
    assert told(f"<table><tr>{body}</tr></table>" if body.startswith("<td") else body) == []


def test_by_night_the_rules_of_the_head_hold() -> None:
    ink = '<p class="ink" style="color:#1d1f21">words</p>'
    assert told(ink, DARK % "")[0].startswith("By night it is hard to read: #1d1f21 on #17191b")
    assert told(ink, DARK % ".ink { color: #ececea !important }") == []


@pytest.mark.parametrize(
    "rules", ["p::after:hover( { color: red }", "}", "{{{{", ":is(:has( { x", "@media x { p { color: red }"]
)
def test_a_broken_sheet_is_read_as_far_as_it_goes(rules: str) -> None:
    letter('<p style="color:#1d1f21">words</p>', DARK % rules)


def test_pictures_want_words_and_an_address_that_mailboxes_show() -> None:
    found = {finding.said("en") for finding in letter('<img src="http://a.example/x.png"><img alt="" src="cid:1">')}
    assert found == {
        "Pictures without words for those who do not see them: 1, such as http://a.example/x.png.",
        "Pictures that many mailboxes will not show, since their address is not https: http://a.example/x.png.",
    }
