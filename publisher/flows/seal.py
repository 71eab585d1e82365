"""A claimed copy made ready to go: is it still wanted, and the bytes of its letter."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from publisher.delivery import envelope
from publisher.delivery.envelope import Stationery, sender_of
from publisher.delivery.retry import GiveUp
from publisher.delivery.transport import Envelope
from publisher.errors import PublisherError
from publisher.model import DeliveryKind, LanguageKey, Letter, MailingList, Site, Slot
from publisher.store import editions
from publisher.store.claims import Claimed, Objection
from publisher.store.database import Database, Tx
from publisher.store.keys import Key
from publisher.store.looks import Looks, open_looks
from subscribers import tokens

LetterSource: TypeAlias = Callable[[Tx, Claimed], Awaitable[Letter | None]]
"""
Finds the letter of a copy that has no frozen one: of a test whose edition is not
released yet, or of a copy that belongs to no edition. None when there is none in its language key.
"""


async def frozen_letter(tx: Tx, copy: Claimed) -> Letter | None:
    """The letter of a released edition."""
    return await editions.letter(tx, copy.edition_id, copy.language_key) if copy.edition_id else None


class Sealer:
    """Keeps the stationery of each (edition, language key), so that a letter is read and encoded once."""

    def __init__(
        self,
        db: Database,
        *,
        site: Site,
        lists: Mapping[str, MailingList],
        keys: Sequence[Key],
        letter_of: LetterSource,
    ) -> None:
        self._db = db
        self._site = site
        self._lists = lists
        self._keys = keys
        self._letter_of = letter_of
        self._last_look = _LastLook(open_looks(db))
        self._stationery: dict[tuple[int | None, LanguageKey], Stationery] = {}

    async def seal(self, copy: Claimed) -> Envelope | Objection | GiveUp:
        """The finished copy, or why there is none. The reader's refusal is asked for at this last moment."""
        try:
            paper = await self._paper(copy)
        except PublisherError as error:  # a template that cannot be used ends this copy, not the delivering
            return GiveUp(reason=str(error))
        if paper is None:
            return GiveUp(reason=f"there is no letter in {copy.language_key}")
        objection = await self.objection(copy)
        if objection:
            return objection
        try:
            return self._sealed(copy, paper)
        except ValueError:
            return GiveUp(reason="its address cannot stand in a letter")

    async def objection(self, copy: Claimed) -> Objection | None:
        """What speaks against a copy at this moment."""
        return await self._last_look.objection(copy)

    def moment(self) -> object:
        """Equal to an earlier one only if nothing can speak against a copy now that did not in between."""
        return self._last_look.moment()

    def forget(self) -> None:
        """Let go of the letters kept, so that a house that runs for years does not gather them all."""
        self._stationery.clear()

    async def close(self) -> None:
        """Wait for a question that is under way; nothing can be sealed afterwards."""
        await self._last_look.close()

    def message_id(self, dedupe_key: str) -> str:
        """The lasting Message-ID of a delivery. Made with the first key, so that a new key changes none."""
        domain = sender_of(self._site, self._site.languages[0]).domain
        return envelope.message_id(self._keys[0].secret, dedupe_key, domain)

    def _sealed(self, copy: Claimed, paper: Stationery) -> Envelope:
        recipient = f"{copy.address.rpartition('@')[0]}@{copy.domain}"  # the domain as the wire wants it: A-labels
        content = paper.copy(
            recipient=recipient,
            message_id=copy.message_id,
            date=copy.queued_at,
            values=self._links_of(copy),
        )
        return Envelope(
            delivery_id=copy.delivery_id,
            claim_no=copy.claim_no,
            sender=paper.sender.email,
            recipient=recipient,
            message_id=copy.message_id,
            content=content,
            has_dots=False,
        )

    async def _paper(self, copy: Claimed) -> Stationery | None:
        key = (copy.edition_id, copy.language_key)
        is_alike = copy.kind is DeliveryKind.EDITION  # a test may be of a draft, and others are letters to one person
        if is_alike and key in self._stationery:
            return self._stationery[key]
        async with self._db.read() as tx:
            letter = await frozen_letter(tx, copy)
            if letter is None and not is_alike:
                letter = await self._letter_of(tx, copy)
        if letter is None:
            return None
        is_test = copy.kind is DeliveryKind.TEST
        paper = Stationery(letter=letter, site=self._site, list=self._list_of(copy), is_test=is_test)
        if is_alike:
            self._stationery[key] = paper
        return paper

    def _list_of(self, copy: Claimed) -> MailingList | None:
        """What the copy is mail of, also when the list was taken out of the configuration; None for no list."""
        if copy.edition_id is None:
            return None
        name = copy.list or "letters"
        return self._lists.get(name) or MailingList(name=name, titles={}, archives=())

    def _links_of(self, copy: Claimed) -> Mapping[Slot, str]:
        """The reader's own links; those of a test look right and open nothing."""
        if copy.token_id is None:
            return {
                Slot.UNSUBSCRIBE: self._site.unsubscribe_url("test"),
                Slot.PREFERENCES: self._site.preferences_url("test"),
            }
        newest = self._keys[-1]
        leave, choose = (
            tokens.make(purpose, copy.token_id, key_id=newest.id, secret=newest.secret, day=day)
            for purpose, day in (
                (tokens.Purpose.UNSUBSCRIBE, None),
                (tokens.Purpose.PREFERENCES, copy.queued_at.date()),
            )
        )
        return {
            Slot.UNSUBSCRIBE: self._site.unsubscribe_url(leave),
            Slot.PREFERENCES: self._site.preferences_url(choose),
        }


class _LastLook:
    """
    Asks what speaks against a copy, for all senders that want to know in one question.

    Whoever comes while a question is under way is in the next one, so no
    answer is older than the question, and ten connections cost one.
    """

    def __init__(self, looks: Looks) -> None:
        self._looks = looks
        self._asked: dict[tuple[int, int], asyncio.Future[Objection | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def objection(self, copy: Claimed) -> Objection | None:
        answer: asyncio.Future[Objection | None] = asyncio.get_running_loop().create_future()
        self._asked[copy.delivery_id, copy.claim_no] = answer
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await answer

    def moment(self) -> object:
        return self._looks.moment()

    async def close(self) -> None:
        if self._asking is not None:
            await asyncio.wait([self._asking])
        await self._looks.close()

    async def _ask(self) -> None:
        while self._asked:
            asked, self._asked = self._asked, {}
            try:
                found = await self._looks.objections(asked)
            except Exception as error:  # each of those who asked has to deal with it
                for answer in asked.values():
                    if not answer.done():
                        answer.set_exception(error)
            else:
                for copy, answer in asked.items():
                    if not answer.done():
                        answer.set_result(found.get(copy))
        self._asking = None
