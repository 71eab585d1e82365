"""Say what an edition is, information or advertising, and what the law then wants of it."""

import html
import re
from collections.abc import Iterable
from datetime import datetime

import structlog

from publisher.errors import NotAllowed, StaleEdition
from publisher.model import SENDER_LANGUAGES, Classification, Edition, Letter, Run, Sender, Slot
from publisher.store import editions
from publisher.store.database import Tx
from subscribers.classification import signs_of_advertising

log = structlog.get_logger()

_BETWEEN = re.compile(r"<[^>]*>|\s")


async def classify(
    tx: Tx, edition: Edition, classification: Classification, *, by: str, why: str | None, now: datetime
) -> None:
    """
    Decide what a draft or approved edition is, in the caller's transaction; an approval is void after that.

    Raises StaleEdition for one that was released or has ended.
    """
    if not await editions.classify(tx, edition.id, classification, by=by, why=why, now=now):
        raise StaleEdition(
            f"{edition.list} No. {edition.number} is {edition.status}; only a draft or approved edition is classified"
        )
    log.info("edition classified", list=edition.list, number=edition.number, classification=classification, by=by)


def signs_in(edition: Edition) -> tuple[str, ...]:
    """Words in an edition of information that advertising often has; of advertising none, since it was decided."""
    if edition.classification is Classification.ADVERTISING:
        return ()
    told = (text for entry in edition.entries for face in entry.faces.values() for text in (face.title, face.summary))
    return signs_of_advertising([*told, *edition.notes.values(), *edition.subjects.values()])


def missing_of(sender: Sender) -> list[str]:
    """The keys of the configuration without which no advertising may go out (Network Act art. 50④)."""
    in_languages = (("name", sender.name), ("address", sender.address))
    missing = [
        f"site.sender.{key}.{language}"
        for key, texts in in_languages
        for language in SENDER_LANGUAGES
        if not texts.get(language)
    ]
    return missing + [f"site.sender.{key}" for key in ("email", "phone") if not getattr(sender, key)]


def refuse_unlawful(edition: Edition, sender: Sender, letters: Iterable[Letter]) -> None:
    """Raises NotAllowed where letters of advertising do not say, in both languages, who writes and how to refuse."""
    name = f"{edition.list} No. {edition.number} is advertising and may not go out"
    if missing := missing_of(sender):
        raise NotAllowed(f"{name}: {', '.join(missing)} must be in the configuration first")
    for letter in letters:
        for part, run in (("body.mjml", letter.html), ("body.txt", letter.text)):
            if unsaid := [text for text in _must_say(sender) if _bare(html.escape(text)) not in _said(run)]:
                raise NotAllowed(
                    f"{name}: its letter in {letter.language_key} does not say “{unsaid[0]}”;"
                    f" templates/email/digest/{part} must print the sender as the template that it replaces does"
                )
            if sum(piece is Slot.UNSUBSCRIBE for piece in run) < len(SENDER_LANGUAGES):
                raise NotAllowed(
                    f"{name}: its letter in {letter.language_key} must have the link to refuse in Korean and in"
                    f" English; mend templates/email/digest/{part}"
                )


def _must_say(sender: Sender) -> list[str]:
    texts = [texts[language] for texts in (sender.name, sender.address) for language in SENDER_LANGUAGES]
    return [*texts, sender.email, sender.phone]


def _said(run: Run) -> str:
    return _bare("".join(piece for piece in run if not isinstance(piece, Slot)))


def _bare(text: str) -> str:
    """Without tags and blanks: lines are broken where they are full."""
    return html.unescape(_BETWEEN.sub("", text))
