"""Names: found where they are names, written as the glossary says, in both directions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.translate.glossary import Glossary, Name

GLOSSARY = Glossary(
    names=(
        Name(forms={"ko": ("최룡해",), "en": ("Choe Ryong-hae", "Choe Ryong Hae")}),
        Name(forms={"ko": ("로동신문", "노동신문"), "en": ("Rodong Sinmun",)}),
        Name(forms={"ko": ("이수",), "en": ("Lee Soo",)}),
        Name(forms={"ko": ("조선 로동당",), "en": ("WPK",)}),
        Name(forms={"ko": ("로동당",), "en": ("the Party",)}),
        Name(forms={"ko": ("강원도",)}),
    )
)


def english(text: str) -> str:
    return GLOSSARY.render(text, "ko", "en", lambda name: f"[{name}]")


def korean(text: str) -> str:
    return GLOSSARY.render(text, "en", "ko", lambda name: f"[{name}]")


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("최룡해는 말했다", "[Choe Ryong-hae]는 말했다"),
        ("최룡해위원장", "[Choe Ryong-hae]위원장"),  # titles are often not set apart
        ("노동신문과 로동신문", "[Rodong Sinmun]과 [Rodong Sinmun]"),
        ("신최룡해", "신최룡해"),  # inside a longer word
        ("이수가 왔다", "[Lee Soo]가 왔다"),
        ("이수에게는", "[Lee Soo]에게는"),
        ("과목을 이수하다", "과목을 이수하다"),  # a short name is a name only where a word ends
        ("조선 로동당", "[WPK]"),  # the longest counts
        ("조선\n로동당", "[WPK]"),
        ("로동당", "[the Party]"),
        ("강원도", "강원도"),  # has no form in the other language
    ],
)
def test_korean_names_are_found_where_they_are_names(text: str, rendered: str) -> None:
    assert english(text) == rendered


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("Choe Ryong-hae said", "[최룡해] said"),
        ("Choe Ryong Hae's", "[최룡해]'s"),
        ("(Rodong Sinmun)", "([로동신문])"),
        ("WPKs", "WPKs"),
        ("WPK는", "[조선 로동당]는"),
        ("wpk", "wpk"),
    ],
)
def test_latin_names_are_whole_words_as_they_are_spelled(text: str, rendered: str) -> None:
    assert korean(text) == rendered


@pytest.mark.parametrize(
    ("source", "answer", "missing"),
    [
        ("최룡해는 말했다", "Choe Ryong-hae said", ()),
        ("최룡해는 말했다", "Choe Ryong Hae said", ()),  # any form that is known
        ("최룡해는 말했다", "Choi Ryong-hae said", ("Choe Ryong-hae",)),
        ("최룡해, 최룡해, 로동신문", "nothing", ("Choe Ryong-hae", "Rodong Sinmun")),
        ("조선 로동당", "the WPK", ()),  # not the shorter name that stands in it
        ("봄", "spring", ()),
    ],
)
def test_a_name_that_the_answer_does_not_have_is_told(source: str, answer: str, missing: tuple[str, ...]) -> None:
    assert GLOSSARY.missing(source, answer, "ko", "en") == missing


def test_a_short_name_in_an_answer_may_have_any_ending() -> None:
    assert GLOSSARY.missing("Lee Soo said", "이수라고 했다", "en", "ko") == ()
    assert GLOSSARY.missing("Lee Soo said", "고이수라고 했다", "en", "ko") == ("이수",)


SYLLABLES = st.text(alphabet="가나다라마바사", min_size=3, max_size=5)
LETTERS = st.text(alphabet="abcdeXYZ", min_size=2, max_size=8)


@given(SYLLABLES, LETTERS, st.sampled_from(["은", "에게는", "", " 위원장", ",", ".", ")"]))
def test_a_name_is_rendered_and_found_again_in_both_directions(ko: str, en: str, behind: str) -> None:
    glossary = Glossary(names=(Name(forms={"ko": (ko,), "en": (en,)}),))
    text = f"({ko}{behind}"
    there = glossary.render(text, "ko", "en", str)
    assert there == f"({en}{behind}"
    assert glossary.missing(text, there, "ko", "en") == ()
    assert glossary.render(there, "en", "ko", str) == text


@given(st.text(max_size=60), st.lists(st.tuples(LETTERS, SYLLABLES), max_size=4))
def test_any_text_can_be_looked_through(text: str, pairs: list[tuple[str, str]]) -> None:
    glossary = Glossary(names=tuple(Name(forms={"en": (en,), "ko": (ko,)}) for en, ko in pairs))
    rendered = glossary.render(text, "en", "ko", str)
    assert glossary.missing(text, rendered, "en", "ko") == ()


def test_another_name_is_another_version() -> None:
    assert Glossary().version == ""
    assert GLOSSARY.version == Glossary(names=GLOSSARY.names).version
    assert GLOSSARY.version != Glossary(names=GLOSSARY.names[1:]).version
