"""A stored text as its page would show it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.archive.gnuboard.shown import as_shown
from publisher.markup import clean, text_of


def test_html_is_passed_on_and_lines_count_only_where_they_should() -> None:
    assert as_shown("<p>a\nb</p>", "html1,mail") == "<p>a\nb</p>"
    assert as_shown("a\r\nb\rc\nd", "html2") == "a<br>b<br>c<br>d"


@pytest.mark.parametrize(
    ("typed", "linked", "rest"),
    [
        ("https://a.example/1에서", "https://a.example/1", "에서"),
        ("(https://b.example/2)", "https://b.example/2", ")"),
        ('"https://c.example/z"', "https://c.example/z", "&quot;"),
        ("https://d.example/x.", "https://d.example/x", "."),
        ("www.e.example/3을", "www.e.example/3", "을"),
    ],
)
def test_a_link_ends_where_its_address_ends(typed: str, linked: str, rest: str) -> None:
    shown = as_shown(typed, "")
    assert f">{linked}</a>{rest}" in shown
    assert f'href="{linked if linked.startswith("http") else f"http://{linked}"}"' in shown


def test_mail_addresses_are_linked_and_hosts_in_hangul_are_not() -> None:
    assert '<a href="mailto:desk@daily.example">desk@daily.example</a>' in as_shown("편지: desk@daily.example.", "")
    assert "<a" not in as_shown("https://한글.example/1", "")


def test_what_was_typed_is_what_is_read() -> None:
    assert as_shown("a  b\n<b>&amp;</b>", "") == "a&nbsp; b<br>&lt;b&gt;&amp;amp;&lt;/b&gt;"


@given(st.text(max_size=300))
def test_no_plain_text_can_hold_a_tag(text: str) -> None:
    shown = as_shown(text, "")
    kept = shown.replace("<br>", "").replace("</a>", "")
    assert "<" not in kept.replace('<a href="', "")
    assert "<script" not in shown
    assert isinstance(text_of(clean(shown)), str)
