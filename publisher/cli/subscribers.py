"""`subscribers`: who gets the letters."""

from zoneinfo import ZoneInfo

import click

from publisher.address import parse as parse_address
from publisher.app import App
from publisher.cli.frame import Group, as_json, err, house, out, say_json
from publisher.cli.people import PEOPLE
from publisher.cli.readers import list_readers, review
from publisher.cli.roster import day_of, export_file, import_file
from publisher.errors import NotAllowed, NotFound, PublisherError
from publisher.flows.enrol import BadCell, language_key
from publisher.flows.signup import Application, agree_to_advertising, sign_up
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
@click.option("--consent", help="How and where they agreed. Without it they stay pending until they confirm.")
@click.option("--advertising", help="How and where they agreed to advertising, where they did.")
@click.option("--consented-at", help="When they agreed, if it was not today: 2026-03-02.")
@as_json
@house
async def add(
    app: App,
    address: str,
    list_name: str,
    languages: str,
    name: str | None,
    consent: str | None,
    advertising: str | None,
    consented_at: str | None,
    as_json: bool,
) -> None:
    """
    Put a reader on a list, with what they agreed to.

    For whoever is on it already, --advertising alone records that they agreed to advertising.
    """
    mailing_list = app.mailing_list(list_name)
    if consented_at and not (consent or advertising):
        raise click.UsageError("--consented-at says when they agreed; say with --consent or --advertising how")
    try:
        key = language_key(languages, mailing_list)
    except BadCell as bad:
        raise PublisherError(f"--languages {bad.value}: {bad}") from bad
    at = day_of(consented_at, ZoneInfo(app.site.timezone), app.now())
    who = parse_address(address)
    application = Application(address=who, list=list_name, languages=key, name=name, consent=consent, consented_at=at)
    async with app.db.begin() as tx:
        if consent or not advertising:
            verdict = await sign_up(tx, application, app.keys[0], now=app.now())
            if isinstance(verdict, Refuse):
                raise NotAllowed(f"{address}: {verdict.reason}")
        if advertising:
            await agree_to_advertising(tx, who, list_name, app.keys[0], evidence=advertising, at=at, now=app.now())
        reader = await audience.on_list(tx, hash_of(who.key, app.keys[0].secret), list_name)
    assert reader is not None, "they are on it now"
    one = reader.subscription
    if as_json:
        told = {"address": address, "list": list_name, "languages": one.languages, "status": one.status}
        say_json({**told, "advertising": bool(advertising)})
        return
    out.print(f"{address}: {one.status} on {list_name}, in {one.languages}", markup=False)
    if advertising:
        out.print("Their consent to advertising is recorded; a letter tells them so, as the law wants it.")
    if one.status is SubscriptionStatus.PENDING:
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


for command in (list_readers, review, import_file, export_file, *PEOPLE):
    subscribers.add_command(command)

COMMANDS = {"subscribers": subscribers}
