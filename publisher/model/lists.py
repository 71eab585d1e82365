"""What is offered to readers: lists to subscribe to, and feeds to follow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from publisher.model.languages import Language, LanguageKey, Texts


class Mode(StrEnum):
    APPROVE = "approve"
    AUTOMATIC = "automatic"


class Missing(StrEnum):
    """What a reader gets of an entry without a face in their language."""

    SHOW = "show"
    TITLE = "title"
    OMIT = "omit"


class Design(StrEnum):
    """How a list's letters look. Each has its folder under `templates/email`."""

    DIGEST = "digest"
    LETTER = "letter"  # as a person types one
    TITLES = "titles"  # titles without summaries


class Images(StrEnum):
    """Which images of an entry stand in letters."""

    NONE = "none"
    FIRST = "first"
    ALL = "all"


class ImagesAs(StrEnum):
    """How images come with a letter."""

    LINK = "link"  # from this site, once the reader's mail program fetches them
    INLINE = "inline"  # within each copy


class Classification(StrEnum):
    INFORMATION = "information"
    ADVERTISING = "advertising"


@dataclass(frozen=True, kw_only=True)
class MailingList:
    """What one subscribes to (RFC 2919 calls it the list)."""

    name: str
    titles: Texts
    archives: tuple[str, ...]
    languages: tuple[LanguageKey, ...] = ("ko", "en", "ko+en", "en+ko")
    cadence: str | None = None  # five fields as in cron, or None: by hand only
    timezone: str = "Asia/Seoul"
    mode: Mode = Mode.APPROVE
    minimum: int = 1
    late: timedelta = timedelta(hours=6)
    grace: timedelta = timedelta(minutes=2)
    missing: Missing = Missing.SHOW
    classification: Classification = Classification.INFORMATION
    less_often: str | None = None
    reply_to: str | None = None
    profile: str | None = None  # the SMTP profile that its letters go by; None: the default one
    design: Design = Design.DIGEST
    images: Images = Images.NONE
    images_as: ImagesAs = ImagesAs.LINK


@dataclass(frozen=True, kw_only=True)
class Feed:
    """Which entries stand in a feed, and what it is called. Any of the three may be open (empty)."""

    slug: str
    archives: tuple[str, ...]  # empty: all
    language: Language | None  # None: every entry
    categories: tuple[str, ...] = ()  # empty: all
    title: str
    description: str
    translations: Mapping[Language, str] = field(default_factory=dict)  # the same feed in other languages, by slug
