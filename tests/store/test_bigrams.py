"""Taking texts and questions apart: one function for both."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.store.bigrams import MOST_WORDS, bare_phrases, phrases, places, terms

SYLLABLES = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=6)
LATIN = st.text("abcXYZ", min_size=1, max_size=6)
ANYTHING = st.text(max_size=80) | st.text("통일은 平和peaceÉ①ﬁ\u1112\u1161\u11ab-\"'*():^\x00🕊️", max_size=40)


def answers(text: str, question: str) -> bool:
    """What a database makes of it: each phrase in a row, its last term as the beginning of one."""
    there = terms(text)
    return all(any(begins(there[start:], phrase) for start in range(len(there))) for phrase in bare_phrases(question))


def begins(there: list[str], phrase: list[str]) -> bool:
    if len(there) < len(phrase):
        return False
    return there[: len(phrase) - 1] == phrase[:-1] and there[len(phrase) - 1].startswith(phrase[-1])


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("통일은", ["통일", "일은", "은"]),
        ("남북통일", ["남북", "북통", "통일", "일"]),
        ("꽃", ["꽃"]),
        ("DMZ의 봄", ["dmz", "의", "봄"]),
        ("平和統一", ["平和", "和統", "統一", "一"]),
        ("Café ＤＭＺ Ⅳ", ["cafe", "dmz", "iv"]),
        ("2026년 3월", ["2026", "년", "3", "월"]),
        (unicodedata.normalize("NFD", "통일"), ["통일", "일"]),
        ("“…” — 🕊️", []),
    ],
)
def test_a_text_is_taken_apart_into_pairs_and_words(text: str, made: list[str]) -> None:
    assert terms(text) == made


@pytest.mark.parametrize(
    "text", ["통일", "통일은", "통일을 위하여", "남북통일", "우리의 소원은 통일입니다.", "‘통일’이란"]
)
def test_a_word_of_two_syllables_is_found_whatever_clings_to_it(text: str) -> None:
    assert answers(text, "통일")


@pytest.mark.parametrize(
    ("text", "question"),
    [("통신은 일일이", "통일"), ("통 일", "통일"), ("peaceful", "eace"), ("통", "통은"), ("평화", "통일 평화")],
)
def test_what_does_not_stand_there_is_not_found(text: str, question: str) -> None:
    assert not answers(text, question)


@pytest.mark.parametrize(
    "question", ["통일", "통일을", "통일은", "통일이", "통일의", "통일에서", "통일에서는", "통일까지", "통일로"]
)
def test_a_particle_on_the_word_of_a_question_hides_nothing(question: str) -> None:
    assert answers("남북통일을 준비하는 사람들", question)
    assert answers("통일, 그 뒤", question)


@pytest.mark.parametrize(
    ("word", "bare"),
    [("국가", "국가"), ("통일로", "통일"), ("DMZ의", "dmz"), ("평화", "평화"), ("을", "을"), ("서울", "서울")],
)
def test_a_word_keeps_at_least_two_letters(word: str, bare: str) -> None:
    assert bare_phrases(word) == [terms(bare)]


@given(SYLLABLES | st.just(""), SYLLABLES, SYLLABLES | st.just(""))
def test_every_run_of_syllables_is_found_inside_every_word(before: str, word: str, after: str) -> None:
    assert answers(f"앞 {before}{word}{after} 뒤", word)


@given(LATIN, LATIN | st.just(""))
def test_the_beginning_of_a_word_in_letters_finds_it(word: str, rest: str) -> None:
    assert answers(f"({word}{rest})", word.swapcase())


@given(ANYTHING)
def test_every_text_answers_itself(text: str) -> None:
    assert answers(text[:200], text[:200])


@given(ANYTHING)
def test_a_term_is_letters_and_digits_and_never_empty(text: str) -> None:
    assert all(term.isalnum() for term in terms(text))


@given(ANYTHING)
def test_both_ways_of_writing_a_syllable_are_one(text: str) -> None:
    assert terms(unicodedata.normalize("NFD", text)) == terms(unicodedata.normalize("NFC", text))


def test_a_pasted_page_is_its_first_words() -> None:
    assert len(phrases("통일은 평화다 " * 5000)) == 2
    assert len(phrases(" ".join(map(str, range(99))))) == MOST_WORDS


@pytest.mark.parametrize(
    ("text", "question", "shown"),
    [
        ("남북통일은 멀다", "통일", ["통일"]),
        ("Peaceful Café", "CAFE peace", ["Peace", "Café"]),
        ("통일교육과 통일", "통일 통일교육", ["통일교육", "통일"]),
        ("통일을 넘어 통일로", "통일을", ["통일을", "통일"]),
        ("carpeace", "peace", []),
        ("ﬁne, ①", "fi 1", ["ﬁ", "①"]),
        ("통일", "?!", []),
    ],
)
def test_what_was_found_is_shown_where_it_stands(text: str, question: str, shown: list[str]) -> None:
    assert [text[start:end] for start, end in places(text, question)] == shown


@given(ANYTHING, ANYTHING)
def test_places_are_in_order_and_apart(text: str, question: str) -> None:
    text = unicodedata.normalize("NFC", text)
    ends = [0, *(end for place in places(text, question) for end in place), len(text)]
    assert ends == sorted(ends)
