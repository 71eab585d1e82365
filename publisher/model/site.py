"""The site: where the publisher stands on the web, and who writes."""

from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from publisher.model.languages import Language, Texts

SENDER_LANGUAGES: tuple[Language, ...] = ("ko", "en")
"""The law wants the sender and the way to refuse in both, whoever reads (Network Act art. 50④)."""


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who writes, as the law wants it in every letter (Korean Network Act art. 50④)."""

    name: Texts = field(default_factory=dict)
    email: str = ""
    phone: str = ""
    address: Texts = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An image as letters show it: our own copy at mail width. `hash` (SHA-256, hex) is its address below /media."""

    hash: str
    type: str  # media type
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Site:
    """
    The publisher's own place on the web. `url` has no trailing slash and may have a path.

    `accent` and `accent_dark` are the one colour of letters, by day and by night; `logo` stands on top of them.
    """

    name: Texts
    url: str
    timezone: str = "Asia/Seoul"
    country: str = "KR"
    languages: tuple[Language, ...] = ("ko", "en")
    sender: Sender = field(default_factory=Sender)
    operators: tuple[str, ...] = ()  # who is told when something needs somebody
    accent: str = "#17605a"
    accent_dark: str = "#69beb7"
    logo: Picture | None = None

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or "localhost"

    @property
    def path(self) -> str:
        """The path under which the site lives, without a trailing slash: '' or `/letters`."""
        return urlsplit(self.url).path.rstrip("/")

    def home_url(self, language: Language) -> str:
        return f"{self.url}/{language}/"

    def entry_url(self, language: Language, public_id: str) -> str:
        return f"{self.url}/{language}/entries/{public_id}"

    def edition_url(self, language: Language, list_name: str, number: int) -> str:
        return f"{self.url}/{language}/editions/{list_name}/{number}"

    def about_url(self, language: Language, list_name: str, number: int) -> str:
        """The page about an edition: all that stands in it, its hashes, how to cite it."""
        return f"{self.edition_url(language, list_name, number)}/about"

    def media_url(self, digest: str) -> str:
        return f"{self.url}/media/{digest}"

    def feed_url(self, slug: str, extension: str) -> str:
        return f"{self.url}/feeds/{slug}.{extension}"

    def unsubscribe_url(self, token: str) -> str:
        return f"{self.url}/unsubscribe/{quote(token, safe='')}"

    def preferences_url(self, token: str) -> str:
        return f"{self.url}/preferences/{quote(token, safe='')}"

    def confirm_url(self, token: str) -> str:
        return f"{self.url}/confirm/{quote(token, safe='')}"

    @property
    def subscribe_url(self) -> str:
        return f"{self.url}/subscribe"

    def keep_url(self, token: str) -> str:
        return f"{self.url}/keep/{quote(token, safe='')}"
