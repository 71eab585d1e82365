"""`status`: how it stands with archives, lists, editions and the outbox, and what to do."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from publisher import cadence
from publisher.address import mask
from publisher.app import App
from publisher.cli import shapes
from publisher.cli.archives import archive_line, archive_shape
from publisher.cli.frame import as_json, house, out, say_json
from publisher.flows.withdraw import lost_approval, what_now
from publisher.model import DeliveryKind, Edition, EditionStatus, MailingList
from publisher.store import archives, audience, editions, outbox, reports, runs, texts
from publisher.store.database import Tx
from publisher.store.editions import ON_ITS_WAY, OPEN
from publisher.store.reports import SentLetter
from publisher.store.runs import RunRecord


@click.command()
@as_json
@house
async def status(app: App, as_json: bool) -> None:
    """Archives, next occurrences, editions under way, the outbox, and why nothing went out."""
    async with app.db.read() as tx:
        states = [await archives.state_of(tx, name) for name in app.config.archives]
        lists = [await _list(tx, app, mailing_list) for mailing_list in app.config.lists.values()]
        alarms = await reports.last_letters(tx, DeliveryKind.ALARM, limit=5)
    operators = [mask(one) for one in app.site.operators]
    if as_json:
        shapes_of_archives = [archive_shape(app, state) for state in states]
        told = [_alarm(alarm) for alarm in alarms]
        say_json(
            {"now": app.now(), "archives": shapes_of_archives, "operators": operators, "alarms": told, "lists": lists}
        )
        return
    out.print("Archives", style="bold")
    for line in [f"{state.name:12} {archive_line(app, state)}" for state in states] or ["none is configured"]:
        out.print(f"  {line}", markup=False)
    out.print(f"  {'alarms':12} {_alarms_line(app, operators, alarms)}", markup=False)
    for one in lists:
        _tell_list(one)


async def _list(tx: Tx, app: App, mailing_list: MailingList) -> dict[str, Any]:
    name = mailing_list.name
    under_way = await editions.listed(tx, list_name=name, statuses=(*OPEN, *ON_ITS_WAY))
    ended = await editions.listed(tx, list_name=name, statuses=(EditionStatus.SENT, EditionStatus.STOPPED), limit=1)
    return {
        "name": name,
        "cadence": mailing_list.cadence,
        "mode": mailing_list.mode,
        "next": next_occurrence(mailing_list, await runs.last_occurrence(tx, name), app.now()),
        "readers": dict(await audience.reachable(tx, name, now=app.now())),
        "editions": [await _edition(tx, app, edition) for edition in under_way],
        "last": [await _edition(tx, app, edition) for edition in ended],
        "runs": [_run(run) for run in await runs.listed(tx, list_name=name, limit=5)],
    }


async def _edition(tx: Tx, app: App, edition: Edition) -> dict[str, Any]:
    withdrawn = (await texts.withdrawn_from(tx, [edition.id])).get(edition.id, {})
    return shapes.edition(edition, await outbox.account(tx, edition.id), app.site, withdrawn)


def _alarm(letter: SentLetter) -> dict[str, Any]:
    return {
        "archive": letter.facts.get("archive"),
        "trouble": letter.facts.get("trouble"),
        "queued_at": letter.queued_at,
        "status": letter.status,
        "reason": letter.reason,
    }


def _alarms_line(app: App, operators: Sequence[str], alarms: Sequence[SentLetter]) -> str:
    """Who is told of trouble, and what became of the last letter about it."""
    if not operators:
        return "nobody is told: set site.operators to the addresses that alarms go to"
    who = f"go to {', '.join(operators)}"
    if not alarms:
        return who
    last = alarms[0]
    why = f", {last.reason}" if last.reason else ""
    return (
        f"{who}; the last, of {app.local(last.queued_at)} ({last.facts.get('archive')} {last.facts.get('trouble')}): "
        f"{last.status}{why}"
    )


def next_occurrence(mailing_list: MailingList, last: str | None, now: datetime) -> datetime | None:
    """When the clock will look at this list next, in the list's own zone."""
    if mailing_list.cadence is None:
        return None
    zone = ZoneInfo(mailing_list.timezone)
    for occurrence in cadence.parse(mailing_list.cadence).occurrences(now, zone):
        if last is None or occurrence.nominal > last:
            at: datetime = occurrence.at.astimezone(zone)
            return at
    return None


def _run(run: RunRecord) -> dict[str, Any]:
    return {
        "occurrence": run.occurrence,
        "decided_at": run.decided_at,
        "verdict": run.verdict,
        "reason": run.reason,
    }


def _what_to_do(name: str, edition: dict[str, Any]) -> Iterator[str]:
    if edition["approval_lost_why"]:
        yield f"{lost_approval(edition['approval_lost_why'])}; `publisher show {name} {edition['number']}`"
    if edition["withdrawn"] and edition["status"] is EditionStatus.PAUSED:
        yield f"it holds an entry that became secret; {what_now(name, edition['number'])}"


def _tell_list(one: dict[str, Any]) -> None:
    out.print(f"\n{one['name']}", style="bold", markup=False)
    cadence_line = f"{one['next']:%a %Y-%m-%d %H:%M %Z} ({one['cadence']})" if one["next"] else "by hand only"
    out.print(f"  next         {cadence_line}", markup=False)
    out.print(f"  readers      {shapes.per_language(one['readers'])}", markup=False)
    for edition in (*one["editions"], *one["last"]):
        account = ", ".join(f"{count} {state}" for state, count in edition["account"].items() if count)
        out.print(
            f"  No. {edition['number']:<8} {edition['status']}, {len(edition['entries'])} entries"
            f"{'; ' + account if account else ''}",
            markup=False,
        )
        for line in _what_to_do(one["name"], edition):
            out.print(f"    {line}", markup=False)
    for run in one["runs"]:
        out.print(f"  {run['occurrence']} {run['verdict']}: {run['reason']}", markup=False)


COMMANDS = {"status": status}
