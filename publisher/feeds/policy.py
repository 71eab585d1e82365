"""`feeds.<slug>` of the configuration: feeds beside the generated ones."""

from dataclasses import dataclass

from publisher.model import Language


@dataclass(frozen=True, kw_only=True)
class FeedPolicy:
    """What a configured feed holds; empty `archives` or `categories` mean all, no `language` every entry."""

    archives: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: Language | None = None
    title: str = ""  # empty: made from the names of site and archives
