"""
Addresses as they stand in pages: relative to the page itself.

The same page is reached under `site.url`, whose path a proxy may have taken off
before we see it, and under the listening address, where whoever runs the house
tries it out. A link that climbs from the page's own address is right in all of
these; an absolute one would leave for the public site, a rooted one would miss
its path. What must name the public address (canonical, hreflang, feeds to be
copied) is built by `Site` instead.
"""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from publisher.model import Language

ROOT = "publisher.root"
"""The key in an ASGI scope that holds the way from the page to the root of the site: `./`, `../../`."""


def way_up(raw_path: bytes, prefix: str) -> str:
    """
    From the page at this path to the root of the site, whose path is `prefix`.

    Counted in the path as it was sent: a `%2F` in it is no step for a browser.
    """
    depth = raw_path.count(b"/") - prefix.count("/") - 1
    return "../" * depth or "./"


@dataclass(frozen=True, kw_only=True)
class Links:
    """The site's own addresses, as seen from one page."""

    root: str

    def home(self, language: Language) -> str:
        return f"{self.root}{language}/"

    def archive(self, language: Language, name: str) -> str:
        return f"{self.root}{language}/archives/{_part(name)}"

    def category(self, language: Language, name: str, slug: str) -> str:
        return f"{self.archive(language, name)}/{_part(slug)}"

    def search(self, language: Language, question: str = "", archive: str = "") -> str:
        asked = {name: value for name, value in (("q", question), ("archive", archive)) if value}
        return f"{self.root}{language}/search" + (f"?{urlencode(asked)}" if asked else "")

    def entry(self, language: Language, public_id: str) -> str:
        return f"{self.root}{language}/entries/{_part(public_id)}"

    def editions(self, language: Language, list_name: str) -> str:
        return f"{self.root}{language}/editions/{_part(list_name)}"

    def edition(self, language: Language, list_name: str, number: int) -> str:
        return f"{self.editions(language, list_name)}/{number}"

    def feeds(self, language: Language | None = None) -> str:
        """All feeds; the page speaks every language, and this one first."""
        return f"{self.root}feeds{_first(language)}"

    def feed(self, slug: str, extension: str, page: int | None = None) -> str:
        return f"{self.root}feeds/{_part(slug)}{f'/{page}' if page else ''}.{extension}"

    def feed_catalogue(self) -> str:
        return f"{self.root}feeds.opml"

    def leaving(self, language: Language | None = None) -> str:
        """How to leave, for whoever has no link at hand."""
        return f"{self.root}unsubscribe{_first(language)}"

    def subscribing(self, language: Language | None = None) -> str:
        return f"{self.root}subscribe{_first(language)}"

    def choosing(self, language: Language | None = None) -> str:
        """A reader's own page, for whoever has no link at hand."""
        return f"{self.root}preferences{_first(language)}"

    def static(self, name: str) -> str:
        return f"{self.root}static/{name}"

    def mailbox(self, *parts: str, language: Language | None = None) -> str:
        return "/".join([f"{self.root}mailbox", *map(_part, parts)]) + _first(language)


def _first(language: Language | None) -> str:
    """Of a page that speaks every language: this one first."""
    return f"?language={language}" if language else ""


def _part(text: str) -> str:
    return quote(text, safe="+")
