"""`subscribers show` to `accesses`: one person, what proves it, and who looked."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from publisher.address import parse as parse_address
from publisher.app import App
from publisher.cli.frame import as_json, ask, house, may_ask, operator, out, say_json
from publisher.cli.shapes import counted
from publisher.errors import NotAllowed, NotFound
from publisher.flows.erase import erase_person
from publisher.flows.evidence import Refusals, data_of, evidence_of, refusals_of
from publisher.flows.readmit import readmit
from publisher.store import accesses, evidence
from publisher.store.database import Tx
from subscribers.transfer import ENTERED, event_told

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("address")
@as_json
@house
async def show(app: App, address: str, as_json: bool) -> None:
    """One person: lists, consents, notices and letters. That you looked is written down."""
    known = parse_address(address)
    async with app.db.begin() as tx:
        refused = await refusals_of(tx, known, app.keys[0])
        person_id = await _person(tx, refused)
        found = {} if person_id is None else await data_of(tx, person_id)
        who = f"hash {refused.address_hash[:16]}" if person_id is None else f"subscriber {person_id}"
        await _note(tx, app, "show", who, 1)
    if as_json:
        say_json({**found, "refusals": refused.lists, "suppression": refused.everything})
        return
    out.print(known.address, markup=False)
    for line in _refusals_told(app, refused):
        out.print(f"  {line}", markup=False)
    if found:
        _tell_of_person(app, found)
    else:
        out.print("  The address itself is not kept here: only this, under a keyed hash.")


def _refusals_told(app: App, refused: Refusals) -> Iterator[str]:
    """Why nothing, or nothing of a list, is sent to an address, since when, and how the house knows."""
    for one in refused.lists:
        yield f"{one['list']}: refused {app.local(datetime.fromisoformat(one['at']))}, by {one['means']}"
    if everything := refused.everything:
        when = app.local(datetime.fromisoformat(everything["at"]))
        yield f"never written to since {when} ({everything['reason']}), by {everything['means']}"


def _tell_of_person(app: App, found: Mapping[str, Any]) -> None:
    for one in found["subscriptions"]:
        why = f" ({one['ended_why']})" if one["ended_why"] else ""
        wish = f", with missing: {one['missing']}" if one["missing"] else ""
        out.print(f"  {one['list']}: {one['status']}{why}, in {one['languages']}{wish}", markup=False)
    for one in found["consents"]:
        out.print(f"  {one['list']}: {consent_line(app, **one)}", markup=False)
    for one in found["notices"]:
        state = f"waits for your yes ({one['held_why']})" if one["held_why"] else one["status"] or "not queued yet"
        out.print(f"  {one['list']}: notice of {one['kind']}, to be told by {one['due_on']}: {state}", markup=False)
    for one in found["returned"]:
        what = f"{one['weight']} {one['kind']}" if one["weight"] else one["kind"]
        letter = f"{one['list']} No. {one['number']}" if one["list"] else "a letter"
        day = app.local(datetime.fromisoformat(one["at"]))
        out.print(f"  {letter} came back {day}: {what} {one['status']}, {one['effect']}", markup=False)
    for one in found["readmissions"]:
        day = app.local(datetime.fromisoformat(one["at"]))
        out.print(f"  {one['reason']}, and let ask anew {day} by {one['who']}: {one['why']}", markup=False)
    out.print(f"  {_of_letters([one['status'] for one in found['letters']])}", markup=False)


def consent_line(
    app: App,
    *,
    scope: str,
    event: str,
    at: str | datetime | None,
    means: str,
    evidence: str | None,
    text_version: str | None,
    **_: object,
) -> str:
    """One line of the record of consents: what, when, by what means, and the words that prove it."""
    told = f": {evidence}" if evidence else ""
    if event_told(event, means) == ENTERED:
        return f"brought in by {'a file' if means == 'import' else 'an operator'}, without proof of a consent{told}"
    what = event if scope == "information" else f"{scope} {event}"
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    when = app.local(moment) if moment else "on a day that is not known"
    text = f" (text {text_version[:8]})" if text_version else ""
    return f"{what} {when}, by {means}{told}{text}"


def _of_letters(states: Sequence[str]) -> str:
    """How many letters there were for a person, and what became of them."""
    if not states:
        return "No letter has been made for them yet."
    kinds = ", ".join(f"{count} {state}" for state, count in Counter(states).items())
    return f"{counted(len(states), 'letter was', 'letters were')} made for them: {kinds}"


@click.command()
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask before erasing.")
@house
async def erase(app: App, address: str, yes: bool) -> None:
    """Erase a person: they are told, and everything goes within 24 hours. No file brings them back."""
    known = parse_address(address)
    async with app.db.read() as tx:
        refused = await refusals_of(tx, known, app.keys[0])
        person_id = await _person(tx, refused)
    if person_id is None:
        for line in _refusals_told(app, refused):
            out.print(line, markup=False)
        out.print("There is nothing to erase: only that is kept, under a keyed hash, so that no file undoes it.")
        return
    if not yes:
        if not may_ask():
            raise NotAllowed("nobody is there to answer the question before erasing; --yes answers it")
        ask("Erase this person? It cannot be undone.")
    async with app.db.begin() as tx:
        await erase_person(tx, person_id, means="operator", now=app.now())
    out.print(
        "Nothing is sent to this address any more but the notice of this. When that is gone, or after 24 hours,"
        " `publisher run` or `publisher housekeep` takes everything out."
    )


@click.command("readmit")
@click.argument("address")
@click.option("--because", required=True, help="What you know: it stands in the record, for whoever asks.")
@house
async def readmit_address(app: App, address: str, because: str) -> None:
    """Let an address ask anew that bounced or complained. Its owner still has to ask, and to confirm."""
    if not because.strip():
        raise click.UsageError("--because: expected what you know of this address, got nothing")
    known = parse_address(address)
    async with app.db.begin() as tx:
        reason = await readmit(tx, known, app.keys[0], who=operator(), why=because.strip(), now=app.now())
    out.print(f"{known.address}: had {reason}, and may ask anew. They are on no list by this:", markup=False)
    out.print(f"ask them to subscribe at {app.site.url}/subscribe and to press the link that is mailed.", markup=False)


@click.command("evidence")
@click.argument("address")
@click.option("--out", "file", required=True, type=_FILE, help="Where to write the JSON document.")
@house
async def evidence_file(app: App, address: str, file: Path) -> None:
    """One file that proves how a person came to be written to: consents, notices, refusals, deliveries."""
    known = parse_address(address)
    async with app.db.begin() as tx:
        found = await evidence_of(tx, known, app.keys[0], app.config.delivery.providers)
        await _note(tx, app, "evidence", f"hash {found['address_hash'][:16]}", 1)
    write_privately(file, {"made_at": app.now().isoformat(), "made_by": operator(), **found})
    out.print(f"{file} is written; it holds personal data, so keep it as you keep such data", markup=False)


@click.command()
@click.option("--from", "since", required=True, help="ISO time; without an offset it is the site's clock.")
@click.option("--to", "until", required=True, help="Likewise.")
@click.option("--out", "file", required=True, type=_FILE, help="Where to write the JSON document.")
@house
async def affected(app: App, since: str, until: str, file: Path) -> None:
    """After a breach: everybody whose address was in the store between two moments."""
    begin, end = _moment(since, app), _moment(until, app)
    async with app.db.begin() as tx:
        rows = await evidence.affected(tx, since=begin, until=end)
        await _note(tx, app, "affected", f"{begin.isoformat()} to {end.isoformat()}", len(rows))
    people = [
        {"address": row["address"], "address_hash": row["address_hash"], "erased_at": _iso(row["erased_at"])}
        for row in rows
    ]
    write_privately(file, {"from": begin.isoformat(), "to": end.isoformat(), "people": people})
    out.print(f"{counted(len(people), 'person', 'people')} in {file}", markup=False)


@click.command("accesses")
@as_json
@house
async def seen(app: App, as_json: bool) -> None:
    """Who looked at addresses in full or took them out, newest first."""
    async with app.db.read() as tx:
        found = [
            {name: row[name] for name in ("at", "who", "what", "detail", "people")} for row in await accesses.listed(tx)
        ]
    if as_json:
        say_json(found)
        return
    for one in found:
        people = counted(one["people"], "person", "people")
        out.print(f"{app.local(one['at'])}  {one['who']}  {one['what']}  {one['detail']}: {people}", markup=False)


def write_privately(file: Path, value: Any) -> None:
    """A document that only its owner may read."""
    # Made anew, so that a file which stood there with wider rights does not lend them.
    file.unlink(missing_ok=True)
    file.touch(mode=0o600, exist_ok=False)
    file.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


async def _person(tx: Tx, refused: Refusals) -> int | None:
    """The person behind an address; None where only its refusal is known. Raises NotFound where nothing is."""
    row = await evidence.person(tx, address_hash=refused.address_hash)
    if row is None or row["address"] is None:
        if refused.any:
            return None
        raise NotFound("nobody with this address is known here: `publisher subscribers list` shows who is")
    return int(row["id"])


async def _note(tx: Tx, app: App, what: str, detail: str, people: int) -> None:
    await accesses.record(tx, who=operator(), what=what, detail=detail, people=people, now=app.now())


def _moment(text: str, app: App) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"expected a time such as 2026-11-24T09:00, got '{text}'") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(app.site.timezone))


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


PEOPLE = (show, erase, readmit_address, evidence_file, affected, seen)
