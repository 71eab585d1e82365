"""`ingest`, `entries`, `archives`: what comes in."""

from collections.abc import Mapping
from datetime import datetime

import click
from click.exceptions import Exit
from rich.table import Column, Table

from publisher.app import App
from publisher.cli import shapes
from publisher.cli.frame import as_json, err, house, out, progress, say_json
from publisher.cli.shapes import counted
from publisher.cli.trying import try_address
from publisher.errors import NotAllowed, NotFound
from publisher.flows.health import State, judge
from publisher.flows.ingest import Ingested
from publisher.model import Entry, Held
from publisher.store import archives as archive_store
from publisher.store import entries as entry_store
from publisher.store.database import Tx

_WHY_HELD = {
    Held.FIRST: "there at the first reading",
    Held.OLD: "older than the first reading",
    Held.FLOOD: "a flood",
}


@click.command()
@click.argument("archive", required=False)
@as_json
@house
async def ingest(app: App, archive: str | None, as_json: bool) -> None:
    """Read the archives once, or one of them."""
    names = [app.archive(archive).name] if archive else list(app.config.archives)
    results = []
    for name in names:
        with progress(f"Reading {name}", quiet=as_json) as tell:
            results.append(await app.ingest(name, tell))
    if as_json:
        say_json({"archives": [shapes.ingested(result) for result in results]})
    else:
        for result in results:
            tell_of_reading(result)
    if any(result.failure for result in results):
        raise Exit(1)


def tell_of_reading(result: Ingested) -> None:
    """One line for what a reading came to; what went wrong goes to standard error."""
    if result.failure:
        err.print(f"{result.archive}: not read ({result.failure.reason}): {result.failure}", markup=False)
    else:
        held = f" ({result.held} not for letters)" if result.held else ""
        retracted = f", {result.retracted} retracted" if result.retracted else ""
        out.print(
            f"{result.archive}: {result.new} new{held}, {result.changed} changed{retracted}, "
            f"{len(result.skipped)} passed over",
            markup=False,
        )
    for remark in result.remarks:
        err.print(f"{result.archive}: {remark.code}: {remark.detail}", markup=False)


@click.group()
def entries() -> None:
    """Look at entries."""


