"""`subscribers list` and `review`: who is there, and what waits for the operator; line by line, in bounded memory."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from publisher.address import mask
from publisher.app import App
from publisher.cli.frame import as_json, err, house, operator, say_json
from publisher.store import accesses, exports, notices
from publisher.store.exports import Line
from subscribers.notices import HeldWhy

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
        async for line in _lines(app, list_name=list_name, status=status):
            one = _shape(line, addresses)
            if as_json:
                say(one)
            else:
                _print_reader(one, is_first=shown == 0)
            shown += 1
    if addresses:
        await note_access(app, "list", span_of(list_name, status), shown)
    if not shown and not as_json:
        err.print("No readers yet: `publisher subscribers add ADDRESS --list LIST` puts one on a list.")


@click.command()
@click.option("--list", "list_name", help="Only of this list.")
@click.option("--addresses", is_flag=True, help="Show addresses in full instead of masked.")
@as_json
@house
async def review(app: App, list_name: str | None, addresses: bool, as_json: bool) -> None:
    """What waits for you: readers whose consent has no date, and notices that do not leave by themselves."""
    if list_name:
        app.mailing_list(list_name)
    shown = 0
    with json_array(as_json) as say:
        async for one in _waiting(app, list_name, addresses):
            if as_json:
                say(one)
            else:
                _print_waiting(one, is_first=shown == 0)
            shown += 1
    if addresses:
        await note_access(app, "list", span_of(list_name, "to review"), shown)
    if as_json:
        return
    if shown:
        err.print(
            "A new import that tells the date lets readers in; `publisher notices --release` sends what has its date."
        )
    else:
        err.print("Nothing waits for you.")


async def _waiting(app: App, list_name: str | None, addresses: bool) -> AsyncIterator[dict[str, Any]]:
    async for line in _lines(app, list_name=list_name, only_review=True):
        yield {
            "address": _address(line.address, addresses),
            "list": line.list,
            "kind": "subscription",
            "at": None,
            "due_on": None,
            "held_why": HeldWhy.UNDATED,
        }
    async with app.db.read() as tx:
        held = await notices.held(tx)
    for one in held:
        if list_name in (None, one.list):
            yield {
                "address": _address(one.address, addresses),
                "list": one.list,
                "kind": one.kind,
                "at": None if one.held_why is HeldWhy.UNDATED else one.at,
                "due_on": one.due_on,
                "held_why": one.held_why,
            }


def _print_waiting(one: dict[str, Any], *, is_first: bool) -> None:
    if is_first:
        click.echo(f"{'address':<32}  {'list':<12}  {'what':<12}  {'agreed':<10}  why it waits")
    agreed = f"{one['at']:%Y-%m-%d}" if one["at"] else "not known"
    click.echo(
        f"{one['address'] or '(erased)':<32}  {one['list']:<12}  {one['kind']:<12}  {agreed:<10}  {one['held_why']}"
    )


async def _lines(app: App, **wanted: Any) -> AsyncIterator[Line]:
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
        "address": _address(line.address, addresses),
        "name": line.name,
        "list": line.list,
        "languages": line.languages,
        "status": line.status,
        "since": line.created_at,
        "ended_why": line.ended_why,
    }


def _print_reader(one: dict[str, Any], *, is_first: bool) -> None:
    # Plain lines: a table would have to know all readers before it can show the first.
    if is_first:
        click.echo(f"{'address':<32}  {'list':<12}  {'languages':<9}  {'state':<7}  since")
    click.echo(
        f"{one['address'] or '(erased)':<32}  {one['list']:<12}  {one['languages']:<9}"
        f"  {one['status']:<7}  {one['since']:%Y-%m-%d}"
    )


def _address(address: str | None, in_full: bool) -> str | None:
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
