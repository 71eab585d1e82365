"""
Languages: every sentence a person sees, and dates and sizes as they are written there.

The catalogues are `templates/locale/<language>.po`, read as they lie there: no
build step, so whoever corrects a wording sees it at the next start. Message
ids are whole English sentences; a percent sign in one is written `%%`.

Korean particles (을/를, 이/가) depend on the word before them. Where that word
is a value, the sentence is phrased so that none is needed: `목록: %(name)s`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from io import BytesIO
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import Translations

from publisher.errors import NotFound, TemplateError
from publisher.model import Language
from publisher.resources import templates

DateStyle: TypeAlias = Literal["full", "long", "short", "month", "day"]
"""`full` has the weekday, `long` the month by name, `short` fits a source line; `day` stands under a `month`."""

# CLDR's Korean times read "PM 3:04" and its full dates are long-winded. English is
# written day first with the month's name, which nobody takes for another date.
_DATES: dict[Language, dict[DateStyle, str]] = {
    "ko": {"full": "y년 M월 d일 (E)", "long": "y년 M월 d일", "short": "y. M. d.", "month": "y년 M월", "day": "d일 (E)"},
    "en": {"full": "EEEE, d MMMM y", "long": "d MMMM y", "short": "d MMM y", "month": "MMMM y", "day": "EEE d"},
}
_ELSEWHERE = {"short": "medium", "month": "MMMM y", "day": "EEE d"}
_DATETIMES: dict[Language, str] = {"ko": "{date} HH:mm (zzzz)", "en": "{date}, HH:mm (zzzz)"}
_UNITS = ("B", "KB", "MB", "GB", "TB")


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The sentences of one language. `translations` is for Jinja's newstyle gettext."""

    language: Language
    translations: Translations

    def gettext(self, message: str, **values: object) -> str:
        """The sentence with its values: `gettext("No. %(number)d", number=12)`."""
        return self.translations.gettext(message) % values

    def ngettext(self, singular: str, plural: str, n: int, **values: object) -> str:
        """The form this language has for `n`, which the sentence may name as `%(n)d`."""
        return self.translations.ngettext(singular, plural, n) % {"n": n, **values}


@cache
def catalogue(language: Language) -> Catalogue:
    """The catalogue of a language. Raises NotFound where there is none, TemplateError for a broken file."""
    if language not in available():
        raise NotFound(f"no catalogue for the language '{language}'; there are: {', '.join(available())}")
    path = templates() / "locale" / f"{language}.po"
    compiled = BytesIO()
    try:
        with path.open("rb") as source:
            write_mo(compiled, read_po(source, locale=_locale(language), abort_invalid=True))
    except PoFileError as error:
        raise TemplateError(f"{path.name}, line {error.lineno}: {error}") from error
    compiled.seek(0)
    return Catalogue(language=language, translations=Translations(compiled))


@cache
def available() -> tuple[Language, ...]:
    """The languages that have a catalogue, by their tags in alphabetical order."""
    return tuple(sorted(path.stem for path in (templates() / "locale").glob("*.po")))


def format_date(value: date, language: Language, zone: str, style: DateStyle = "long") -> str:
    """`2026년 11월 24일 (화)` or `Tuesday, 24 November 2026`; a time counts as its day in `zone`."""
    day = value.astimezone(ZoneInfo(zone)).date() if isinstance(value, datetime) else value
    pattern = _DATES.get(language, {}).get(style) or _ELSEWHERE.get(style, style)
    return dates.format_date(day, pattern, locale=_locale(language))


def format_datetime(value: datetime, language: Language, zone: str, style: DateStyle = "full") -> str:
    """`2026년 11월 24일 (화) 09:00 (대한민국 표준시)`, on the clock of `zone`, which it names for readers elsewhere."""
    local = value.astimezone(ZoneInfo(zone))
    frame = _DATETIMES.get(language, "{date} HH:mm (zzzz)")
    time = dates.format_time(local, frame.removeprefix("{date}"), tzinfo=local.tzinfo, locale=_locale(language))
    return format_date(local, language, zone, style) + time


def format_size(size: int, language: Language) -> str:
    """`840 B`, `1.2 MB`: in steps of 1024 as file managers count, one decimal below ten."""
    amount, unit = float(size), 0
    while amount >= 1023.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    pattern = "#,##0.#" if unit and amount < 9.95 else "#,##0"
    return f"{numbers.format_decimal(amount, pattern, locale=_locale(language))} {_UNITS[unit]}"


def language_name(language: Language, in_language: Language) -> str:
    """What a language is called: `language_name("en", "ko")` is 영어. An unknown tag stands for itself."""
    name: str = _locale(in_language).languages.get(language, language)
    return name


def country_name(code: str, in_language: Language) -> str:
    """What a country is called: `country_name("IE", "ko")` is 아일랜드. An unknown code stands for itself."""
    name: str = _locale(in_language).territories.get(code, code)
    return name


def noted(message: str) -> str:
    """Marks a sentence for the catalogues where it is written down and only later looked up."""
    return message


@cache
def _locale(language: Language) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")
