"""`send`, `deliver`, `test`: letters out, by hand."""

import secrets
from datetime import datetime

import click
from click.exceptions import Exit

from publisher.address import parse as parse_address
from publisher.app import App
from publisher.cli import shapes
from publisher.cli.archives import tell_of_reading
from publisher.cli.delivering import complain, delivering
from publisher.cli.editions import warn_of_signs
from publisher.cli.entries import tell_kept_out
from publisher.cli.frame import as_json, ask, err, house, may_ask, operator, out, progress, say_json
from publisher.cli.preflight import gate
from publisher.cli.processes import deliver as deliver_in_processes
from publisher.errors import NotAllowed, StaleEdition
from publisher.flows.deliver import deliver as empty_outbox
from publisher.flows.foretell import end_of_release
from publisher.flows.preflight import Report
from publisher.flows.release import current_letter
from publisher.flows.send import Plan, carry_out, plan, plan_for, send_missing
from publisher.model import Account, DeliveryStatus, MailingList
from publisher.store import editions, entries, outbox
from publisher.store.due import next_due
from subscribers.tokens import hash_of


@click.command()
@click.argument("list_name", metavar="LIST")
@click.argument("number", type=int, required=False)
@click.option("--missing", is_flag=True, help="Only to those who did not get edition NUMBER and may.")
@click.option("--yes", is_flag=True, help="Do not ask before releasing.")
@as_json
@house
async def send(app: App, list_name: str, number: int | None, missing: bool, yes: bool, as_json: bool) -> None:
    """Send by hand: read the archives, compose, show the numbers, ask, release, deliver."""
    mailing_list = app.mailing_list(list_name)
    if missing:
        await _send_missing(app, mailing_list, number, as_json)
        return
    was_read = number is not None or await _read(app, mailing_list, as_json)
    planned = await _plan(app, mailing_list, number)
    if planned is None:
        await _tell_nothing_new(app, mailing_list, was_read, as_json)
        return
    if not as_json:
        async with app.db.read() as tx:
            policy = app.config.delivery
            ends_at = await end_of_release(tx, planned.edition, mailing_list, policy, now=app.now())
        _show(app, planned, ends_at)
    if not planned.is_under_way:
        _expect_readers(planned)
        report = await gate(app, planned.edition, mailing_list, quiet=as_json)
        _ask(planned, yes)
        await _release(app, mailing_list, planned, report)
    await _deliver_edition(app, mailing_list, planned, as_json)


async def _read(app: App, mailing_list: MailingList, quiet: bool) -> bool:
    """Whether all could be read. What an archive cannot give now does not hold up what is here."""
    is_complete = True
    for name in mailing_list.archives:
        with progress(f"Reading {name}", quiet=quiet) as tell:
            result = await app.ingest(name, tell)
        is_complete = is_complete and result.failure is None
        if result.failure or not quiet:
            tell_of_reading(result)
    return is_complete


async def _tell_nothing_new(app: App, mailing_list: MailingList, was_read: bool, quiet: bool) -> None:
    """Nothing to send is no failure; not knowing whether there is something is one."""
    if quiet:
        say_json(_result(mailing_list, None, "nothing new", Account()))
    else:
        out.print(f"{mailing_list.name}: nothing new{'' if was_read else ' among what could be read'}", markup=False)
        async with app.db.read() as tx:
            tell_kept_out(await entries.kept_out(tx, mailing_list.archives))
    if not was_read:
        raise Exit(1)


async def _plan(app: App, mailing_list: MailingList, number: int | None) -> Plan | None:
    async with app.db.begin() as tx:
        if number is not None:
            return await plan_for(tx, mailing_list, number, now=app.now())
        return await plan(tx, mailing_list, by=operator(), now=app.now(), noting=app.house.noting)


def _show(app: App, planned: Plan, ends_at: datetime | None) -> None:
    edition = planned.edition
    out.print(f"{edition.list} No. {edition.number}, {len(edition.entries)} entries:", markup=False)
    for entry in edition.entries:
        out.print(f"  {shapes.languages(entry):6} {next(iter(entry.faces.values())).title}", markup=False)
    for line in shapes.own_words(edition):
        out.print(f"  {line}", markup=False)
    for correction in edition.corrections:
        out.print(f"  {shapes.correction_line(correction)}", markup=False)
    warn_of_signs(edition)
    if planned.newer:
        out.print(f"  {planned.newer} newer will stand in the next edition", markup=False)
    if planned.is_under_way:
        out.print(f"It is released already; {planned.account.open} copies are still to go.", markup=False)
    else:
        out.print(f"Readers: {shapes.per_language(planned.readers)}", markup=False)
        if ends_at:
            out.print(f"At the configured pace it is done by {app.local(ends_at)}.", markup=False)
        if planned.not_agreed:
            left_out = shapes.counted(planned.not_agreed, "reader has", "readers have")
            out.print(f"{left_out} not agreed to advertising and will get no copy.", markup=False)


def _expect_readers(planned: Plan) -> None:
    if not sum(planned.readers.values()):
        raise NotAllowed(
            f"{planned.edition.list} has no readers: `publisher subscribers add ADDRESS --list {planned.edition.list}`"
        )


