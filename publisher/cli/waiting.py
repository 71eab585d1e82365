"""`subscribers review`: who and what waits for the operator, and what to do with it."""

from collections.abc import AsyncIterator
from typing import Any

import click

from publisher.app import App
from publisher.cli.frame import as_json, err, house
from publisher.cli.readers import address_shown, json_array, lines_of, note_access, span_of
from publisher.store import notices
from subscribers.notices import HeldWhy

_READER = "subscription"
_WHY = {
    HeldWhy.UNDATED: "no date of a consent is known",
    HeldWhy.IMPORT: "it came with a file",
    HeldWhy.OLD: "it was found after its last day",
}
_WHAT = {_READER: "reader"}


@click.command()
@click.option("--list", "list_name", help="Only of this list.")
@click.option("--addresses", is_flag=True, help="Show addresses in full instead of masked.")
@as_json
@house
async def review(app: App, list_name: str | None, addresses: bool, as_json: bool) -> None:
    """What waits for you: readers whose consent has no date, and notices that do not leave by themselves."""
    if list_name:
        app.mailing_list(list_name)
    shown, kinds = 0, set[tuple[str, HeldWhy]]()
    with json_array(as_json) as say:
        async for one in _waiting(app, list_name, addresses):
            if as_json:
                say(one)
            else:
                _print(app, one, is_first=not kinds)
            kinds.add((one["kind"], one["held_why"]))
            shown += 1
    if addresses:
        await note_access(app, "list", span_of(list_name, "to review"), shown)
    if not as_json:
        _tell_what_to_do(app, kinds)


async def _waiting(app: App, list_name: str | None, addresses: bool) -> AsyncIterator[dict[str, Any]]:
    async for line in lines_of(app, list_name=list_name, only_review=True):
        yield {
            "address": address_shown(line.address, addresses),
            "list": line.list,
            "kind": _READER,
            "at": None,
            "due_on": None,
            "held_why": HeldWhy.UNDATED,
        }
    async with app.db.read() as tx:
        held = await notices.held(tx)
    for one in held:
        if list_name in (None, one.list):
            yield {
                "address": address_shown(one.address, addresses),
                "list": one.list,
                "kind": one.kind,
                "at": None if one.held_why is HeldWhy.UNDATED else one.at,
                "due_on": one.due_on,
                "held_why": one.held_why,
            }


def _print(app: App, one: dict[str, Any], *, is_first: bool) -> None:
    if is_first:
        click.echo(f"{'address':<32}  {'list':<12}  {'what':<20}  {'agreed':<10}  why it waits")
    what = _WHAT.get(one["kind"], f"notice of {one['kind']}")
    agreed = app.day(one["at"]) if one["at"] else "not known"
    why = _WHY[one["held_why"]]
    click.echo(f"{one['address'] or '(erased)':<32}  {one['list']:<12}  {what:<20}  {agreed:<10}  {why}")


def _tell_what_to_do(app: App, kinds: set[tuple[str, HeldWhy]]) -> None:
    if not kinds:
        err.print("Nothing waits for you.")
    if any(kind == _READER for kind, _ in kinds):
        err.print(
            "Readers get no letter, and none asks them, until you tell how and when they agreed:"
            " `publisher subscribers add ADDRESS --list LIST --consent TEXT --consented-at DAY`, or the file again"
            f" with a date; or until they ask by themselves on {app.site.subscribe_url}.",
            markup=False,
        )
    if any(kind != _READER and why is not HeldWhy.UNDATED for kind, why in kinds):
        err.print("Notices that have a date leave with `publisher notices --release`.")
    if any(kind != _READER and why is HeldWhy.UNDATED for kind, why in kinds):
        err.print("Notices without a date stay: nobody can tell readers a date that is not known.")
