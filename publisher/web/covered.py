"""
A letter on the web of which something became secret since.

The frozen bytes stay as they are in the store. The page covers the entry with
words, and says that it differs from the letter that was sent; a letter of which
the entry cannot be told apart is not shown at all.
"""

from collections.abc import Mapping
from datetime import datetime

from starlette.responses import Response

from publisher.digest.cover import cover
from publisher.digest.render import letter_hash
from publisher.model import Language, Letter
from publisher.web.pages import Head
from publisher.web.visit import Visit


def covered(visit: Visit, language: Language, letter: Letter, withdrawn: Mapping[str, datetime]) -> Letter | None:
    """The letter with words in the place of these entries; None when it must not be shown."""
    head = _head(visit, language)
    render = visit.house.pages.render
    instead = {
        public_id: render("covered-entry.html", head, {"since": since}) for public_id, since in withdrawn.items()
    }
    return cover(letter, instead, render("covered-notice.html", head, {"hash": letter_hash(letter)}))


def not_shown(
    visit: Visit, language: Language, number: int, letter: Letter, withdrawn: Mapping[str, datetime]
) -> Response:
    """The page that stands for such a letter."""
    return visit.page(
        "covered.html",
        _head(visit, language),
        number=number,
        since=max(withdrawn.values()),
        hash=letter_hash(letter),
    )


def _head(visit: Visit, language: Language) -> Head:
    """Search engines are not asked to keep it."""
    others = (other for other in visit.site.languages if other != language)
    return Head(title=visit.site.name.get(language, ""), language=language, spoken=(language, *others))
