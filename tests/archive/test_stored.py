"""Texts of old databases: what proves to be under a wrong name is mended, everything else is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.archive.gnuboard.stored import stored_text

HANGUL = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=40)
KOREAN = "남북 기본협정을 다시 읽다 (2025)"


def as_latin1(raw: bytes) -> str:
    """As a `latin1` column hands out bytes: Windows-1252, the five holes in it filled."""
    return "".join(bytes([byte]).decode("cp1252") if not _is_hole(byte) else chr(byte) for byte in raw)


def _is_hole(byte: int) -> bool:
    return byte in {0x81, 0x8D, 0x8F, 0x90, 0x9D}


@pytest.mark.parametrize("charset", ["auto", "euc-kr"])
def test_euc_kr_in_a_latin_1_column_is_read(charset: str) -> None:
    assert stored_text(as_latin1(KOREAN.encode("euc_kr")), charset) == KOREAN


def test_syllables_beyond_euc_kr_are_read_among_everyday_ones() -> None:
    assert stored_text(as_latin1("똠방각하와 펲시".encode("cp949"))) == "똠방각하와 펲시"


def test_utf_8_taken_for_latin_1_is_read() -> None:
    assert stored_text(as_latin1("통일 🌱".encode())) == "통일 🌱"


def test_a_character_torn_at_the_end_goes_and_the_rest_is_read() -> None:
    assert stored_text(as_latin1("평화협정".encode("euc_kr")[:-1])) == "평화협"
    assert stored_text(as_latin1("평화협정".encode()[:-1])) == "평화협"


@pytest.mark.parametrize("raw", [KOREAN.encode(), KOREAN.encode("euc_kr")])
def test_raw_bytes_are_read_as_what_they_are(raw: bytes) -> None:
    assert stored_text(raw) == KOREAN


def test_raw_utf_8_that_was_cut_keeps_what_is_whole() -> None:
    assert stored_text("평화협정의 필요성".encode()[:-1]) == "평화협정의 필요\ufffd"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "Ärger über Öl",
        "naïve café – “déjà vu”",
        "Éluard ¿Qué?",
        "½ × 3 = 1½",
        "한글 é",
        "����",
        "£5",
        "“‘…’”",
    ],
)
def test_what_proves_nothing_is_left_alone(text: str) -> None:
    assert stored_text(text) == text
    assert stored_text(text.encode()) == text


def test_a_site_may_say_that_its_database_is_right() -> None:
    odd = as_latin1(KOREAN.encode("euc_kr"))
    assert stored_text(odd, "utf-8") == odd


@given(HANGUL)
def test_hangul_is_never_touched(text: str) -> None:
    assert stored_text(text) == stored_text(text.encode()) == text


@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=2, max_size=40))
def test_hangul_stored_as_latin_1_always_comes_back_from_utf_8(text: str) -> None:
    assert stored_text(as_latin1(text.encode())) == text


@given(st.one_of(st.binary(max_size=200), st.text(max_size=100), st.none(), st.integers()))
def test_nothing_makes_it_fail(value: object) -> None:
    for charset in ("auto", "utf-8", "euc-kr"):
        assert isinstance(stored_text(value, charset), str)
