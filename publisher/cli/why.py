"""`why`: answers from recorded decisions."""

from datetime import date

import click

from publisher.address import parse as parse_address
from publisher.app import App
from publisher.cli.frame import as_json, house, operator, out, say_json
from publisher.errors import NotFound
from publisher.flows.explain import Answer, why_entry, why_list, why_reader
from publisher.store import accesses, editions

_USAGE = "expected LIST [DATE], LIST NUMBER ADDRESS, or entry ID"


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="LIST [DATE] | LIST NUMBER ADDRESS | entry ID")
@as_json
@house
async def why(app: App, words: tuple[str, ...], as_json: bool) -> None:
    """Why nothing went out, why a reader did not get an edition, why an entry is not in one."""
    match words:
        case ("entry", public_id):
            answer = await _entry(app, public_id)
        case (name,):
            answer = await _list(app, name, None)
        case (name, day):
            answer = await _list(app, name, day)
        case (name, number, address):
            answer = await _reader(app, name, number, address)
        case _:
            raise click.UsageError(_USAGE)
    if as_json:
        say_json({"answer": list(answer.said), **answer.facts})
        return
    for line in answer.said:
        out.print(line, markup=False)


async def _list(app: App, name: str, day: str | None) -> Answer:
    mailing_list = app.mailing_list(name)
    try:
        wanted = date.fromisoformat(day) if day else app.now().astimezone(app.desk.zone).date()
    except ValueError:
        raise click.UsageError(f"expected a date such as 2026-11-24, got '{day}'; {_USAGE}") from None
    async with app.db.read() as tx:
        return await why_list(tx, mailing_list, wanted, app.local, now=app.now())


async def _reader(app: App, name: str, number: str, address: str) -> Answer:
    if not number.isdecimal():
        raise click.UsageError(f"expected the number of an edition, got '{number}'; {_USAGE}")
    known = parse_address(address)
    async with app.db.begin() as tx:
        edition = await editions.by_number(tx, name, int(number))
        if edition is None:
            app.mailing_list(name)
            raise NotFound(f"{name} has no edition No. {number}: `publisher editions` lists them")
        await accesses.record(tx, who=operator(), what="why", detail=f"{name} No. {number}", people=1, now=app.now())
        return await why_reader(tx, edition, known, app.keys[0], app.local)


async def _entry(app: App, public_id: str) -> Answer:
    async with app.db.read() as tx:
        return await why_entry(tx, public_id, app.config.lists.values(), app.local, now=app.now())


COMMANDS = {"why": why}