@entries.command("list")
@click.option("--archive", help="Only of this archive.")
@click.option("--status", type=click.Choice(["live", "retracted"]), help="Only in this state.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="Only those that arrived since.")
@as_json
@house
async def list_entries(
    app: App, archive: str | None, status: str | None, since: datetime | None, as_json: bool
) -> None:
    """The entries, newest first."""
    if archive:
        app.archive(archive)
    async with app.db.read() as tx:
        found = await entry_store.listed(
            tx, archive=archive, status=status, since=since.astimezone() if since else None, limit=-1
        )
    if as_json:
        say_json([shapes.entry(entry) for entry in found])
        return
    table = Table("id", "date", "language", Column("title", overflow="fold"), "state", box=None, pad_edge=False)
    for entry in found:
        state = _WHY_HELD[entry.held] if entry.held else ("" if entry.status == "live" else entry.status)
        title = next(iter(entry.faces.values())).title
        table.add_row(entry.public_id, f"{entry.dated:%Y-%m-%d}", entry.language, title, state)
    out.print(table, markup=False) if found else err.print("No entries yet: `publisher ingest` reads the archives.")


@entries.command()
@click.argument("entry_ids", metavar="ID…", nargs=-1, required=True)
@house
async def admit(app: App, entry_ids: tuple[str, ...]) -> None:
    """Let entries into letters that were kept out of them: old ones, or a flood."""
    async with app.db.begin() as tx:
        found = [await _entry(tx, entry_id) for entry_id in entry_ids]
        for entry in found:
            if entry.held is None:
                raise NotAllowed(f"{entry.public_id} is not kept out of letters; nothing was changed")
        await entry_store.admit(tx, [entry.id for entry in found], now=app.now())
    out.print(f"{counted(len(found), 'entry', 'entries')} will stand in the next edition", markup=False)


@entries.command("show")
@click.argument("entry_id", metavar="ID")
@as_json
@house
async def show_entry(app: App, entry_id: str, as_json: bool) -> None:
    """One entry with everything that is known of it."""
    async with app.db.read() as tx:
        entry = await _entry(tx, entry_id)
    if as_json:
        say_json(shapes.entry(entry))
        return
    for name, value in shapes.entry(entry).items():
        if name != "faces" and value not in (None, []):
            out.print(f"{name:18} {value}", markup=False)
    for language, face in entry.faces.items():
        out.print(f"\n[{language}] {face.title}\n{face.summary}", markup=False)


async def _entry(tx: Tx, entry_id: str) -> Entry:
    entry = await entry_store.by_public_id(tx, entry_id, in_public=False)
    if entry is None:
        raise NotFound(f"no entry has the id '{entry_id}': `publisher entries list` shows them")
    return entry


def tell_kept_out(kept: Mapping[str, int]) -> None:
    """Why "nothing new" can be true of an archive that is full."""
    if kept:
        reasons = ", ".join(f"{count} {_WHY_HELD[Held(why)]}" for why, count in kept.items())
        err.print(f"Kept out of letters: {reasons}. `publisher entries admit ID…` lets one in.", markup=False)


@click.group()
def archives() -> None:
    """Look at archives."""


@archives.command("list")
@as_json
@house
async def list_archives(app: App, as_json: bool) -> None:
    """The configured archives and how the last reading went."""
    async with app.db.read() as tx:
        states = [await archive_store.state_of(tx, name) for name in app.config.archives]
    if as_json:
        say_json([archive_shape(app, state) for state in states])
        return
    for state in states:
        out.print(f"{state.name:12} {archive_line(app, state)}", markup=False)


@archives.command()
@click.argument("archive")
@house
async def believe(app: App, archive: str) -> None:
    """Say that what a suspicious archive shows is so: what is gone there is taken away here at its next sweep."""
    name = app.archive(archive).name
    async with app.db.begin() as tx:
        if not await archive_store.believe(tx, name):
            raise NotAllowed(f"{name} is not suspicious; nothing was changed")
    out.print(f"{name}: what is gone there is taken away at the next sweep, within a day", markup=False)


def archive_shape(app: App, state: archive_store.ArchiveState) -> dict[str, object]:
    policy = app.archive(state.name)
    health = judge(state, policy, app.now())
    return {
        "name": state.name,
        "kind": policy.kind,
        "url": policy.url or policy.path,
        "state": health.state,
        "cure": health.cure or None,
        "read_at": state.read_at,
        "succeeded_at": state.succeeded_at,
        "failing_since": state.failing_since,
        "failures": state.failures,
        "reason": state.reason,
        "detail": state.detail,
        "doubt": state.doubt,
        "alarmed": state.alarm is not None,
        "remarks": state.remarks,
        "skipped": state.skipped,
    }


def archive_line(app: App, state: archive_store.ArchiveState) -> str:
    """How it stands with an archive, on one line, and on a second one what to do."""
    health = judge(state, app.archive(state.name), app.now())
    if health.since is not None:
        since = app.local(health.since)
        begun = f"last read {since}" if health.state is State.LATE else f"since {since}"
        reason = f" ({state.reason})" if state.failing_since else ""
        said = f": {health.detail}" if health.detail else ""
        cure = health.cure.replace("archives believe`", f"archives believe {state.name}`")
        return f"{health.state} {begun}{reason}{said}\n{'':15}What to do: {cure}"
    if state.succeeded_at is None:
        return health.state
    remarks = "".join(f"; {remark['code']}" for remark in state.remarks)
    skipped = f"; {len(state.skipped)} passed over" if state.skipped else ""
    return f"{health.state}, read {app.local(state.succeeded_at)}{remarks}{skipped}"


archives.add_command(try_address)

COMMANDS = {"ingest": ingest, "entries": entries, "archives": archives}
