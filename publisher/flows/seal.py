"""A claimed copy made ready to go: is it still wanted, and the bytes of its letter."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from publisher.delivery import envelope
from publisher.delivery.dkim import Signer
from publisher.delivery.envelope import Stationery, sender_of
from publisher.delivery.policy import ReturnPolicy
from publisher.delivery.retry import GiveUp
from publisher.delivery.transport import Envelope
from publisher.errors import PublisherError
from publisher.flows.paper import Addressee, Seal, paper_for
from publisher.model import DeliveryKind, Letter, LetterKey, MailingList, Site
from publisher.store import editions
from publisher.store.claims import Claimed, Objection
from publisher.store.database import Database, Tx
from publisher.store.keys import Key
from publisher.store.looks import Looks, open_looks

Clock: TypeAlias = Callable[[], datetime]
"""What time it is for due dates."""

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
        bounces: ReturnPolicy,
        signer: Signer | None = None,
    ) -> None:
        self._db = db
        self._site = site
        self._lists = lists
        self._keys = keys
        self._letter_of = letter_of
        self._seal = Seal.of(site, keys, bounces, signer)
        self._last_look = _LastLook(open_looks(db))
        self._stationery: dict[tuple[int | None, LetterKey], Stationery] = {}

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

    def foresee(self, copies: Iterable[Claimed]) -> None:
        """Say which copies come next, so that what speaks against them is asked for all at once."""
        self._last_look.foresee(copies)

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
        to = Addressee(
            delivery_id=copy.delivery_id,
            recipient=recipient,
            message_id=copy.message_id,
            queued_at=copy.queued_at,
            token_id=copy.token_id,
        )
        returns = self._seal.returns
        return Envelope(
            delivery_id=copy.delivery_id,
            claim_no=copy.claim_no,
            sender=returns.bounce(copy.delivery_id) if returns else paper.sender.email,
            recipient=recipient,
            message_id=copy.message_id,
            content=self._seal.copy(paper, to),
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
            paper = await paper_for(tx, letter, self._site, self._list_of(copy), is_test=is_test)
        if is_alike:
            self._stationery[key] = paper
        return paper

    def _list_of(self, copy: Claimed) -> MailingList | None:
        """What the copy is mail of, also when the list was taken out of the configuration; None for no list."""
        if copy.edition_id is None:
            return None
        name = copy.list or "letters"
        return self._lists.get(name) or MailingList(name=name, titles={}, archives=())


_Key: TypeAlias = tuple[int, int]
"""(delivery, claim number)"""


class _LastLook:
    """
    Asks what speaks against a copy, for all that are in hand in one question.

    An answer holds until anything is written to the store; so there are about
    as many questions as there are groups of marks, not as many as copies. Whoever
    comes while a question is under way is in the next one: no answer is older
    than its question.
    """

    def __init__(self, looks: Looks) -> None:
        self._looks = looks
        self._foreseen: frozenset[_Key] = frozenset()
        self._asked: dict[_Key, asyncio.Future[Objection | None]] = {}
        self._asking: asyncio.Task[None] | None = None
        self._answers: Mapping[_Key, Objection | None] = {}
        self._answered_at: object = object()

    def foresee(self, copies: Iterable[Claimed]) -> None:
        self._foreseen = frozenset(_key(copy) for copy in copies)

    async def objection(self, copy: Claimed) -> Objection | None:
        key = _key(copy)
        if key in self._answers and self._answered_at == self.moment():
            return self._answers[key]
        answer: asyncio.Future[Objection | None] = asyncio.get_running_loop().create_future()
        self._asked[key] = answer
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
                await self._look(self._foreseen | asked.keys())
            except Exception as error:  # each of those who asked has to deal with it
                for answer in asked.values():
                    if not answer.done():
                        answer.set_exception(error)
            else:
                for key, answer in asked.items():
                    if not answer.done():
                        answer.set_result(self._answers[key])
        self._asking = None

    async def _look(self, keys: Collection[_Key]) -> None:
        moment = self.moment()  # before the question: what is written meanwhile makes it outdated
        found = await self._looks.objections(keys)
        self._answers, self._answered_at = {key: found.get(key) for key in keys}, moment


def _key(copy: Claimed) -> _Key:
    return copy.delivery_id, copy.claim_no
