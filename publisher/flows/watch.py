"""Watch what comes back of an edition: tell the operators when it is too much, and hold the rest of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from publisher.flows.operators import tell_operators
from publisher.i18n import noted
from publisher.model import Facts, Site
from publisher.store import editions, feedback, outbox
from publisher.store.database import Tx
from publisher.store.keys import Key
from subscribers.bounces import BouncePolicy, Step, judge_rate

log = structlog.get_logger()

COMPLAINTS, BOUNCES = "complaints", "bounces"


@dataclass(frozen=True, kw_only=True)
class _Rate:
    about: str
    count: int
    step: Step | None


async def watch(tx: Tx, edition_id: int | None, policy: BouncePolicy, site: Site, key: Key, *, now: datetime) -> None:
    """
    Take the steps that an edition's rates ask for, each of them once.

    An edition that somebody resumes after that goes on: they have decided.
    """
    if edition_id is None:
        return
    counted = await feedback.counts(tx, edition_id)
    if max(counted.bounces, counted.complaints) < policy.at_least:
        return
    account = await outbox.account(tx, edition_id)
    out = account.sent + account.failed + account.uncertain
    taken = {(row["about"], row["step"]) for row in await feedback.alarms(tx, edition_id)}
    for rate in _rates(counted, out, policy):
        if rate.step and (rate.about, rate.step) not in taken and (rate.about, Step.PAUSE) not in taken:
            await _take(tx, edition_id, rate.about, rate.step, (rate.count, out), site, key, now)


def _rates(counted: feedback.Counts, out: int, policy: BouncePolicy) -> Iterator[_Rate]:
    for about, count, alarm, pause in (
        (COMPLAINTS, counted.complaints, policy.complaints_alarm, policy.complaints_pause),
        (BOUNCES, counted.bounces, policy.bounces_alarm, policy.bounces_pause),
    ):
        step = judge_rate(count, out, alarm=alarm, pause=pause, at_least=policy.at_least)
        yield _Rate(about=about, count=count, step=step)


async def _take(
    tx: Tx, edition_id: int, about: str, step: Step, figures: tuple[int, int], site: Site, key: Key, now: datetime
) -> None:
    count, out = figures
    edition = await editions.get(tx, edition_id)
    is_paused = step is Step.PAUSE and await editions.pause(tx, edition_id)
    await feedback.raise_alarm(tx, edition_id, about=about, step=step, count=count, out=out, paused=is_paused, now=now)
    log.error("too much comes back", list=edition.list, number=edition.number, about=about, count=count, out=out)
    facts: Facts = {
        "trouble": about,
        "list": edition.list,
        "number": edition.number,
        "paused": is_paused,
        "count": count,
        "failures": out,
        "since": now.isoformat(),
        "names": {},
        "detail": "",
        "url": "",
        "cure": _CURES[about],
    }
    await tell_operators(tx, site, key, cause=f"edition {edition_id} {about} {step}", facts=facts, now=now)


_CURES = {
    COMPLAINTS: noted(
        "Find out how these readers came onto the list. `publisher show` tells what came back; `publisher resume` lets "
        "a paused edition go on, `publisher stop` ends it."
    ),
    BOUNCES: noted(
        "Find out how old these addresses are. `publisher show` tells what came back; `publisher resume` lets a paused "
        "edition go on, `publisher stop` ends it."
    ),
}


def too_much(alarm: Mapping[str, Any]) -> str:
    """What was done about an edition of which too much came back, for the operator."""
    what = "complaints" if alarm["about"] == COMPLAINTS else "hard bounces"
    done = "so it was paused" if alarm["paused"] else "so the operators were told"
    return f"{alarm['count']} {what} of {alarm['out']} copies that were out, {done}"
