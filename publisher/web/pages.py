"""
Templates made into pages.

Our own files under `templates/web`; what they print is escaped, and a name they
do not know is an error. Texts of the archive are values, never templates.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import jinja2

from publisher.errors import TemplateError
from publisher.feeds.head import MEDIA_TYPES
from publisher.feeds.plan import category_slug
from publisher.i18n import DateStyle, available, catalogue, format_date, format_datetime, format_size, language_name
from publisher.model import Feed, Language, Site, text_in
from publisher.resources import templates
from publisher.web.static import assets
from publisher.web.structured import Described, printed

# Open Graph wants a territory; these are those that readers of the two languages here expect.
_LOCALES = {"ko": "ko_KR", "en": "en_US"}


@dataclass(frozen=True, kw_only=True)
class Head:
    """
    What a page says of itself.

    `language` is the page's own; `spoken` those that error pages and the like
    are written in, the reader's first. `url` is the public address (None: not
    to be indexed), `versions` the same page in other languages with their
    public addresses, `otherwise` the one for readers of none of them, `switch`
    the same with links from here. `feeds` are announced to feed readers.
    `image` is what a shared link shows (None: the house's own picture),
    `described` what machines are told. `page` numbers the parts of a list.
    """

    title: str
    language: Language
    spoken: tuple[Language, ...] = ()
    description: str = ""
    url: str | None = None
    versions: tuple[tuple[Language, str], ...] = ()
    otherwise: str | None = None
    switch: tuple[tuple[Language, str], ...] = ()
    feeds: tuple[Feed, ...] = ()
    kind: str = "website"
    image: str | None = None
    described: tuple[Described, ...] = ()
    page: int = 1
    published: datetime | None = None


def share_picture(site: Site) -> str:
    """The public address of the picture that a shared link shows where a piece has none."""
    return f"{site.url}/static/{assets()['share.png'].name}"


class Pages:
    """The templates, filled for one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def render(self, template: str, head: Head, values: Mapping[str, object]) -> str:
        """The page. Raises TemplateError for a file that cannot be used."""
        around = {
            "head": head,
            "site": self._site,
            "day": self._day,
            "moment": self._moment,
            "share_picture": share_picture(self._site),
        }
        try:
            return _environment().get_template(template).render({**values, **around})
        except jinja2.TemplateError as error:
            raise TemplateError(f"web/{template}: {error}") from error

    def _day(self, value: date, language: Language, style: DateStyle = "long") -> str:
        return format_date(value, language, self._site.timezone, style)

    def _moment(self, value: datetime, language: Language) -> str:
        return format_datetime(value, language, self._site.timezone, "short")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates() / "web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "size": format_size,
        "text_in": text_in,
        "category_slug": category_slug,
        "structured": printed,
    }
    environment.globals |= {
        # `words[language]("…")`: a page speaks several languages.
        "words": {language: catalogue(language).gettext for language in available()},
        "language_name": language_name,
        "media_types": MEDIA_TYPES,
        "locales": _LOCALES,
        "assets": assets(),
    }
    return environment
