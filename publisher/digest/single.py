"""
Letters that belong to no edition: one person is told one thing.

Each kind has its folder `templates/email/<kind>` with `subject.txt`, `body.txt`
and `body.mjml`, which say what the facts in the delivery's row are. To add a
kind: a member of `DeliveryKind`, its folder (extend `email/single.txt` and
`email/single.mjml`, which say each thing in every language of the letter, and
who writes), and `outbox.enqueue_letter` where there is cause for one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from publisher.digest.prose import fold, link
from publisher.digest.templates import render_html, render_text
from publisher.digest.view import Imprint, imprints_of
from publisher.i18n import format_datetime
from publisher.model import DeliveryKind, Facts, Language, LanguageKey, Letter, Site, languages_of, text_in


@dataclass(frozen=True, kw_only=True)
class SingleView:
    """What the templates of a single letter see beside its `facts`."""

    languages: tuple[Language, ...]
    imprints: tuple[Imprint, ...]
    site: Site

    @property
    def language(self) -> Language:
        return self.languages[0]

    def name(self, texts: Mapping[Language, str], language: Language) -> str:
        """The text in this language, else in the first that there is."""
        return text_in(texts, language)

    def moment(self, iso: str, language: Language) -> str:
        """A fact's time (ISO, with its offset) as it is written in this language, on the site's clock."""
        return format_datetime(datetime.fromisoformat(iso), language, self.site.timezone)

    def link(self, url: str) -> str | None:
        """An address of a fact if it may stand in a letter."""
        return link(url)


def write_letter(
    kind: DeliveryKind, facts: Facts, key: LanguageKey, site: Site, overrides: Path | None = None
) -> Letter:
    """
    The letter of this kind that tells these facts. Raises TemplateError.

    Texts in the facts may be anybody's: they are folded to one line and stand
    in the letter as text.
    """
    languages = languages_of(key)
    view = SingleView(languages=languages, imprints=imprints_of(site, languages[0]), site=site)
    folder = f"email/{kind}"
    values: dict[str, Any] = {"letter": view, "facts": _folded(facts)}
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
