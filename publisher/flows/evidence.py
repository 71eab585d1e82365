"""
Proof, for a person who asks and for an authority that does: one JSON document.

`data_of` is what a person may read of themselves; `evidence_of` adds what only
the house needs, and also answers after erasure, when all that is left is that
the address refused.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from publisher.address import EmailAddress
from publisher.delivery.policy import Provider
from publisher.errors import NotFound
from publisher.model import Edition
from publisher.store import consents, evidence, feedback, notices, outbox, readmissions, requests
from publisher.store.database import Tx
from publisher.store.keys import Key
from subscribers.tokens import hash_of
from subscribers.transfer import event_told

_SUBSCRIPTION = (
    "list", "languages", "missing", "status", "created_at", "confirmed_at", "paused_until", "ended_at", "ended_why",
)  # fmt: skip
_LETTER = ("kind", "list", "number", "classification", "language_key", "status", "reason", "queued_at", "settled_at")
_PROOF = (*_LETTER, "message_id", "code", "reply")
_NOTICE = ("kind", "list", "at", "due_on", "booked_at", "held_why", "released_by", "queued_at", "status", "settled_at")
_RETURNED = ("kind", "weight", "list", "number", "at", "means", "status", "effect")
_READMISSION = ("reason", "since", "at", "who", "why")
_REQUEST = ("purpose", "lists", "advertising", "asked_at", "expires_at", "outcome", "text_version", "means")
_TRY = ("delivery_id", "number", "at", "outcome", "code", "enhanced", "reply")


async def data_of(tx: Tx, subscriber_id: int) -> dict[str, Any]:
    """Everything that is kept of a person, in JSON's own types. Raises NotFound where there is no such person."""
    return await _told(tx, subscriber_id, _LETTER)


async def evidence_of(tx: Tx, address: EmailAddress, first_key: Key, providers: Iterable[Provider]) -> dict[str, Any]:
    """
    What proves how an address came to be written to, or that it refused.

    Raises NotFound for an address that the house has never known.
    """
    refused = await refusals_of(tx, address, first_key)
    address_hash = refused.address_hash
    person = await evidence.person(tx, address_hash=address_hash)
    if person is None and not refused.any:
        raise NotFound("this address is not known here, and has refused nothing")
    return {
        "address": address.address,
        "address_hash": address_hash,
        "person": await _told(tx, person["id"], _PROOF) if person else None,
        "tries": [_picked(row, _TRY) for row in await evidence.tries_of(tx, person["id"])] if person else [],
        "refusals": refused.lists,
        "suppression": refused.everything,
        "readmissions": await _readmissions(tx, address_hash),
        "providers": [provider_shape(one) for one in providers],
    }


@dataclass(frozen=True, kw_only=True)
class Refusals:
    """What an address refused, list by list, and why nothing at all is sent to it; in JSON's own types."""

    address_hash: str
    lists: Sequence[dict[str, Any]]
    everything: dict[str, Any] | None

    @property
    def any(self) -> bool:
        return bool(self.lists or self.everything)


async def refusals_of(tx: Tx, address: EmailAddress, first_key: Key) -> Refusals:
    """What stands against writing to an address, whether or not anybody is known by it."""
    address_hash = hash_of(address.key, first_key.secret)
    suppressed = await evidence.suppression_of(tx, address_hash)
    return Refusals(
        address_hash=address_hash,
        lists=[_picked(row, ("list", "at", "means")) for row in await evidence.refusals_of(tx, address_hash)],
        everything=_picked(suppressed, ("reason", "at", "means")) if suppressed else None,
    )


async def evidence_of_edition(tx: Tx, edition: Edition, providers: Iterable[Provider]) -> dict[str, Any]:
    """Who classified, approved and released an edition, what it was by its hash, and what became of its copies."""
    row = await evidence.edition(tx, edition.id)
    account = await outbox.account(tx, edition.id)
    names = (
        "list", "number", "status", "classification", "classified_by", "classified_at", "classified_why",
        "composed_at", "approved_by", "approved_at", "released_by", "released_at", "sent_at", "ended_at",
        "content_hash", "not_agreed",
    )  # fmt: skip
    return {
        **_picked(row, names),
        "recipients": account.total,
        "sent": account.sent,
        "failed": account.failed,
        "withheld": account.withheld,
        "uncertain": account.uncertain,
        "open": account.open,
        "reasons": await evidence.copies_by_reason(tx, edition.id),
        "providers": [provider_shape(one) for one in providers],
    }


def provider_shape(one: Provider) -> dict[str, Any]:
    return {"name": one.name, "contract": _plain(one.contract), "country": one.country}


async def _told(tx: Tx, subscriber_id: int, letter: tuple[str, ...]) -> dict[str, Any]:
    person = await evidence.person(tx, subscriber_id=subscriber_id)
    if person is None:
        raise NotFound("there is no such person")
    agreed = await consents.of_person(tx, subscriber_id)
    return {
        **_picked(person, ("address", "name", "created_at", "erasing_since", "erased_at")),
        "subscriptions": [_picked(row, _SUBSCRIPTION) for row in await evidence.subscriptions_of(tx, subscriber_id)],
        "consents": [
            {
                "list": one.list,
                "scope": one.scope,
                "event": event_told(one.event, one.means),
                "at": _plain(one.at) if one.is_dated else None,
                "means": one.means,
                "text_version": one.text_version,
                "evidence": one.evidence,
            }
            for one in agreed
        ],
        "consent_texts": {
            version: json.loads(text)
            for version, text in (await evidence.texts(tx, {one.text_version for one in agreed})).items()
        },
        "requests": [
            _picked(vars(one), _REQUEST) for one in await requests.of_person(tx, subscriber_id, person["address_hash"])
        ],
        "notices": [_picked(row, _NOTICE) for row in await notices.of_person(tx, subscriber_id)],
        "returned": [_picked(row, _RETURNED) for row in await feedback.of_person(tx, subscriber_id)],
        "readmissions": await _readmissions(tx, person["address_hash"]),
        "letters": [_picked(row, letter) for row in await evidence.letters_to(tx, subscriber_id)],
    }


async def _readmissions(tx: Tx, address_hash: str) -> list[dict[str, Any]]:
    return [_picked(vars(one), _READMISSION) for one in await readmissions.of_address(tx, address_hash)]


def _picked(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: _plain(row[name]) for name in names}


def _plain(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case Enum():
            return value.value
        case tuple():
            return list(value)
    return value
