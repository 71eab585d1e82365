"""Some hundred wishes at a time: looked up at once, decided on one by one, written at once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from publisher.flows.enrol.outcome import Outcome, Told, What
from publisher.flows.enrol.reading import Wish
from publisher.store import roster
from publisher.store.database import Tx
from publisher.store.keys import Key
from publisher.store.roster import Newcomer, Refused, Standing, Standings, standing_in
from publisher.store.seen import Seen
from subscribers.lifecycle import Admit, Refuse, Unchanged, admission
from subscribers.model import EndedWhy, SubscriptionStatus
from subscribers.tokens import hash_of
from subscribers.transfer import Ended, counts_here

_MEANS = "import"
_WHY = {
    Ended.UNSUBSCRIBED: EndedWhy.UNSUBSCRIBED,
    Ended.STOPPED: EndedWhy.UNSUBSCRIBED,
    Ended.BOUNCED: EndedWhy.BOUNCED,
    Ended.COMPLAINED: EndedWhy.COMPLAINED,
}
_OPEN = (SubscriptionStatus.PENDING, SubscriptionStatus.ACTIVE)
_CONFIRMED_SINCE = "confirmed here after that; a refusal of before does not count"


@dataclass(frozen=True, kw_only=True)
class Known:
    """A wish with the hash by which its address is remembered."""

    wish: Wish
    address_hash: str

    @property
    def name(self) -> str:
        """What makes another wish the same."""
        return f"{self.address_hash}\n{self.wish.list}\n{'ended' if self.wish.ended else ''}"

    def outcome(self, what: What, *, reason: str = "", value: str = "", first_line: int | None = None) -> Outcome:
        return Outcome(
            line=self.wish.line,
            what=what,
            address=self.wish.address.address,
            list=self.wish.list,
            reason=reason,
            value=value,
            first_line=first_line,
        )


class Settling:
    """What becomes of the wishes of one file."""

    def __init__(self, *, seen: Seen, first_key: Key, tell: Told, now: datetime, dry_run: bool) -> None:
        self._seen, self._secret, self._tell, self._now, self._dry_run = seen, first_key.secret, tell, now, dry_run
        self._has_refusals = False

    # ── What an earlier row said ─────────────────────────────────────────────

    def told_apart(self, batch: Sequence[Wish | Outcome]) -> Sequence[Known]:
        """The wishes that no earlier row had, in their order; the others are told."""
        fresh = []
        for one in batch:
            if isinstance(one, Outcome):
                self._tell(one)
                continue
            known = Known(wish=one, address_hash=hash_of(one.address.key, self._secret))
            first_line = self._refused_before(known) or self._seen.first_line(known.name, one.line)
            if first_line == one.line:
                fresh.append(known)
            else:
                self._tell(known.outcome(What.DUPLICATE, first_line=first_line))
        return fresh

    def _refused_before(self, known: Known) -> int | None:
        """The earlier row of this file by which this person wants no letters: it stands above the later one."""
        if known.wish.ended:
            self._has_refusals = True
            return None
        if not self._has_refusals:
            return None
        own = self._seen.line_of(f"{known.address_hash}\n{known.wish.list}\nended")
        return own or self._seen.line_of(f"{known.address_hash}\n\nended")

    # ── In one transaction ───────────────────────────────────────────────────

    async def settle(self, tx: Tx, wishes: Sequence[Known]) -> None:
        """Decide and write; readers first, so that a refusal in the same batch ends what it admitted."""
        await self._admit(tx, [one for one in wishes if not one.wish.ended])
        await self._refuse(tx, [one for one in wishes if one.wish.ended])

    async def _admit(self, tx: Tx, wishes: Sequence[Known]) -> None:
        found = await roster.standings(tx, {one.address_hash for one in wishes})
        newcomers = []
        for one in wishes:
            standing = standing_in(found, one.address_hash, one.wish.list)
            verdict = admission(
                has_consent=one.wish.consented_at is not None,
                current=standing.current,
                languages=one.wish.languages,
                has_refused=standing.has_refused,
            )
            if isinstance(verdict, Admit):
                newcomers.append(self._newcomer(one, verdict.status))
            self._tell(_outcome(one, verdict))
        if not self._dry_run:
            await roster.admit(tx, newcomers, means=_MEANS, now=self._now)

    def _newcomer(self, known: Known, status: SubscriptionStatus) -> Newcomer:
        wish = known.wish
        return Newcomer(
            address=wish.address.address,
            address_key=wish.address.key,
            address_hash=known.address_hash,
            name=wish.name,
            list=wish.list,
            languages=wish.languages,
            missing=wish.missing,
            status=status,
            token_id=secrets.token_bytes(16),
            event="given" if wish.consented_at else "asked",
            at=wish.consented_at or self._now,
            evidence=wish.evidence,
        )

    async def _refuse(self, tx: Tx, wishes: Sequence[Known]) -> None:
        if not wishes:
            return
        found = await roster.standings(tx, {one.address_hash for one in wishes})
        refused = []
        for one in wishes:
            theirs = _theirs(found, one)
            if standing_in(found, one.address_hash, one.wish.list).has_refused:
                self._tell(one.outcome(What.UNCHANGED))
            elif not counts_here(refused_at=one.wish.ended_at, confirmed_at=_confirmed_at(theirs)):
                self._tell(one.outcome(What.UNCHANGED, reason=_CONFIRMED_SINCE))
            else:
                refused.append(_refused(one, theirs, self._now))
                self._tell(one.outcome(What.REFUSAL, reason=str(one.wish.ended)))
        if not self._dry_run:
            await roster.refuse(tx, refused, means=_MEANS, now=self._now)


def _outcome(one: Known, verdict: Admit | Unchanged | Refuse) -> Outcome:
    match verdict:
        case Admit(status=SubscriptionStatus.ACTIVE):
            return one.outcome(What.ACTIVE, value=one.wish.languages)
        case Admit():
            return one.outcome(What.PENDING, value=one.wish.languages)
        case Unchanged():
            return one.outcome(What.UNCHANGED)
        case Refuse(reason=reason):
            return one.outcome(What.REJECTED, reason=reason, value=one.wish.list)


# ── Refusals ─────────────────────────────────────────────────────────────────


def _theirs(found: Standings, one: Known) -> Sequence[Standing]:
    """What this person has, as far as the refusal reaches."""
    theirs = found.get(one.address_hash, {})
    return [standing for list_name, standing in theirs.items() if one.wish.list in ("", list_name)]


def _confirmed_at(theirs: Sequence[Standing]) -> datetime | None:
    return max((standing.confirmed_at for standing in theirs if standing.confirmed_at), default=None)


def _refused(one: Known, theirs: Sequence[Standing], now: datetime) -> Refused:
    assert one.wish.ended is not None
    running = (standing.current for standing in theirs)
    return Refused(
        address_hash=one.address_hash,
        list=one.wish.list,
        at=one.wish.ended_at or now,
        reason=one.wish.ended if one.wish.ended.is_of_all_lists else None,
        subscription_ids=[current.id for current in running if current and current.status in _OPEN],
        why=_WHY[one.wish.ended],
    )
