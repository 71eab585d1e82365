"""What the operator decides about translations."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from publisher.model import Language
from publisher.translate.glossary import Glossary


class Service(StrEnum):
    DEEPL = "deepl"
    OPENAI = "openai"  # or any other server with OpenAI's chat completions


class Extent(StrEnum):
    """How much of an entry is translated; each with what stands before it."""

    TITLE = "title"
    SUMMARY = "summary"
    BODY = "body"


@dataclass(frozen=True, kw_only=True)
class TranslatePolicy:
    """
    `budget` is in characters a month. Without `languages` and `archives`: all
    that the site has. `allow` are private addresses, as an archive's.
    """

    service: Service | None = None
    endpoint: str = ""
    key: str = field(default="", repr=False)
    model: str = ""
    extent: Extent = Extent.SUMMARY
    languages: tuple[Language, ...] = ()
    archives: tuple[str, ...] = ()
    automatic: bool = False
    budget: int = 200_000
    timeout: timedelta = timedelta(minutes=1)
    allow: tuple[str, ...] = ()
    glossary: Glossary = field(default_factory=Glossary)
