"""
Letters that belong to no edition: one person is told one thing.

Each kind has its folder `templates/email/<kind>` with `subject.txt`, `body.txt`
and `body.mjml`, which say what the facts in the delivery's row are. To add a
kind: a member of `DeliveryKind`, its folder (extend `email/single.txt` and
`email/single.mjml`, which say each thing in every language of the letter, and
who writes), and `outbox.enqueue_letter` where there is cause for one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from publisher.digest.prose import fold, link
from publisher.digest.templates import render_html, render_text
from publisher.digest.view import Imprint, imprints_of
from publisher.i18n import format_date, format_datetime
from publisher.model import DeliveryKind, Facts, Language, LanguageKey, Letter, Site, Texts, languages_of, text_in


def _no_link(purpose: str, _token_id: str) -> str:
    """A link that looks right and opens nothing, for letters that are only tried out."""
    return f"https://letters.example/{purpose}/test"


@dataclass(frozen=True, kw_only=True)
class Postscript:
    """
    What a letter to one person needs of the house.

    `lists` has what lists are called; `url` makes that person's own link, for a
    purpose (unsubscribe · preferences · confirm · link · keep) and a token id (hex),
    at the moment of sending: so no row holds a link that opens something.
    """

    lists: Mapping[str, Texts] = field(default_factory=dict)
    url: Callable[[str, str], str] = _no_link


@dataclass(frozen=True, kw_only=True)
class SingleView:
    """What the templates of a single letter see beside its `facts`."""

    languages: tuple[Language, ...]
    imprints: tuple[Imprint, ...]
    site: Site
    postscript: Postscript = field(default_factory=Postscript)

    @property
    def language(self) -> Language:
        return self.languages[0]

    def name(self, texts: Mapping[Language, str], language: Language) -> str:
        """The text in this language, else in the first that there is."""
        return text_in(texts, language)

    def lists(self, names: Sequence[str], language: Language) -> str:
        """What these lists are called, one after the other."""
        titles = self.postscript.lists
        return ", ".join(text_in(titles.get(name, {}), language) or name for name in names)

    def latest(self, list_name: str, number: int, language: Language) -> str:
        """The public page of an edition."""
        return self.site.edition_url(language, list_name, number)

    def own(self, purpose: str, token_id: str) -> str:
        """The person's own link for this purpose."""
        return self.postscript.url(purpose, token_id)

    def day(self, iso: str, language: Language) -> str:
        """A fact's day as it is written in this language; of a time, its day on the site's clock."""
        return format_date(datetime.fromisoformat(iso), language, self.site.timezone)

    def moment(self, iso: str, language: Language) -> str:
        """A fact's time (ISO, with its offset) as it is written in this language, on the site's clock."""
        return format_datetime(datetime.fromisoformat(iso), language, self.site.timezone)

    def link(self, url: str) -> str | None:
        """An address of a fact if it may stand in a letter."""
        return link(url)


def write_letter(
    kind: DeliveryKind,
    facts: Facts,
    key: LanguageKey,
    site: Site,
    overrides: Path | None = None,
    postscript: Postscript | None = None,
) -> Letter:
    """
    The letter of this kind that tells these facts. Raises TemplateError.

    Texts in the facts may be anybody's: they are folded to one line and stand
    in the letter as text.
    """
    languages = languages_of(key)
    imprints = imprints_of(site, languages[0])
    view = SingleView(languages=languages, imprints=imprints, site=site, postscript=postscript or Postscript())
    folder = f"email/{kind}"
    values: dict[str, Any] = {"letter": view, "facts": _folded(facts), "site": site}
    values["subject"] = fold(render_text(f"{folder}/subject.txt", values, overrides))
    return Letter(
        language_key=key,
        subject=values["subject"],
        html=(render_html(f"{folder}/body.mjml", values, overrides),),
        text=(render_text(f"{folder}/body.txt", values, overrides),),
    )


def _folded(fact: Any) -> Any:
    match fact:
        case str():
            return fold(fact)
        case Mapping():
            return {name: _folded(value) for name, value in fact.items()}
        case list() | tuple():
            return [_folded(value) for value in fact]
    return fact
