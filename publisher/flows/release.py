"""Close an edition: freeze its letters and queue one delivery for each recipient."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from publisher.digest.corrections import told_of
from publisher.digest.enclosures import wanted_images
from publisher.digest.render import compose_letters, content_hash, letter_hash
from publisher.errors import NotFound, StaleEdition
from publisher.flows.classify import refuse_unlawful
from publisher.flows.compose import House
from publisher.model import Classification, Edition, EditionStatus, Letter, LetterKey, MailingList
from publisher.store import audience, consents, corrections, editions, media, outbox, recipients
from publisher.store.database import Tx

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Released:
    """A released edition and how many deliveries were queued for it."""

    edition: Edition
    queued: int


async def letters_for(tx: Tx, edition: Edition, mailing_list: MailingList, house: House) -> Mapping[LetterKey, Letter]:
    """The letters of an edition as they are now: the list's language keys, and those that readers have or wish."""
    theirs = await audience.reachable(tx, mailing_list.name)
    wished = await recipients.wished_keys(tx, mailing_list.name, mailing_list.missing)
    keys = dict.fromkeys((*house.site.languages, *mailing_list.languages, *theirs, *wished))
    return await _composed(tx, edition, mailing_list, house, keys)


async def _composed(
    tx: Tx, edition: Edition, mailing_list: MailingList, house: House, keys: Iterable[LetterKey]
) -> Mapping[LetterKey, Letter]:
    signed = replace(edition, entries=tuple(house.sign(edition.entries)))
    faces = (face for entry in edition.entries for face in entry.faces.values())
    wanted = {url for face in faces for url, _ in wanted_images(face, mailing_list.images)}
    copies = await media.copies_of(tx, wanted) if wanted else {}
    return compose_letters(signed, mailing_list, house.site, keys, house.templates, copies)


async def current_letter(tx: Tx, edition: Edition, mailing_list: MailingList, house: House, key: LetterKey) -> Letter:
    """
    One letter as a reader gets it: the frozen one of a released edition, else as it would be now.

    Raises NotFound when there is none in this key.
    """
    if edition.released_at is not None:
        letter = await editions.letter(tx, edition.id, key)
    else:
        letter = (await _composed(tx, edition, mailing_list, house, [key])).get(key)
    if letter is None:
        keys = ", ".join(mailing_list.languages)
        raise NotFound(f"{edition.list} No. {edition.number} has no letter '{key}'; language keys are: {keys}")
    return letter


async def release(
    tx: Tx,
    edition: Edition,
    mailing_list: MailingList,
    house: House,
    *,
    by: str,
    now: datetime,
    grace: timedelta,
    inspected: str | None = None,
) -> Released:
    """
    approved → released, all in the caller's transaction.

    Either the edition is released, its letters are frozen and every recipient
    has a row, or nothing happened and it can be released again. The first copy
    leaves after `grace`; until then it can be taken back. `inspected` is the
    content hash of the letters that were looked at (`flows.preflight`): if they
    would be others now, nothing is released. Raises StaleEdition, and NotAllowed
    for advertising that does not say what the law wants.
    """
    letters = await letters_for(tx, edition, mailing_list, house)
    if inspected is not None and content_hash(letters) != inspected:
        raise StaleEdition(
            f"{edition.list} No. {edition.number} is not as it was looked at: something changed meanwhile;"
            " the same command looks again"
        )
    if edition.classification is Classification.ADVERTISING:
        refuse_unlawful(edition, house.site.sender, letters.values())
        await editions.note_not_agreed(tx, edition.id, await consents.not_agreed(tx, mailing_list.name, now=now))
    if not await editions.mark_released(tx, edition.id, by=by, content_hash=content_hash(letters), now=now):
        current = await editions.get(tx, edition.id)
        is_draft = current.status is EditionStatus.DRAFT
        cure = f": publisher approve {edition.list} {edition.number}" if is_draft else ""
        raise StaleEdition(
            f"{edition.list} No. {edition.number} is {current.status}; only an approved edition is released{cure}"
        )
    await corrections.mark_told(tx, edition.id, {entry.id: told_of(entry) for entry in edition.all_told})
    await editions.freeze(tx, edition.id, ((letter, letter_hash(letter)) for letter in letters.values()))
    queued = await outbox.enqueue_edition(
        tx, edition.id, mailing_list.name, missing=mailing_list.missing, now=now, due_at=now + grace
    )
    log.info("edition released", list=edition.list, number=edition.number, queued=queued, by=by)
    return Released(edition=await editions.get(tx, edition.id), queued=queued)
