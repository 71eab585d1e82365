"""`uncertain`: copies whose answer was lost, and what you decide about them."""

import click

from publisher.address import mask
from publisher.app import App
from publisher.cli.frame import as_json, house, operator, out, say_json
from publisher.cli.shapes import counted
from publisher.errors import NotAllowed
from publisher.flows import uncertain as flow
from publisher.store import editions
from publisher.store import uncertain as store
from publisher.store.database import Tx

_edition = [
    click.argument("list_name", metavar="[LIST", required=False),
    click.argument("number", metavar="NUMBER]", type=int, required=False),
]


@click.group()
def uncertain() -> None:
    """Copies whose answer was lost, and what to do.

    They were sent; nobody can know whether they arrived.
    """


@uncertain.command(name="list")
@as_json
@house
async def list_(app: App, as_json: bool) -> None:
    """Every such copy that waits for you."""
    async with app.db.read() as tx:
        found = await store.listed(tx)
    shapes = [
        {
            "list": one.list,
            "number": one.number,
            "kind": one.kind,
            "address": mask(one.address) if one.address else None,
            "language_key": one.language_key,
            "since": one.since,
            "reason": one.reason,
        }
        for one in found
    ]
    if as_json:
        say_json(shapes)
        return
    for one, shape in zip(found, shapes, strict=True):
        what = f"{one.list} No. {one.number}" if one.number else one.kind.value
        since = f" since {app.local(one.since)}" if one.since else ""
        out.print(f"{what}  {shape['address'] or '(erased)'}  {one.language_key}{since}: {one.reason}", markup=False)
    if not found:
        out.print("no copy is uncertain", markup=False)
    else:
        out.print(
            "`publisher uncertain resend [LIST NUMBER]` sends them once more (the same Message-ID),"
            " `publisher uncertain accept [LIST NUMBER]` takes them for sent.",
            markup=False,
        )


@uncertain.command()
@_edition[0]
@_edition[1]
@house
async def resend(app: App, list_name: str | None, number: int | None) -> None:
    """Send them once more.

    With the same Message-ID; `deliver` or `run` does it.
    """
    async with app.db.begin() as tx:
        edition_id = await _edition_id(tx, list_name, number)
        count = await flow.send_again(tx, edition_id, by=operator(), now=app.now())
    out.print(f"{counted(count, 'copy waits', 'copies wait')} to go once more", markup=False)


@uncertain.command()
@_edition[0]
@_edition[1]
@house
async def accept(app: App, list_name: str | None, number: int | None) -> None:
    """Take them for sent.

    As when a reader or the server's log says that they came.
    """
    async with app.db.begin() as tx:
        edition_id = await _edition_id(tx, list_name, number)
        count = await flow.take_for_sent(tx, edition_id, by=operator())
    out.print(f"{counted(count, 'copy counts', 'copies count')} as sent", markup=False)


async def _edition_id(tx: Tx, list_name: str | None, number: int | None) -> int | None:
    if list_name is None:
        return None
    if number is None:
        raise NotAllowed(f"which edition of {list_name}? name its NUMBER, or no list for all of them")
    return (await editions.numbered(tx, list_name, number)).id


COMMANDS = {"uncertain": uncertain}
