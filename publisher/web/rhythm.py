"""How often a list comes, in words."""

from babel import Locale
from babel.lists import format_list

from publisher import cadence
from publisher.i18n import catalogue
from publisher.model import Language

_EVERY_MONTH = 12
_EVERY_WEEKDAY = 7
_EVERY_DAY = 31


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
            return _("Every week: %(days)s", days=format_list(days, locale=locale))
        if len(parsed.weekdays) == _EVERY_WEEKDAY:
            days = [str(day) for day in sorted(parsed.days)]
            return _("Every month, on these days: %(days)s", days=format_list(days, locale=locale))
    return _("From time to time")
