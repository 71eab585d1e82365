"""Close an edition: freeze its letters and queue one delivery for each recipient."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from publisher.digest.render import compose_letters, content_hash
from publisher.errors import StaleEdition
from publisher.flows.compose import Sign
from publisher.model import Edition, LanguageKey, Letter, MailingList, Site
from publisher.store import audience, editions, outbox
from publisher.store.database import Tx

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Released:
    """A released edition and how many deliveries were queued for it."""

    edition: Edition
    queued: int


async def letters_for(
    tx: Tx, edition: Edition, mailing_list: MailingList, site: Site, sign: Sign
) -> Mapping[LanguageKey, Letter]:
    """The letters of an edition as they are now: the list's language keys and those that readers have."""
    wanted = (*site.languages, *mailing_list.languages, *await audience.reachable(tx, mailing_list.name))
    signed = replace(edition, entries=tuple(sign(edition.entries)))
    return compose_letters(signed, mailing_list, site, dict.fromkeys(wanted))


async def release(
    tx: Tx,
    edition: Edition,
    mailing_list: MailingList,
    site: Site,
    sign: Sign,
    *,
    by: str,
    now: datetime,
    grace: timedelta,
) -> Released:
    """
    approved → released, all in the caller's transaction.

    Either the edition is released, its letters are frozen and every recipient
    has a row, or nothing happened and it can be released again. The first copy
    leaves after `grace`; until then it can be taken back.
    """
    letters = await letters_for(tx, edition, mailing_list, site, sign)
    if not await editions.mark_released(tx, edition.id, by=by, content_hash=content_hash(letters), now=now):
        current = await editions.get(tx, edition.id)
        raise StaleEdition(
            f"{edition.list} No. {edition.number} is {current.status}; only an approved edition is released"
        )
    await editions.freeze(tx, edition.id, ((letter, content_hash({key: letter})) for key, letter in letters.items()))
    queued = await outbox.enqueue_edition(tx, edition.id, mailing_list.name, now=now, due_at=now + grace)
    log.info("edition released", list=edition.list, number=edition.number, queued=queued, by=by)
    return Released(edition=await editions.get(tx, edition.id), queued=queued)
