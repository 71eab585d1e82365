"""
“Why?”, answered from what was written down when it was decided.

Each answer is whole sentences, and the facts they were made of. Nothing is
decided anew here: what is not recorded is said to be so.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from publisher import cadence
from publisher.address import EmailAddress
from publisher.errors import NotFound
from publisher.model import (
    Classification,
    DeliveryStatus,
    Edition,
    Entry,
    EntryStatus,
    Held,
    MailingList,
    Missing,
    languages_of,
    wish_of,
)
from publisher.store import consents, editions, entries, evidence, feedback, outbox, readmissions, recipients, runs
from publisher.store.consents import Consent
from publisher.store.database import Tx
from publisher.store.evidence import Row
from publisher.store.keys import Key
from publisher.store.outbox import Story
from publisher.store.runs import RunRecord
from subscribers.asking import READMITTED
from subscribers.model import SubscriptionStatus
from subscribers.tokens import hash_of
from subscribers.transfer import ENTERED, event_told

Local: TypeAlias = Callable[[datetime], str]
"""A moment as the house's own clock shows it."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is told to the person who asked, and the facts it rests on (JSON)."""

    said: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)


# ── A list on a day ──────────────────────────────────────────────────────────


async def why_list(tx: Tx, mailing_list: MailingList, day: date, local: Local, *, now: datetime) -> Answer:
    """Why something, or nothing, went out on a day of the list's calendar."""
    zone = ZoneInfo(mailing_list.timezone)
    decided = [
        one
        for one in await runs.listed(tx, list_name=mailing_list.name, limit=-1)
        if one.occurrence.startswith(day.isoformat())
    ]
    by_hand = [
        one
        for one in await editions.listed(tx, list_name=mailing_list.name)
        if one.released_at
        and one.released_at.astimezone(zone).date() == day
        and one.id not in {run.edition_id for run in decided if run.verdict == "sent"}
    ]
    said = [_decided(one, local) for one in decided]
    said += [f"No. {one.number} was released at {local(one.released_at)}." for one in by_hand if one.released_at]
    if not said:
        said.append(_undecided(mailing_list, day, zone, now))
    facts = {
        "list": mailing_list.name,
        "day": day.isoformat(),
        "runs": [
            {"occurrence": one.occurrence, "verdict": one.verdict, "reason": one.reason, "decided_at": one.decided_at}
            for one in decided
        ],
        "released": [one.number for one in by_hand],
    }
    return Answer(said=tuple(said), facts=facts)


def _decided(one: RunRecord, local: Local) -> str:
    return f"The occurrence of {one.occurrence} was decided at {local(one.decided_at)}: {one.verdict}, {one.reason}."


def _undecided(mailing_list: MailingList, day: date, zone: ZoneInfo, now: datetime) -> str:
    if mailing_list.cadence is None:
        return f"{mailing_list.name} has no cadence: it goes out by hand only (`publisher send {mailing_list.name}`)."
    parsed = cadence.parse(mailing_list.cadence)
    if not parsed.falls_on(day):
        return f"The cadence “{mailing_list.cadence}” has no occurrence on {day}, so nothing was due."
    begin = datetime(day.year, day.month, day.day, tzinfo=zone) - timedelta(microseconds=1)
    occurrence = next(iter(parsed.occurrences(begin, zone)), None)
    if occurrence is not None and occurrence.at > now:
        return f"The occurrence of {occurrence.nominal} has not come yet."
    return (
        f"An occurrence stood in the cadence “{mailing_list.cadence}” on {day}, and none was decided: the list had not"
        " begun then, or had another cadence, or `publisher run` has not looked yet."
    )


# ── A reader and an edition ──────────────────────────────────────────────────


async def why_reader(tx: Tx, edition: Edition, address: EmailAddress, first_key: Key, local: Local) -> Answer:
    """Why a reader did, or did not, get an edition."""
    story = await outbox.explain(tx, edition.id, address.key)
    if story is not None:
        returned = await feedback.of_delivery(tx, story.delivery_id)
        told = (*_told(story, local), *(_came_back(row, local) for row in returned))
        return Answer(said=told, facts=_story(edition, story, returned))
    address_hash = hash_of(address.key, first_key.secret)
    subscription = await evidence.subscription(tx, address_hash, edition.list)
    said = [line async for line in _no_copy(tx, edition, address_hash, subscription, local)]
    known = {"status": subscription["status"], "languages": subscription["languages"]} if subscription else None
    facts = {"list": edition.list, "number": edition.number, "copy": None, "subscription": known}
    return Answer(said=tuple(said), facts=facts)


