"""What the roads of a house have in common: the post office, who carries what, and at which pace."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from publisher.delivery.dkim import Signer
from publisher.delivery.policy import DEFAULT_ROAD, DeliveryPolicy
from publisher.delivery.retry import Fault
from publisher.delivery.standing import Standing
from publisher.delivery.transport import Transport
from publisher.flows.conclude import Tally
from publisher.flows.seal import Clock, LetterSource, frozen_letter
from publisher.model import MailingList, Site
from publisher.store.database import Database
from publisher.store.due import EVERYTHING, Share
from publisher.store.keys import Key
from publisher.store.pace import Pace
from publisher.store.roads import Rest

Progress: TypeAlias = Callable[[Tally], None]


@dataclass(frozen=True, kw_only=True)
class PostOffice:
    """
    What delivering needs of the house.

    `roads` are by their profiles' names, in the order in which one stands in
    for another. `letter_of` is asked for letters that are not frozen: tests of a
    draft, and those of no edition; all others go out as they were released.
    `journals` is the folder `var/journal`. `now` is the clock of due dates.
    """

    db: Database
    roads: Mapping[str, Transport]
    policy: DeliveryPolicy
    site: Site
    lists: Mapping[str, MailingList]
    keys: Sequence[Key] = field(repr=False)
    journals: Path
    now: Clock = lambda: datetime.now(UTC)
    letter_of: LetterSource = frozen_letter
    signer: Signer | None = None


def road_of(mailing_list: MailingList | None, roads: Container[str]) -> str:
    """The road that carries a list's letters while it goes."""
    own = mailing_list.profile if mailing_list else None
    return own if own and own in roads else DEFAULT_ROAD


def share_of(name: str, office: PostOffice, resting: Mapping[str, Rest], now: datetime) -> Share:
    """
    What a road carries: its own lists, and those of roads that rest and for which it is the next.

    Lists that name no road, and letters of no list, belong to the default one.
    """
    if len(office.roads) == 1:
        return EVERYTHING

    def carrier_of(road: str) -> str:
        up = [one for one in (road, *office.roads) if not standing_of(resting.get(one)).is_resting(now)]
        return up[0] if up else road

    elsewhere = {
        one.name: carrier_of(one.profile)
        for one in office.lists.values()
        if one.profile and one.profile in office.roads
    }
    if carrier_of(DEFAULT_ROAD) == name:
        return Share(but=frozenset(one for one, road in elsewhere.items() if road != name))
    return Share(lists=frozenset(one for one, road in elsewhere.items() if road == name), letters=False)


def standing_of(rest: Rest | None) -> Standing:
    """How a road stands by what the store says of it; None: nothing."""
    if rest is None:
        return Standing()
    return Standing(rests=rest.rests, until=rest.until, reason=rest.reason, fault=Fault(rest.fault))


def pace_of(policy: DeliveryPolicy, name: str) -> Pace:
    """At which pace a road may be used."""
    profile = policy.roads.get(name)
    if profile is None:  # the mailbox folder
        return Pace(profile=name)
    return Pace(
        profile=name,
        per_second=profile.per_second,
        per_day=profile.per_day,
        reserve=profile.reserve,
        limits=policy.limits,
    )
