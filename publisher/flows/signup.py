"""A person comes onto a list: by the operator's hand or from a file. Refusals are never undone here."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from publisher.address import EmailAddress
from publisher.errors import NotAllowed
from publisher.model import LanguageKey
from publisher.store import audience, consents
from publisher.store.database import Tx
from publisher.store.keys import Key
from subscribers.lifecycle import Admit, Refuse, Unchanged, admission
from subscribers.model import SubscriptionStatus
from subscribers.tokens import hash_of


@dataclass(frozen=True, kw_only=True)
class Application:
    """One person asked onto one list. `consent` says how and where they agreed; None or blank: not known."""

    address: EmailAddress
    list: str
    languages: LanguageKey
    name: str | None = None
    consent: str | None = None
    consented_at: datetime | None = None
    means: str = "operator"

    @property
    def has_consent(self) -> bool:
        return bool(self.consent and self.consent.strip())


async def sign_up(tx: Tx, application: Application, first_key: Key, *, now: datetime) -> Admit | Unchanged | Refuse:
    """
    Put a person on a list, in the caller's transaction, if the rules allow it.

    With a consent the subscription is active; without one it stays pending
    until the person confirms, and nothing is mailed to it.
    """
    address_hash = hash_of(application.address.key, first_key.secret)
    verdict = admission(
        has_consent=application.has_consent,
        current=await audience.subscription_of(tx, address_hash, application.list),
        languages=application.languages,
        has_refused=await audience.has_refused(tx, address_hash, application.list),
    )
    if isinstance(verdict, Admit):
        await _admit(tx, application, address_hash, verdict.status, now)
    return verdict


async def add_to_record(tx: Tx, subscription_id: int, application: Application, *, now: datetime) -> bool:
    """
    Write down a further word about how an active reader agreed to the letters; False when it stands there already.

    The record is only ever added to: what was told before stays beside it, so
    that a slip can be put right without hiding it.
    """
    told, at = application.consent, application.consented_at
    if any(
        (one.scope, one.evidence) == ("information", told) and at in (None, one.at)
        for one in await consents.of_subscription(tx, subscription_id)
    ):
        return False
    await audience.record_consent(
        tx, subscription_id, event="given", means=application.means, at=at, evidence=told, now=now
    )
    return True


async def agree_to_advertising(
    tx: Tx, address: EmailAddress, list_name: str, first_key: Key, *, evidence: str, at: datetime | None, now: datetime
) -> bool:
    """
    Write down that an active reader agreed to advertising, and how the operator knows, in the caller's transaction.

    Raises NotAllowed where they do not get the list, or have taken such a consent
    back: then only they can agree anew. What stands already is not written twice, or
    a notice would leave and the two years begin once more: False.
    """
    reader = await audience.on_list(tx, hash_of(address.key, first_key.secret), list_name)
    if reader is None or reader.subscription.status is not SubscriptionStatus.ACTIVE:
        raise NotAllowed(f"{address.address}: does not get {list_name} yet; --consent tells how they agreed to it")
    subscription_id = reader.subscription.id
    if await consents.has_agreed_to_advertising(tx, subscription_id):
        return False
    await audience.record_consent(
        tx, subscription_id, scope="advertising", event="given", means="operator", evidence=evidence, at=at, now=now
    )
    if not await consents.has_agreed_to_advertising(tx, subscription_id):
        raise NotAllowed(f"{address.address}: took a consent to advertising back; only the person can agree anew")
    return True


async def _admit(
    tx: Tx, application: Application, address_hash: str, status: SubscriptionStatus, now: datetime
) -> None:
    subscriber_id = await audience.add_subscriber(
        tx,
        address=application.address.address,
        address_key=application.address.key,
        address_hash=address_hash,
        name=application.name,
        now=now,
    )
    subscription_id = await audience.subscribe(
        tx,
        subscriber_id,
        application.list,
        languages=application.languages,
        status=status,
        token_id=secrets.token_bytes(16),
        now=now,
    )
    await audience.record_consent(
        tx,
        subscription_id,
        event="given" if application.has_consent else "asked",
        means=application.means,
        at=application.consented_at,
        evidence=application.consent,
        now=now,
    )
