"""
What stands above a text, between two lines `---`: title, date and the like, in YAML.

Every value is taken as it is written (`no` is a word, `010` keeps its zero).
Aliases are refused: they can unfold to gigabytes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

import yaml

from publisher.archive.moments import read_moment
from publisher.archive.weblinks import host_of
from publisher.archive.wording import KST
from publisher.markup import fold
from publisher.model import MIXED, Citation, Language

_LONGEST = 20_000  # characters
_LONGEST_VALUE = 500
_MOST_BRACKETS = 50
_NESTED = re.compile(r"(?:[-?:][ \t]{1,9}){10}")  # PyYAML takes minutes for a few thousand of them
_FENCE = re.compile(r"\A---[ \t]*\r?\n(?P<front>.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_LANGUAGES = {"한국어": "ko", "국문": "ko", "korean": "ko", "영어": "en", "영문": "en", "english": "en"}
_BOTH = frozenset({"ko+en", "en+ko", MIXED})


class BadFrontMatter(ValueError):
    """What is wrong, on one line: the key, and what is expected."""


@dataclass(frozen=True, kw_only=True)
class FrontMatter:
    """
    What was said; whatever was not is empty. `url` is where the piece itself stands.

    `translations` are files, keys or addresses of the same text in other languages.
    """

    title: str = ""
    date: datetime | None = None
    author: str = ""
    language: Language | None = None
    citation: Citation = field(default_factory=Citation)
    categories: tuple[str, ...] = ()
    url: str = ""
    translations: tuple[str, ...] = ()
    is_draft: bool = False


def split_front_matter(text: str) -> tuple[str, str]:
    """The front matter as it is written ('' where there is none), and the text below it."""
    fence = _FENCE.match(text[:_LONGEST])
    return (fence["front"], text[fence.end() :]) if fence else ("", text)


def read_front_matter(written: str, now: datetime, zone: tzinfo = KST) -> FrontMatter:
    """What it says. Keys that mean nothing here are let stand; a known one that cannot be used is BadFrontMatter."""
    said = _values(written)
    return FrontMatter(
        title=_line(said, "title"),
        date=_moment(said, "date", now, zone),
        author=_line(said, "author"),
        language=_language(_line(said, "language")),
        citation=Citation(
            outlet=_line(said, "outlet") or None,
            date=_day(said, "outlet_date", now, zone),
            url=_address(said, "original_url") or None,
        ),
        categories=_list(said, "categories"),
        url=_address(said, "url"),
        translations=(*_names(said, "translation_of"), *_names(said, "translations")),
        is_draft=_line(said, "draft").lower() in {"true", "yes"} or _line(said, "published").lower() in {"false", "no"},
    )


def _values(written: str) -> Mapping[str, str | tuple[str, ...]]:
    if _NESTED.search(written) or written.count("[") + written.count("{") > _MOST_BRACKETS:
        raise BadFrontMatter("not YAML of the simple kind: lines such as `title: …`")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(written, Loader=yaml.BaseLoader)):
            raise BadFrontMatter("aliases (*name) are not read")
        document = yaml.load(written, Loader=yaml.BaseLoader)  # noqa: S506 - texts, lists and mappings only
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 2}: " if mark else ""
        raise BadFrontMatter(f"{place}{getattr(error, 'problem', None) or 'not YAML'}") from error
    except (RecursionError, ValueError) as error:
        if isinstance(error, BadFrontMatter):
            raise
        raise BadFrontMatter("not YAML") from error
    if document in (None, ""):
        return {}
    if not isinstance(document, dict):
        raise BadFrontMatter("expected lines such as `title: …`")
    return {str(key).lower(): _value(value) for key, value in document.items()}


def _value(value: object) -> str | tuple[str, ...]:
    if isinstance(value, dict):  # such as `translations: {en: spring-en.md}`
        value = list(value.values())
    if isinstance(value, list):
        return tuple(each for each in value if isinstance(each, str))
    return value if isinstance(value, str) else ""


def _line(said: Mapping[str, str | tuple[str, ...]], key: str) -> str:
    value = said.get(key, "")
    return fold(value if isinstance(value, str) else ", ".join(value))[:_LONGEST_VALUE]


def _list(said: Mapping[str, str | tuple[str, ...]], key: str) -> tuple[str, ...]:
    value = said.get(key, "")
    names = value.split(",") if isinstance(value, str) else value
    folded = (fold(name)[:100] for name in names)
    return tuple(dict.fromkeys(name for name in folded if name))[:20]


def _names(said: Mapping[str, str | tuple[str, ...]], key: str) -> tuple[str, ...]:
    """Files or addresses; a single one may hold a comma."""
    value = said.get(key, "")
    named = (fold(name)[:_LONGEST_VALUE] for name in ([value] if isinstance(value, str) else value))
    return tuple(name for name in named if name)[:20]


def _moment(said: Mapping[str, str | tuple[str, ...]], key: str, now: datetime, zone: tzinfo) -> datetime | None:
    written = _line(said, key)
    if not written:
        return None
    if moment := read_moment(written, now, zone):
        return moment
    raise BadFrontMatter(f"{key}: expected a date that is not ahead, such as 2025-05-07 20:35, got {written!r}")


def _day(said: Mapping[str, str | tuple[str, ...]], key: str, now: datetime, zone: tzinfo) -> date | None:
    moment = _moment(said, key, now, zone)
    return moment.date() if moment else None


def _address(said: Mapping[str, str | tuple[str, ...]], key: str) -> str:
    address = _line(said, key)
    if address and not host_of(address):
        raise BadFrontMatter(f"{key}: expected an address such as https://press.example/1, got {address!r}")
    return address


def _language(written: str) -> Language | None:
    name = written.lower()
    if not name:
        return None
    if name in _BOTH:
        return MIXED
    short = _LANGUAGES.get(name) or name.replace("_", "-").partition("-")[0]
    if not re.fullmatch(r"[a-z]{2,3}", short):
        raise BadFrontMatter(f"language: expected ko, en or ko+en, got {written!r}")
    return short