def _told(story: Story, local: Local) -> Iterator[str]:
    languages, wish = "+".join(languages_of(story.language_key)), wish_of(story.language_key)
    yield f"They are a recipient, with the letter in {languages}, queued at {local(story.queued_at)}."
    if wish:
        yield _WISHED[wish]
    for number, one in enumerate(story.tries, 1):  # an outage is no attempt of the retry's budget, but it was one
        answer = f" ({one.code} {one.reply})" if one.code else ""
        yield f"Attempt {number} at {local(one.at)}: {one.outcome}{answer}."
    match story.status:
        case DeliveryStatus.SENT:
            answer = f"{story.code or ''} {story.reply or ''}".strip() or "the answer is not recorded"
            yield f"The next hop accepted it at {_when(story.settled_at, local)}: {answer}."
        case DeliveryStatus.WAITING:
            because = f", since {story.reason}" if story.reason else ""
            yield f"It waits, and is due at {local(story.due_at)}{because}."
        case DeliveryStatus.SENDING:
            yield "It is on its way at this moment."
        case DeliveryStatus.WITHHELD:
            yield f"It was withheld at {_when(story.settled_at, local)}: {_withheld(story.reason, wish)}."
        case DeliveryStatus.FAILED:
            yield f"It was given up at {_when(story.settled_at, local)}: {story.reason or 'no reason is recorded'}."
        case DeliveryStatus.UNCERTAIN:
            yield (
                f"Its content went out, and the answer was lost at {_when(story.settled_at, local)}:"
                " whether it arrived cannot be known."
            )


def _came_back(row: Row, local: Local) -> str:
    """What was heard of the copy after it had left, and what followed from it."""
    match row["kind"]:
        case "complaint":
            what = "They complained of it as spam"
        case "refusal":
            what = "They answered that they want no more of this list"
        case _:
            words = " ".join(part for part in (row["status"], row["said"]) if part)
            what = f"It came back, a {row['weight']} bounce" + (f" ({words})" if words else "")
    return f"{what}, at {local(row['at'])}, heard by {row['means']}: {_FOLLOWED[row['effect']]}."


_RETURNED = ("kind", "weight", "at", "means", "status", "said", "effect")
_FOLLOWED = {
    "noted": "it was written down",
    "suppressed": "since then the address is never written to, on any list",
    "unsubscribed": "since then they are off the list",
}

_WITHHELD = {
    "unsubscribed": "they had left the list before their copy was to go",
    "suppressed": "this address is never written to (it left everything, bounced, complained or was erased)",
    "no consent": "they had not agreed, or no longer, when their copy was to go",
    "stopped": "the edition was stopped",
    "erased": "they were erased",
    recipients.NOTHING_IN_THIS_LANGUAGE: "nothing in the edition is in their languages, and the list omits the others",
}
_WISHED = {
    Missing.SHOW: "What is not in it is shown in another language, by their own wish.",
    Missing.TITLE: "Of what is not in it they get only the title, by their own wish.",
    Missing.OMIT: "What is not in it is left out, by their own wish.",
}


def _withheld(reason: str | None, wish: Missing | None) -> str:
    if reason == recipients.NOTHING_IN_THIS_LANGUAGE and wish is Missing.OMIT:
        return "nothing in the edition is in their language, and they wish to have the others left out"
    return _WITHHELD.get(reason or "", reason or "no reason is recorded")


async def _no_copy(
    tx: Tx, edition: Edition, address_hash: str, subscription: Row | None, local: Local
) -> AsyncIterator[str]:
    """Every recorded reason why no copy was made, the plainest first."""
    if edition.released_at is None:
        yield f"No. {edition.number} is {edition.status} and not released: nobody has a copy yet."
        return
    released = edition.released_at
    any_reason = False
    if subscription is None:
        any_reason = True
        yield f"This address has never been on the list {edition.list}."
    else:
        record = await consents.of_subscription(tx, subscription["id"])
        for line in _of_subscription(subscription, record, released, local):
            any_reason = True
            yield line
        lacks_consent = not await consents.has_agreed_to_advertising(tx, subscription["id"])
        if edition.classification is Classification.ADVERTISING and lacks_consent:
            any_reason = True
            yield "The edition is advertising, and they have not agreed to receive any."
    for row in await evidence.refusals_of(tx, address_hash):
        if row["list"] == edition.list:
            any_reason = True
            yield f"They refused this list at {local(row['at'])}, by {row['means']}."
    if suppressed := await evidence.suppression_of(tx, address_hash):
        any_reason = True
        yield _stands_against(suppressed, local)
    for one in await readmissions.of_address(tx, address_hash):
        yield (
            f"The address had {one.reason} at {local(one.since)}; {one.who} let it ask anew at {local(one.at)}:"
            f" {one.why or 'the words are erased'}."
        )
    if not any_reason:
        number = f"{edition.list} {edition.number}"
        yield (
            f"They are on the list, and no reason is recorded: they may have been paused when it was released at"
            f" {local(released)}. `publisher send {number} --missing` sends it to them."
        )


def _stands_against(suppressed: Row, local: Local) -> str:
    if suppressed["reason"] == READMITTED:
        return "Nothing goes to the address before its owner asks on the page and confirms."
    return f"The address is never written to since {local(suppressed['at'])}: {suppressed['reason']}."


