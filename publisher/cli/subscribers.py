"""`subscribers`: who gets the letters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import click

from publisher.address import parse as parse_address
from publisher.app import App
from publisher.cli.frame import Group, as_json, err, house, out, say_json
from publisher.cli.people import PEOPLE, consent_line
from publisher.cli.readers import list_readers
from publisher.cli.roster import day_of, export_file, import_file
from publisher.cli.waiting import review
from publisher.errors import NotAllowed, NotFound, PublisherError
from publisher.flows.enrol import BadCell, language_key
from publisher.flows.signup import Application, add_to_record, agree_to_advertising, sign_up
from publisher.flows.unsubscribe import leave
from publisher.model import LanguageKey, MailingList
from publisher.store import audience, consents
from publisher.store.audience import Reader
from publisher.store.consents import Consent
from publisher.store.database import Tx
from subscribers.lifecycle import Admit, Refuse
from subscribers.model import Subscription, SubscriptionStatus
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
    who, key = parse_address(address), app.keys[0]
    at = day_of(consented_at, ZoneInfo(app.site.timezone), app.now())
    async with app.db.begin() as tx:
        before = await audience.on_list(tx, hash_of(who.key, key.secret), list_name)
        application = Application(
            address=who,
            list=list_name,
            languages=_languages(languages, mailing_list, before),
            name=name,
            consent=consent,
            consented_at=at,
        )
        added = await _sign_up(tx, app, application, before) if consent or not advertising else Added()
        if advertising:
            agreed = await agree_to_advertising(tx, who, list_name, key, evidence=advertising, at=at, now=app.now())
            added = replace(added, agreed_to_advertising=agreed)
        reader = await audience.on_list(tx, hash_of(who.key, key.secret), list_name)
        assert reader is not None, "they are on it now"
        record = await consents.of_subscription(tx, reader.subscription.id)
    if as_json:
        _say(address, reader.subscription, added, advertising=bool(advertising))
    else:
        _tell(app, address, reader, record, added, application)


@dataclass(frozen=True, kw_only=True)
class Added:
    """
    What `add` did. `is_new`: they came onto the list by it. `recorded`: their consent to the letters was written down.

    `agreed_to_advertising` is None where that was not told, and false where it stood already.
    """

    is_new: bool = False
    recorded: bool = False
    agreed_to_advertising: bool | None = None


def _languages(text: str, mailing_list: MailingList, before: Reader | None) -> LanguageKey:
    """What was asked for; for whoever is known already, what they have."""
    if not text and before is not None:
        return before.subscription.languages
    try:
        return language_key(text, mailing_list)
    except BadCell as bad:
        raise PublisherError(f"--languages {bad.value}: {bad}") from bad


async def _sign_up(tx: Tx, app: App, application: Application, before: Reader | None) -> Added:
    verdict = await sign_up(tx, application, app.keys[0], now=app.now())
    if isinstance(verdict, Refuse):
        raise NotAllowed(f"{application.address.address}: {verdict.reason}")
    if isinstance(verdict, Admit):
        return Added(is_new=True, recorded=application.has_consent)
    assert before is not None, "or it would have changed"
    recorded = application.has_consent and await add_to_record(tx, before.subscription.id, application, now=app.now())
    return Added(recorded=recorded)


def _say(address: str, one: Subscription, added: Added, *, advertising: bool) -> None:
    told = {"address": address, "list": one.list, "languages": one.languages, "status": one.status}
    say_json({**told, "new": added.is_new, "recorded": added.recorded, "advertising": advertising})


def _tell(
    app: App, address: str, reader: Reader, record: Sequence[Consent], added: Added, application: Application
) -> None:
    one = reader.subscription
    out.print(f"{address}: {one.status} on {one.list}, in {one.languages}", markup=False)
    if added.agreed_to_advertising is not None:
        _tell_of_advertising(is_new=added.agreed_to_advertising)
    elif not added.is_new:
        _tell_of_record(app, reader, record, added, application)
    if one.status is SubscriptionStatus.PENDING:
        err.print(
            "They get no letter until they have agreed. No letter asks them: either you record how they did"
            f" (--consent TEXT), or they ask by themselves on {app.site.subscribe_url} and confirm."
            " `publisher subscribers review` lists who waits.",
            markup=False,
        )


def _tell_of_advertising(*, is_new: bool) -> None:
    if is_new:
        out.print("Their consent to advertising is recorded; a letter tells them so, as the law wants it.")
    else:
        out.print("They had agreed to advertising already; nothing was written down.")


def _tell_of_record(
    app: App, reader: Reader, record: Sequence[Consent], added: Added, application: Application
) -> None:
    """What stands of somebody who was on the list before, what was not taken over, and how to add to it."""
    if added.recorded:
        done = "What you told is added to the record; nothing else was changed."
    elif application.has_consent:
        done = "What you told is on record; nothing was changed."
    else:
        done = "Nothing was changed."
    out.print(f"They were on {application.list} already. {done} On record:", markup=False)
    for line in record:
        out.print(f"  {consent_line(app, **vars(line))}", markup=False)
    if application.name not in (None, reader.name):
        err.print(f"The name on record stays: {reader.name or 'none'}", markup=False)
    if not application.has_consent and reader.subscription.status is SubscriptionStatus.ACTIVE:
        err.print("--consent TEXT, with --consented-at DAY, adds to the record how they agreed.")


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
