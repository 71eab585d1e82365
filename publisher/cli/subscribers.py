"""`subscribers`: who gets the letters."""

from pathlib import Path
from zoneinfo import ZoneInfo

import click
from click.exceptions import Exit
from rich.table import Table

from publisher.address import mask
from publisher.address import parse as parse_address
from publisher.app import App
from publisher.cli.frame import as_json, err, house, operator, out, say_json
from publisher.cli.people import PEOPLE
from publisher.errors import NotAllowed, NotFound, PublisherError, UnreadableFile
from publisher.flows.enrol import BadCell, Defaults, Enrolled, enrol, language_key
from publisher.flows.signup import Application, sign_up
from publisher.flows.unsubscribe import leave
from publisher.spreadsheet import rows
from publisher.store import accesses, audience
from subscribers.lifecycle import Refuse
from subscribers.model import SubscriptionStatus
from subscribers.tokens import hash_of


@click.group()
def subscribers() -> None:
    """Who gets the letters."""


for about_one in PEOPLE:
    subscribers.add_command(about_one)


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


@subscribers.command("list")
@click.option("--list", "list_name", help="Only of this list.")
@click.option("--status", type=click.Choice(["pending", "active", "expired", "ended"]), help="Only in this state.")
@click.option("--addresses", is_flag=True, help="Show addresses in full instead of masked.")
@as_json
@house
async def list_subscribers(app: App, list_name: str | None, status: str | None, addresses: bool, as_json: bool) -> None:
    """The readers, in the order in which they came. Addresses are masked unless asked for."""
    if list_name:
        app.mailing_list(list_name)
    async with app.db.read() as tx:
        found = await audience.listed(tx, list_name=list_name, status=status, limit=-1)
    if addresses:
        async with app.db.begin() as tx:
            detail = f"list {list_name or 'all'}, status {status or 'any'}"
            people = len({reader.subscription.subscriber_id for reader in found})
            await accesses.record(tx, who=operator(), what="list", detail=detail, people=people, now=app.now())
    shown = [
        {
            "id": reader.subscription.id,
            "address": reader.address if addresses or reader.address is None else mask(reader.address),
            "name": reader.name,
            "list": reader.subscription.list,
            "languages": reader.subscription.languages,
            "status": reader.subscription.status,
            "since": reader.subscription.created_at,
            "ended_why": reader.subscription.ended_why,
        }
        for reader in found
    ]
    if as_json:
        say_json(shown)
        return
    if not shown:
        err.print("No readers yet: `publisher subscribers add ADDRESS --list LIST` puts one on a list.")
        return
    table = Table("address", "list", "languages", "state", "since", box=None, pad_edge=False)
    for one in shown:
        table.add_row(
            str(one["address"] or "(erased)"),
            str(one["list"]),
            str(one["languages"]),
            str(one["status"]),
            f"{one['since']:%Y-%m-%d}",
        )
    out.print(table, markup=False)


@subscribers.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--list", "lists", multiple=True, help="The list for rows that name none; may be repeated.")
@click.option("--languages", help="For rows that name none.")
@click.option("--consent", help="How these people agreed, for rows that do not say it.")
@click.option("--dry-run", is_flag=True, help="Show what would happen, change nothing.")
@as_json
@house
async def import_file(
    app: App,
    file: Path,
    lists: tuple[str, ...],
    languages: str | None,
    consent: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring readers in from a CSV file with the columns email, name, languages, lists, consented_at, consent_source."""
    for name in lists:
        app.mailing_list(name)
    try:
        with file.open("rb") as content:
            result = await enrol(
                app.db,
                rows(content),
                app.config.lists,
                app.keys[0],
                Defaults(lists=lists, languages=languages, consent=consent, zone=ZoneInfo(app.site.timezone)),
                now=app.now(),
                dry_run=dry_run,
            )
    except OSError as error:
        raise UnreadableFile(f"{file}: cannot be read ({error.strerror})") from error
    _tell_import(result, dry_run) if not as_json else say_json(_shape(result))
    if not (result.accepted or result.unchanged or result.rejected or result.duplicates):
        raise Exit(1)


def _shape(result: Enrolled) -> dict[str, object]:
    return {
        "accepted": result.accepted,
        "pending": result.pending,
        "unchanged": result.unchanged,
        "rejected": [{"line": bad.line, "reason": bad.reason, "value": bad.value} for bad in result.rejected],
        "duplicates": [{"line": one.line, "first_line": one.first_line} for one in result.duplicates],
    }


def _tell_import(result: Enrolled, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    pending = f" ({result.pending} of them pending: no consent is told)" if result.pending else ""
    out.print(
        f"{result.accepted} {would}accepted{pending}, {result.unchanged} on the list already,"
        f" {len(result.rejected)} rejected, {len(result.duplicates)} twice in the file"
    )
    for bad in result.rejected:
        err.print(f"line {bad.line}: {bad.reason}: {bad.value[:80]!r}", markup=False)
    for one in result.duplicates:
        err.print(f"line {one.line}: the same address as in line {one.first_line}", markup=False)


COMMANDS = {"subscribers": subscribers}
