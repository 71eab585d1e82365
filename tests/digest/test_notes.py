"""The editor's words, read into blocks."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.digest.notes import Kind, Span, plain_of, read_note
from publisher.digest.render import compose_letters
from tests.digest.reading import parts_of
from tests.digest.samples import SITE, edition, mailing_list


def kinds(text):
    return [(block.kind, block.mark, [plain_of(line) for line in block.lines]) for block in read_note(text)]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("하나\n둘\n\n셋", [(Kind.PARAGRAPH, "", ["하나", "둘"]), (Kind.PARAGRAPH, "", ["셋"])]),
        ("# 인사 #\n글", [(Kind.HEADING, "", ["인사"]), (Kind.PARAGRAPH, "", ["글"])]),
        ("머리말:\n- 하나\n  이어서\n2. 둘", [
            (Kind.PARAGRAPH, "", ["머리말:"]), (Kind.ITEM, "•", ["하나", "이어서"]), (Kind.ITEM, "2.", ["둘"]),
        ]),
        ("> 하나\n> 둘", [(Kind.QUOTE, "", ["하나", "둘"])]),
        ("#태그가 아님", [(Kind.PARAGRAPH, "", ["#태그가 아님"])]),
        ("- \n> \n\n#", [(Kind.PARAGRAPH, "", ["-"]), (Kind.PARAGRAPH, "", ["#"])]),
        ("<b>글</b> {{ x }}", [(Kind.PARAGRAPH, "", ["<b>글</b> {{ x }}"])]),
        (" \n\r\n\t", []),
    ],
)  # fmt: skip
def test_what_a_line_begins(text, blocks):
    assert kinds(text) == blocks


@pytest.mark.parametrize(
    ("line", "spans"),
    [
        (
            "**[here](https://a.example)**, *https://a.example*",
            [
                Span(text="here", is_strong=True, url="https://a.example"),
                Span(text=", "),
                Span(text="https://a.example", is_emphasis=True, url="https://a.example"),
            ],
        ),
        ("**강조(強調)**는", [Span(text="강조(強調)", is_strong=True), Span(text="는")]),
        ("a *b* c", [Span(text="a "), Span(text="b", is_emphasis=True), Span(text=" c")]),
        ("2 * 3 * 4", [Span(text="2 * 3 * 4")]),
        (r"\*no\*", [Span(text="*"), Span(text="no"), Span(text="*")]),
        ("[글](https://a.example/?x=1)을", [Span(text="글", url="https://a.example/?x=1"), Span(text="을")]),
        ("[x](javascript:alert(1))", [Span(text="[x](javascript:alert(1))")]),
        (
            "(https://a.example/b).",
            [Span(text="("), Span(text="https://a.example/b", url="https://a.example/b"), Span(text=").")],
        ),
        ("https://user:pw@a.example/", [Span(text="https://user:pw@a.example/", url=None)]),
    ],
)
def test_what_stands_in_a_line(line, spans):
    [block] = read_note(line)
    assert list(block.lines[0]) == spans


@given(st.text(alphabet=st.sampled_from("ab글*[]()#>-+.1 \n\\h:/<&{}%") | st.characters(codec="utf-8"), max_size=200))
def test_nothing_that_is_written_is_lost_and_nothing_breaks_a_letter(text):
    told = "".join(plain_of(line) for block in read_note(text) for line in block.lines)
    letters = {sign for sign in text if sign.isalpha()}
    assert letters - set(told) <= set("htps"), "only an address behind other words is not printed"
    if read_note(text):
        letter = compose_letters(edition(notes={"ko": text}), mailing_list(), SITE, ["ko"])["ko"]
        assert parts_of(letter)[0].endswith("</html>")
        assert max(len(line.encode()) for line in parts_of(letter)[1].splitlines()) <= 998


def test_a_letter_shows_them_in_both_parts():
    note = "# 인사\n\n**첫눈**이 왔습니다. [사진](https://hanbit.example/snow)을 보십시오.\n\n- 하나\n- 둘\n\n> 옛말"
    letter = compose_letters(edition(notes={"ko": note}), mailing_list(), SITE, ["ko"])["ko"]
    page, text = parts_of(letter)
    for said in ("<b>첫눈</b>이", "• 하나<", "옛말"):
        assert said in page
    assert re.search('href="https://hanbit.example/snow"[^>]*>사진</a>을', page)
    for said in ("인사\n\n첫눈이 왔습니다. 사진 [1]을 보십시오.\n", "\n• 하나\n", "\n> 옛말\n", "[1] https://hanbit"):
        assert said in text
    assert letter.subject == "제12호 · 인사"
