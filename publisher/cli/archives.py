"""`ingest`, `archives`: what comes in."""

import click
from click.exceptions import Exit

from publisher.app import App
from publisher.cli import shapes
from publisher.cli.entries import tell_kept_out
from publisher.cli.frame import Group, as_json, err, house, out, progress, say_json
from publisher.cli.trying import try_address
from publisher.errors import NotAllowed
from publisher.flows.health import State, judge
from publisher.flows.ingest import Ingested
from publisher.store import archives as archive_store
from publisher.store import entries as entry_store


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
        if any(result.held for result in results):
            async with app.db.read() as tx:
                tell_kept_out(await entry_store.kept_out(tx, names))
    if any(result.failure for result in results):
        raise Exit(1)


def tell_of_reading(result: Ingested) -> None:
    """One line for what a reading came to; what went wrong goes to standard error."""
    if result.failure:
        err.print(f"{result.archive}: not read ({result.failure.reason}): {result.failure}", markup=False)
    else:
        held = f" ({result.held} kept out of letters)" if result.held else ""
        retracted = f", {result.retracted} retracted" if result.retracted else ""
        joined = f", {result.joined} joined with their other version" if result.joined else ""
        out.print(
            f"{result.archive}: {result.new} new{held}, {result.changed} changed{retracted}{joined}, "
            f"{len(result.skipped)} passed over",
            markup=False,
        )
    for remark in result.remarks:
        err.print(f"{result.archive}: {remark.code}: {remark.detail}", markup=False)


@click.group(cls=Group)
def archives() -> None:
    """List archives, try an address, believe a suspicious one."""


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
    """Say that what a suspicious archive shows is so: what is gone there is taken away here within a day."""
    name = app.archive(archive).name
    async with app.db.begin() as tx:
        if not await archive_store.believe(tx, name):
            raise NotAllowed(f"{name} is not suspicious; nothing was changed")
    out.print(f"{name}: what is gone there is taken away within a day", markup=False)


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

COMMANDS = {"ingest": ingest, "archives": archives}
