"""How often a list comes, in words."""

from collections.abc import Sequence

from babel import Locale
from babel.lists import format_list

from publisher import cadence
from publisher.i18n import catalogue
from publisher.model import Language

_EVERY_MONTH = 12
_EVERY_WEEKDAY = 7
_EVERY_DAY = 31
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def in_words(text: str | None, language: Language) -> str:
    """`0 9 * * mon` → 매주 월요일 · Every Monday. What has no plain words comes from time to time."""
    _ = catalogue(language).gettext
    if text is None:
        return _("From time to time")
    parsed = cadence.parse(text)
    locale = Locale.parse(language)
    if len(parsed.months) == _EVERY_MONTH and not parsed.either_day:
        if len(parsed.days) == _EVERY_DAY and len(parsed.weekdays) == _EVERY_WEEKDAY:
            return _("Every day")
        if len(parsed.days) == _EVERY_DAY:
            names = locale.days["stand-alone"]["wide"]
            # Babel counts from Monday, cron from Sunday; a week begins on Monday here.
            days = [names[(number - 1) % 7] for number in sorted(parsed.weekdays, key=lambda day: (day - 1) % 7)]
            return _("Every %(days)s", days=_joined(days, language))
        if len(parsed.weekdays) == _EVERY_WEEKDAY:
            days = [_day_of_month(day, language) for day in sorted(parsed.days)]
            return _("Monthly, on the %(days)s", days=_joined(days, language))
    return _("From time to time")


def _joined(days: Sequence[str], language: Language) -> str:
    """월요일, 목요일 · Monday and Thursday"""
    return ", ".join(days) if language == "ko" else format_list(days, locale=Locale.parse(language))


def _day_of_month(day: int, language: Language) -> str:
    """1일 · 1st"""
    match language:
        case "ko":
            return f"{day}일"
        case "en":
            return f"{day}{'th' if 11 <= day <= 13 else _ENDINGS.get(day % 10, 'th')}"
    return str(day)
