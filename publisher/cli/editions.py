"""`compose` to `stop`: an edition from draft to sent, by hand."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import click
from rich.table import Table

from publisher.app import App
from publisher.cli import shapes
from publisher.cli.frame import as_json, err, house, operator, out, say_json
from publisher.errors import NotFound, StaleEdition
from publisher.flows.compose import compose as compose_edition
from publisher.flows.release import current_letter
from publisher.flows.release import release as release_edition
from publisher.model import Edition, Slot, fill
from publisher.store import editions as edition_store
from publisher.store import outbox
from publisher.store.database import Tx

list_argument = click.argument("list_name", metavar="LIST")
number_argument = click.argument("number", type=int)


@click.command()
@list_argument
@as_json
@house
async def compose(app: App, list_name: str, as_json: bool) -> None:
    """Make a draft of what is new for LIST."""
    mailing_list = app.mailing_list(list_name)
    async with app.db.begin() as tx:
        composed = await compose_edition(tx, mailing_list, by=operator(), now=app.now())
    edition = composed.edition
    if as_json:
        say_json(
            {
                "list": list_name,
                "number": edition.number if edition else None,
                "status": edition.status if edition else None,
                "entries": [entry.public_id for entry in edition.entries] if edition else [],
                "newer": composed.newer,
            }
        )
    elif edition is None:
        out.print(f"{list_name}: nothing new", markup=False)
    else:
        out.print(f"{list_name} No. {edition.number}: {_entries(len(edition.entries))}", markup=False)
        for entry in edition.entries:
            out.print(f"  {entry.language:6} {next(iter(entry.faces.values())).title}", markup=False)
        if composed.newer:
            out.print(f"  {composed.newer} newer will stand in the next one", markup=False)


@click.command()
@click.option("--list", "list_name", help="Only of this list.")
@as_json
@house
async def editions(app: App, list_name: str | None, as_json: bool) -> None:
    """The editions, newest first, with their accounts."""
    if list_name:
        app.mailing_list(list_name)
    async with app.db.read() as tx:
        found = await edition_store.listed(tx, list_name=list_name)
        accounts = {edition.id: await outbox.account(tx, edition.id) for edition in found}
    if as_json:
        say_json([shapes.edition(edition, accounts[edition.id], app.site) for edition in found])
        return
    if not found:
        err.print("No editions yet: `publisher compose LIST` makes one.")
        return
    table = Table("list", "number", "state", "entries", "recipients", "sent", "failed", "waiting", box=None)
    for edition in found:
        account = accounts[edition.id]
        figures = (len(edition.entries), account.total, account.sent, account.failed, account.open)
        table.add_row(edition.list, str(edition.number), edition.status, *map(str, figures))
    out.print(table, markup=False)


@click.command()
@list_argument
@number_argument
@as_json
@house
async def show(app: App, list_name: str, number: int, as_json: bool) -> None:
    """One edition: what stands in it and what became of every copy."""
    async with app.db.read() as tx:
        edition = await _edition(tx, app, list_name, number)
        account = await outbox.account(tx, edition.id)
    if as_json:
        say_json(shapes.edition(edition, account, app.site))
        return
    out.print(f"{list_name} No. {number}: {edition.status}", markup=False)
    if edition.released_at:
        out.print(f"released {edition.released_at:%Y-%m-%d %H:%M} UTC, hash {edition.content_hash}", markup=False)
        figures = shapes.accounted(account)
        out.print(
            " = ".join((f"{figures.pop('recipients')} recipients", " + ".join(f"{n} {s}" for s, n in figures.items())))
        )
    for entry in edition.entries:
        out.print(f"  {entry.language:6} {next(iter(entry.faces.values())).title}", markup=False)


@click.command()
@list_argument
@number_argument
@click.option("--language", "key", required=True, help="A language key: ko, en, ko+en or en+ko.")
@click.option(
    "--out", "file", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Where to write it."
)
@house
async def preview(app: App, list_name: str, number: int, key: str, file: Path) -> None:
    """Write a letter exactly as it will arrive: HTML, or the text part for a FILE ending in .txt."""
    mailing_list = app.mailing_list(list_name)
    async with app.db.read() as tx:
        edition = await _edition(tx, app, list_name, number)
        letter = await current_letter(tx, edition, mailing_list, app.house, key)
    run = letter.text if file.suffix == ".txt" else letter.html
    file.write_text(fill(run, {Slot.UNSUBSCRIBE: app.site.unsubscribe_url("preview")}), encoding="utf-8")
    out.print(f"{file}: {letter.subject}", markup=False)


@click.command()
@list_argument
@number_argument
@house
async def approve(app: App, list_name: str, number: int) -> None:
    """Approve a draft: it may be released, and is not composed anew."""

    async def act(tx: Tx, edition: Edition) -> bool:
        return await edition_store.approve(tx, edition.id, by=operator(), now=app.now())

    await _move(app, list_name, number, act, "approved")


@click.command()
@list_argument
@number_argument
@click.option("--now", "at_once", is_flag=True, help="Skip the grace period before the first copy.")
@as_json
@house
async def release(app: App, list_name: str, number: int, at_once: bool, as_json: bool) -> None:
    """Close an approved edition and queue its letters; `deliver` or `run` sends them."""
    mailing_list = app.mailing_list(list_name)
    grace, now = mailing_list.grace * (not at_once), app.now()
    async with app.db.begin() as tx:
        edition = await _edition(tx, app, list_name, number)
        done = await release_edition(tx, edition, mailing_list, app.house, by=operator(), now=now, grace=grace)
    if as_json:
        say_json({"list": list_name, "number": number, "queued": done.queued, "due_at": now + grace})
        return
    wait = f"; the first leaves in {int(grace.total_seconds())} s" if grace else ""
    out.print(f"{list_name} No. {number} is released to {done.queued} recipients{wait}", markup=False)


@click.command()
@list_argument
@number_argument
@house
async def pause(app: App, list_name: str, number: int) -> None:
    """Let no further copy of an edition out, until `resume`."""
    await _move(app, list_name, number, lambda tx, edition: edition_store.pause(tx, edition.id), "paused")


@click.command()
@list_argument
@number_argument
@house
async def resume(app: App, list_name: str, number: int) -> None:
    """Let a paused edition go on."""
    await _move(app, list_name, number, lambda tx, edition: edition_store.resume(tx, edition.id), "going on")


@click.command()
@list_argument
@number_argument
@house
async def stop(app: App, list_name: str, number: int) -> None:
    """End an edition: what is out stays out, what waits is withheld."""

    async def act(tx: Tx, edition: Edition) -> bool:
        stopped = await edition_store.stop(tx, edition.id, now=app.now())
        if stopped:
            await outbox.withhold_waiting(tx, edition.id, reason="stopped", now=app.now())
        return stopped

    await _move(app, list_name, number, act, "stopped")


@click.command()
@list_argument
@number_argument
@house
async def cancel(app: App, list_name: str, number: int) -> None:
    """Drop a draft; its entries stand in the next one."""
    await _move(
        app, list_name, number, lambda tx, edition: edition_store.cancel(tx, edition.id, now=app.now()), "cancelled"
    )


async def _edition(tx: Tx, app: App, list_name: str, number: int) -> Edition:
    """The edition, also of a list that is not configured any more: it can still be looked at and stopped."""
    edition = await edition_store.by_number(tx, list_name, number)
    if edition is None:
        app.mailing_list(list_name)  # a name that was mistyped is answered with those that there are
        raise NotFound(f"{list_name} has no edition No. {number}: `publisher editions` lists them")
    return edition


async def _move(
    app: App, list_name: str, number: int, act: Callable[[Tx, Edition], Awaitable[bool]], done: str
) -> None:
    async with app.db.begin() as tx:
        edition = await _edition(tx, app, list_name, number)
        if not await act(tx, edition):
            raise StaleEdition(f"{list_name} No. {number} is {edition.status}; that cannot be done now")
    out.print(f"{list_name} No. {number}: {done}", markup=False)


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


COMMANDS = {
    "compose": compose,
    "editions": editions,
    "show": show,
    "preview": preview,
    "approve": approve,
    "release": release,
    "pause": pause,
    "resume": resume,
    "stop": stop,
    "cancel": cancel,
}
