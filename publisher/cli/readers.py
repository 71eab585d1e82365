"""`subscribers list`: who is there, line by line, in bounded memory."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from publisher.address import mask
from publisher.app import App
from publisher.cli.frame import as_json, err, house, operator, say_json
from publisher.store import accesses, exports
from publisher.store.exports import Line

STATES = click.Choice(["pending", "active", "expired", "ended"])


@click.command("list")
@click.option("--list", "list_name", help="Only of this list.")
@click.option("--status", type=STATES, help="Only in this state.")
@click.option("--addresses", is_flag=True, help="Show addresses in full instead of masked.")
@as_json
@house
async def list_readers(app: App, list_name: str | None, status: str | None, addresses: bool, as_json: bool) -> None:
    """The readers, in the order in which they came. Addresses are masked unless asked for."""
    if list_name:
        app.mailing_list(list_name)
    shown = 0
    with json_array(as_json) as say:
        async for line in lines_of(app, list_name=list_name, status=status):
            one = _shape(line, addresses)
            if as_json:
                say(one)
            else:
                _print_reader(app, one, is_first=shown == 0)
            shown += 1
    if addresses:
        await note_access(app, "list", span_of(list_name, status), shown)
    if not shown and not as_json:
        err.print("No readers yet: `publisher subscribers add ADDRESS --list LIST` puts one on a list.")


async def lines_of(app: App, **wanted: Any) -> AsyncIterator[Line]:
    """The readers that `exports.page` finds, one look per page."""
    after = 0
    while True:
        async with app.db.read() as tx:
            page = await exports.page(tx, after=after, **wanted)
        for line in page:
            yield line
        if not page:
            return
        after = page[-1].id


def _shape(line: Line, addresses: bool) -> dict[str, Any]:
    return {
        "id": line.id,
        "address": address_shown(line.address, addresses),
        "name": line.name,
        "list": line.list,
        "languages": line.languages,
        "status": line.status,
        "since": line.created_at,
        "ended_why": line.ended_why,
    }


def _print_reader(app: App, one: dict[str, Any], *, is_first: bool) -> None:
    # Plain lines: a table would have to know all readers before it can show the first.
    if is_first:
        click.echo(f"{'address':<32}  {'list':<12}  {'languages':<9}  {'state':<7}  since")
    click.echo(
        f"{one['address'] or '(erased)':<32}  {one['list']:<12}  {one['languages']:<9}"
        f"  {one['status']:<7}  {app.day(one['since'])}"
    )


def address_shown(address: str | None, in_full: bool) -> str | None:
    """An address as a list shows it: masked, unless all of it is wanted."""
    return address if in_full or address is None else mask(address)


@contextmanager
def json_array(wanted: bool) -> Iterator[Callable[[Any], None]]:
    """Say one thing after the other as one JSON array; nothing, if it is not wanted."""
    said = 0

    def say(value: Any) -> None:
        nonlocal said
        click.echo("," if said else "[")
        say_json(value)
        said += 1

    yield say
    if wanted:
        click.echo("]" if said else "[]")


async def note_access(app: App, what: str, detail: str, people: int) -> None:
    """Write down that addresses were shown in full or taken out, without an address."""
    async with app.db.begin() as tx:
        await accesses.record(tx, who=operator(), what=what, detail=detail, people=people, now=app.now())


def span_of(list_name: str | None, what: str | None) -> str:
    return f"{list_name or 'all lists'}, {what or 'every state'}"
