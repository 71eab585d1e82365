import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.digest.prose import fold, link, paragraphs, shorten, width, wrap

WORDS = st.text(st.characters(codec="utf-8"), max_size=400)


@given(WORDS)
def test_folded_text_is_one_line(text):
    assert len(fold(text).splitlines()) <= 1


@given(WORDS)
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(WORDS, st.integers(0, 8))
def test_no_line_is_wider_than_the_page(text, indent):
    first, *others = wrap(fold(text).replace("://", ""), indent, 40).split("\n")
    assert width(first) <= 40 - indent
    assert all(width(line) <= 40 for line in others)


@given(WORDS)
def test_wrapping_loses_nothing(text):
    kept = wrap(fold(text))
    assert "".join(kept.split()) == "".join(fold(text).split())


@given(WORDS, st.integers(4, 60))
def test_shortened_text_fits(text, columns):
    assert width(shorten(fold(text), columns)) <= columns


@pytest.mark.parametrize("mark", [",", ".", "…", " ·"])
def test_no_mark_stands_before_the_one_that_says_that_there_is_more(mark):
    assert shorten(f"시계는 다시 맞추어졌지만{mark} 우리에게는", 30) == "시계는 다시 맞추어졌지만…"


def test_hangul_is_two_columns_wide():
    assert width("평화 peace") == 10


def test_a_combining_mark_takes_no_column():
    assert width("e\u0301") == 1


def test_korean_breaks_between_words_only():
    assert wrap("가나다라 마바사아 자차카타", columns=20) == "가나다라 마바사아\n자차카타"


def test_an_address_is_not_broken():
    address = "https://letters.example/" + "a" * 200
    assert address in wrap(f"See {address} there").split("\n")


def test_a_name_cannot_be_read_backwards():
    assert fold("report\u202efdp.exe") == "reportfdp.exe"


def test_paragraphs_are_parted_by_empty_lines():
    assert paragraphs("하나\r\n둘\r\n \r\n\r\n셋\n") == (("하나", "둘"), ("셋",))


@pytest.mark.parametrize(
    "hostile",
    [
        None,
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "//host.example/x",
        "https://",
        "https://good.example@evil.example/",
        "https://host.example/a b",
        "https://host.example/\r\nBcc: x",
        "https://[broken/",
        "https://host.example/" + "a" * 900,
        "https://host.example/" + "가" * 300,
    ],
)
def test_an_address_that_may_not_stand_in_a_letter(hostile):
    assert link(hostile) is None


@pytest.mark.parametrize(
    ("written", "linked"),
    [
        ("https://courier.example/a?b=1&c=2#d", "https://courier.example/a?b=1&c=2#d"),
        ("http://courier.example/칼럼", "http://courier.example/%EC%B9%BC%EB%9F%BC"),
        ("https://courier.example/%EC%B9%BC", "https://courier.example/%EC%B9%BC"),
        ('https://courier.example/"><script>', "https://courier.example/%22%3E%3Cscript%3E"),
    ],
)
def test_an_address_stands_in_ascii(written, linked):
    assert link(written) == linked