def _of_subscription(row: Row, record: Sequence[Consent], released: datetime, local: Local) -> Iterator[str]:
    status = SubscriptionStatus(row["status"])
    if status in (SubscriptionStatus.PENDING, SubscriptionStatus.EXPIRED):
        yield _unconfirmed(row, record, local, is_over=status is SubscriptionStatus.EXPIRED)
    if row["ended_at"] is not None and row["ended_at"] <= released:
        yield f"Their subscription had ended at {local(row['ended_at'])}: {row['ended_why']}."
    began = row["confirmed_at"] or row["created_at"]
    if status is SubscriptionStatus.ACTIVE and began > released:
        yield f"They joined at {local(began)}, after the release at {local(released)}."
    if row["paused_until"] is not None and row["paused_until"] > released:
        yield f"They have paused the list until {local(row['paused_until'])}."


def _unconfirmed(row: Row, record: Sequence[Consent], local: Local, *, is_over: bool) -> str:
    """How somebody came to wait who has not confirmed: asked themselves, or were brought in by others."""
    last = next((one for one in reversed(record) if one.event == "asked"), None)
    at = local(last.at if last else row["created_at"])
    if last is not None and event_told(last.event, last.means) == ENTERED:
        who = "A file" if last.means == "import" else "An operator"
        return f"{who} brought them in at {at}, without proof of a consent, and they have not asked by themselves."
    return f"They asked at {at} and {'never confirmed' if is_over else 'have not confirmed'}."


def _story(edition: Edition, story: Story, returned: Sequence[Row]) -> dict[str, Any]:
    copy = {
        "status": story.status,
        "reason": story.reason,
        "language_key": story.language_key,
        "message_id": story.message_id,
        "queued_at": story.queued_at,
        "due_at": story.due_at,
        "settled_at": story.settled_at,
        "code": story.code,
        "reply": story.reply,
        "attempts": [
            {"number": one.number, "at": one.at, "outcome": one.outcome, "code": one.code, "reply": one.reply}
            for one in story.tries
        ],
        "returned": [{name: row[name] for name in _RETURNED} for row in returned],
    }
    return {"list": edition.list, "number": edition.number, "copy": copy, "subscription": None}


def _when(moment: datetime | None, local: Local) -> str:
    return local(moment) if moment else "a time that is not recorded"


# ── An entry ─────────────────────────────────────────────────────────────────

_HELD = {
    Held.FIRST: "it stood in the archive when that was first read",
    Held.OLD: "it is dated before the archive was first read",
    Held.FLOOD: "it came with many others at once",
}


async def why_entry(tx: Tx, public_id: str, lists: Iterable[MailingList], local: Local, *, now: datetime) -> Answer:
    """Why an entry is, or is not, in a digest. Raises NotFound where there is none of this id."""
    entry = await entries.by_public_id(tx, public_id, in_public=False)
    if entry is None:
        raise NotFound(f"no entry is called '{public_id}': `publisher entries list` shows their ids")
    taken = {row["list"]: row for row in await evidence.editions_with(tx, entry.id)}
    said = list(_of_entry(entry, local, now))
    reading = [one for one in lists if entry.archive in one.archives]
    said += [_in_edition(row, local) for row in taken.values()]
    if entry.status is EntryStatus.LIVE and entry.held is None:
        others = [one.name for one in reading if one.name not in taken]
        said += [await _not_taken(tx, entry, name, local, now) for name in others]
    if not reading:
        said.append(f"No list takes entries of the archive {entry.archive}.")
    facts = {
        "id": entry.public_id,
        "archive": entry.archive,
        "status": entry.status,
        "held": entry.held,
        "arrived_at": entry.arrived_at,
        "due_at": entry.due_at,
        "editions": [
            {"list": row["list"], "number": row["number"], "status": row["status"], "left_out": row["left_out"]}
            for row in taken.values()
        ],
    }
    return Answer(said=tuple(said), facts=facts)


def _of_entry(entry: Entry, local: Local, now: datetime) -> Iterator[str]:
    yield f"It arrived at {local(entry.arrived_at)}, in the archive {entry.archive}."
    if entry.status is EntryStatus.RETRACTED:
        yield "It was taken away again, since it is gone from its archive or became secret there."
    if entry.held is not None:
        yield (
            f"It is kept out of letters, because {_HELD[entry.held]};"
            f" `publisher entries admit {entry.public_id}` lets it in."
        )
    elif entry.due_at > now:
        yield f"It settles until {local(entry.due_at)}; no edition takes it before."


def _in_edition(row: Row, local: Local) -> str:
    name = f"{row['list']} No. {row['number']}"
    if row["left_out"]:
        return f"It was left out of {name} for good."
    released = f", released at {local(row['released_at'])}" if row["released_at"] else ""
    return f"It stands in {name}, which is {row['status']}{released}."


async def _not_taken(tx: Tx, entry: Entry, list_name: str, local: Local, now: datetime) -> str:
    began = await editions.started_at(tx, list_name)
    if entry.due_at <= began:
        return f"It was due before {list_name} began at {local(began)}, so it is no news to that list."
    if entry.due_at > now:
        return f"It may stand in the next edition of {list_name} once it has settled."
    return f"It stands in the next edition of {list_name} that is composed."