def _ask(planned: Plan, yes: bool) -> None:
    if yes:
        return
    if not may_ask():
        raise NotAllowed(
            "nobody is there to answer the question before release; --yes answers it"
            f" (the draft No. {planned.edition.number} stays)"
        )
    ask(f"Send it to {shapes.counted(sum(planned.readers.values()), 'reader', 'readers')} now?")


async def _release(app: App, mailing_list: MailingList, planned: Plan, report: Report) -> None:
    looked_at = report.content_hash
    try:
        async with app.db.begin() as tx:
            await carry_out(
                tx, planned.edition, mailing_list, app.house, by=operator(), now=app.now(), inspected=looked_at
            )
    except StaleEdition:
        async with app.db.read() as tx:
            current = await editions.get(tx, planned.edition.id)
        if current.released_at is None:
            raise
        err.print(f"No. {current.number} was released by another hand; helping to deliver it.", markup=False)


async def _deliver_edition(app: App, mailing_list: MailingList, planned: Plan, quiet: bool) -> None:
    with delivering(app, planned.account.open or sum(planned.readers.values()), quiet=quiet) as tell:
        async with app.post_office() as office:
            tally = await deliver_in_processes(app, office, progress=tell)
    async with app.db.read() as tx:
        account = await outbox.account(tx, planned.edition.id)
    if quiet:
        say_json(_result(mailing_list, planned.edition.number, "under way" if account.open else "sent", account))
    else:
        out.print(f"No. {planned.edition.number}: {shapes.adds_up(account)}", markup=False)
    complain(app, tally)


async def _send_missing(app: App, mailing_list: MailingList, number: int | None, as_json: bool) -> None:
    if number is None:
        raise click.UsageError("--missing wants the NUMBER of an edition")
    async with app.db.begin() as tx:
        planned, queued = await send_missing(tx, mailing_list, number, now=app.now())
    if not as_json:
        out.print(f"{mailing_list.name} No. {number}: {queued} queued", markup=False)
    await _deliver_edition(app, mailing_list, planned, as_json)


@click.command()
@as_json
@house
async def deliver(app: App, as_json: bool) -> None:
    """Empty the outbox once and exit; what must wait (a busy server) stays for later."""
    async with app.db.read() as tx:
        total = await outbox.waiting(tx)
    with delivering(app, total, quiet=as_json) as tell:
        async with app.post_office() as office:
            tally = await deliver_in_processes(app, office, progress=tell)
    async with app.db.read() as tx:
        waiting, sending = await outbox.waiting(tx), await outbox.in_hand(tx)
    figures = {
        "sent": tally.sent,
        "failed": tally.failed,
        "withheld": tally.withheld,
        "uncertain": tally.uncertain,
        "waiting": waiting,
        "sending": sending,
    }
    if as_json:
        say_json(figures)
    else:
        out.print(", ".join(f"{count} {name}" for name, count in figures.items()), markup=False)
        await _tell_rest(app, waiting, sending, is_held_up=tally.held_up is not None)
        if not sending and not any(figures.values()):
            err.print("Nothing was waiting: `publisher editions` says what became of each edition.", markup=False)
    complain(app, tally)


async def _tell_rest(app: App, waiting: int, sending: int, *, is_held_up: bool) -> None:
    """What is not gone is not lost: who has it, until when it waits, or that an edition is paused."""
    if sending:
        copies = shapes.counted(sending, "copy is", "copies are")
        err.print(f"{copies} in the hands of another process, such as `publisher run`.", markup=False)
    if waiting and not is_held_up:
        async with app.db.read() as tx:
            due_at = await next_due(tx)
        err.print(f"The next is due {app.local(due_at)}." if due_at else "Their editions are paused.")


@click.command()
@click.argument("list_name", metavar="LIST")
@click.argument("number", type=int)
@click.argument("address")
@click.option(
    "--language",
    "key",
    help="A language key: ko, en, ko+en or en+ko; ko:omit as a reader wished. Default: the list's first.",
)
@house
async def test(app: App, list_name: str, number: int, address: str, key: str | None) -> None:
    """Send one copy of an edition, marked as a test, to ADDRESS."""
    mailing_list = app.mailing_list(list_name)
    parsed = parse_address(address)
    key = key or mailing_list.languages[0]
    async with app.db.begin() as tx:
        edition = await editions.numbered(tx, list_name, number)
        letter = await current_letter(tx, edition, mailing_list, app.house, key)
        delivery_id = await outbox.enqueue_test(
            tx,
            edition.id,
            cause=secrets.token_hex(8),
            address=parsed.address,
            address_hash=hash_of(parsed.key, app.keys[0].secret),
            language_key=key,
            now=app.now(),
        )
    async with app.post_office() as office:
        tally = await empty_outbox(office)
    complain(app, tally)
    async with app.db.read() as tx:
        status, reason = await outbox.outcome(tx, delivery_id)
    if status is not DeliveryStatus.SENT:
        raise NotAllowed(f"{address}: the test did not go ({status}): {reason or 'another process has it in hand'}")
    place = "" if app.config.delivery.smtp else f" (kept in {app.mailbox}: no SMTP server is configured)"
    out.print(f"{address}: {letter.subject}{place}", markup=False)


def _result(mailing_list: MailingList, number: int | None, verdict: str, account: Account) -> dict[str, object]:
    return {
        "list": mailing_list.name,
        "number": number,
        "verdict": verdict,
        "account": shapes.accounted(account),
    }


COMMANDS = {"send": send, "deliver": deliver, "test": test}
