"""Both catalogues hold every sentence, and dates and sizes read as they are written there."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import jinja2
import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from jinja2.ext import extract_from_ast

import publisher
from publisher.errors import NotFound
from publisher.i18n import available, catalogue, format_date, format_datetime, format_size, language_name
from publisher.resources import templates

LANGUAGES = ("en", "ko")
FUNCTIONS = {"_": None, "gettext": None, "noted": None, "ngettext": (1, 2)}
EVENING = datetime(2026, 11, 23, 15, 4, tzinfo=UTC)  # after midnight in Seoul
VALUES = re.compile(r"%\((\w+)\)[sd]")


def sentences_in_templates() -> Iterator[tuple[str, str]]:
    """(where, message id) of every sentence that a template says."""
    environment = jinja2.Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for path in sorted(templates().rglob("*.*")):
        if path.suffix in {".txt", ".html", ".mjml", ".xml"}:
            tree = environment.parse(path.read_text(encoding="utf-8"))
            for line, _function, message in extract_from_ast(tree, tuple(FUNCTIONS)):
                sentence = message[0] if isinstance(message, tuple) else message
                if sentence is not None:  # None: a value, whose sentence is `noted` in the code
                    yield f"{path.name}:{line}", sentence


def sentences_in_code() -> Iterator[tuple[str, str]]:
    for path in sorted(Path(publisher.__file__).parent.rglob("*.py")):
        for line, message, _, _ in extract_from_file("python", path, keywords=FUNCTIONS):
            yield f"{path.name}:{line}", message[0] if isinstance(message, tuple) else message


def read(language):
    with (templates() / "locale" / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def messages(language):
    return [message for message in read(language) if message.id]


def strings(message):
    return message.string if isinstance(message.string, tuple) else (message.string,)


def ids(message):
    return message.id if isinstance(message.id, tuple) else (message.id,)


class TestCatalogues:
    def test_there_is_one_for_each_language(self):
        assert available() == LANGUAGES

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_sentence_in_templates_and_code_is_there(self, language):
        known = {ids(message)[0] for message in messages(language)}
        said = [*sentences_in_templates(), *sentences_in_code()]
        assert len(said) > 20
        assert [(place, sentence) for place, sentence in said if sentence not in known] == []

    def test_no_sentence_of_the_letters_is_left_over(self):
        said = {sentence for _, sentence in [*sentences_in_templates(), *sentences_in_code()]}
        letter = [message for message in messages("ko") if message.auto_comments == ["letter"]]
        assert letter
        assert [message.id for message in letter if ids(message)[0] not in said] == []

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_nothing_is_empty_or_doubtful(self, language):
        assert [message.id for message in messages(language) if message.fuzzy or not all(strings(message))] == []
        assert not read(language).obsolete

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_sentence_keeps_its_values(self, language):
        for message in messages(language):
            values = set(VALUES.findall(" ".join(ids(message))))
            for string in strings(message):
                assert set(VALUES.findall(string)) == values, message.id

    def test_both_have_the_same_sentences_in_the_same_order(self):
        assert [message.id for message in messages("ko")] == [message.id for message in messages("en")]

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_they_are_sorted_by_section_and_sentence(self, language):
        order = [(" ".join(message.auto_comments), ids(message)[0]) for message in messages(language)]
        assert order == sorted(order)
        assert all(section for section, _ in order)

    def test_english_has_the_wording_of_its_ids(self):
        assert [message.id for message in messages("en") if strings(message) != ids(message)] == []

    def test_a_language_without_one_is_named_with_those_that_have_one(self):
        with pytest.raises(NotFound, match=r"'fr'.*en, ko"):
            catalogue("fr")

    def test_a_sentence_takes_its_values(self):
        assert catalogue("ko").gettext("No. %(number)d", number=12) == "제12호"

    @pytest.mark.parametrize(
        ("language", "count", "expected"),
        [("ko", 4, "제1호 · 글 외 4건"), ("en", 1, "No. 1 · 글 and 1 more"), ("en", 4, "No. 1 · 글 and 4 more")],
    )
    def test_a_number_chooses_its_form(self, language, count, expected):
        sentence = "No. %(number)d · %(title)s and %(n)d more"
        assert catalogue(language).ngettext(sentence, sentence, count, number=1, title="글") == expected


class TestDates:
    @pytest.mark.parametrize(
        ("language", "style", "expected"),
        [
            ("ko", "full", "2026년 11월 24일 (화)"),
            ("ko", "long", "2026년 11월 24일"),
            ("ko", "short", "2026. 11. 24."),
            ("en", "full", "Tuesday, 24 November 2026"),
            ("en", "long", "24 November 2026"),
            ("en", "short", "24 Nov 2026"),
            ("ko", "month", "2026년 11월"),
            ("en", "month", "November 2026"),
            ("ko", "day", "24일 (화)"),
            ("en", "day", "Tue 24"),
        ],
    )
    def test_a_day_in_the_readers_zone(self, language, style, expected):
        assert format_date(EVENING, language, "Asia/Seoul", style) == expected
        assert format_date(date(2026, 11, 24), language, "America/New_York", style) == expected

    @pytest.mark.parametrize(
        ("language", "zone", "expected"),
        [
            ("ko", "Asia/Seoul", "2026년 11월 24일 (화) 00:04 (대한민국 표준시)"),
            ("en", "Asia/Seoul", "Tuesday, 24 November 2026, 00:04 (Korean Standard Time)"),
            ("ko", "Europe/London", "2026년 11월 23일 (월) 15:04 (그리니치 표준시)"),
            ("en", "Asia/Kolkata", "Monday, 23 November 2026, 20:34 (GMT+05:30)"),
        ],
    )
    def test_a_time_on_the_readers_clock(self, language, zone, expected):
        assert format_datetime(EVENING, language, zone) == expected

    def test_a_language_without_a_form_of_its_own_has_its_usual_one(self):
        assert format_date(EVENING, "de", "UTC", "long") == "23. November 2026"
        assert format_datetime(EVENING, "de", "UTC", "short") == "23.11.2026 15:04 (Koordinierte Weltzeit)"


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, "0 B"),
        (1023, "1,023 B"),
        (1024, "1 KB"),
        (1536, "1.5 KB"),
        (10 * 1024, "10 KB"),
        (1_258_291, "1.2 MB"),
        (1024**2 - 1, "1 MB"),
        (734_003_200, "700 MB"),
        (3 * 1024**5, "3,072 TB"),
    ],
)
def test_a_size_as_file_managers_write_it(size, expected):
    assert format_size(size, "ko") == format_size(size, "en") == expected


def test_what_a_language_is_called():
    assert language_name("en", "ko") == "영어"
    assert language_name("ko", "en") == "Korean"
    assert language_name("xx", "ko") == "xx"
