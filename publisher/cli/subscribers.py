"""`subscribers`: who gets the letters."""

import click

from publisher.address import parse as parse_address
from publisher.app import App
from publisher.cli.frame import Group, as_json, err, house, out, say_json
from publisher.cli.people import PEOPLE
from publisher.cli.roster import export_file, import_file, list_readers
from publisher.errors import NotAllowed, NotFound, PublisherError
from publisher.flows.enrol import BadCell, language_key
from publisher.flows.signup import Application, sign_up
from publisher.flows.unsubscribe import leave
from publisher.store import audience
from subscribers.lifecycle import Refuse
from subscribers.model import SubscriptionStatus
from subscribers.tokens import hash_of


@click.group(cls=Group)
def subscribers() -> None:
    """Who gets the letters."""


@subscribers.command()
@click.argument("address")
@click.option("--list", "list_name", required=True, help="The list.")
@click.option("--languages", default="", help="In the reader's order: ko, en, or ko,en. Default: the list's first.")
@click.option("--name", help="The reader's name.")
@click.option("--consent", help="How, where and when they agreed. Without it they stay pending until they confirm.")
@as_json
@house
async def add(
    app: App, address: str, list_name: str, languages: str, name: str | None, consent: str | None, as_json: bool
) -> None:
    """Put one reader on a list."""
    mailing_list = app.mailing_list(list_name)
    try:
        key = language_key(languages, mailing_list)
    except BadCell as bad:
        raise PublisherError(f"--languages {bad.value}: {bad}") from bad
    application = Application(address=parse_address(address), list=list_name, languages=key, name=name, consent=consent)
    async with app.db.begin() as tx:
        verdict = await sign_up(tx, application, app.keys[0], now=app.now())
    if isinstance(verdict, Refuse):
        raise NotAllowed(f"{address}: {verdict.reason}")
    if as_json:
        say_json({"address": address, "list": list_name, "languages": key, "status": verdict.status})
        return
    out.print(f"{address}: {verdict.status} on {list_name}, in {key}", markup=False)
    if verdict.status is SubscriptionStatus.PENDING:
        err.print("No letter goes out before the person confirms; --consent TEXT records how they agreed.")


@subscribers.command()
@click.argument("address")
@click.option("--list", "list_name", required=True, help="The list.")
@house
async def end(app: App, address: str, list_name: str) -> None:
    """Take a reader off a list, as they asked: no letter goes out any more, and no file brings them back."""
    app.mailing_list(list_name)
    address_hash = hash_of(parse_address(address).key, app.keys[0].secret)
    async with app.db.begin() as tx:
        reader = await audience.on_list(tx, address_hash, list_name)
        if reader is None:
            raise NotFound(f"{address} is not on {list_name}: `publisher subscribers list` shows who is")
        left = await leave(tx, reader, means="operator", now=app.now())
    out.print(f"{address}: {'taken off' if left.was_active else 'was off already:'} {list_name}", markup=False)


for command in (list_readers, import_file, export_file, *PEOPLE):
    subscribers.add_command(command)

COMMANDS = {"subscribers": subscribers}
