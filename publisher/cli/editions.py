"""`compose` to `stop`: an edition from draft to sent, by hand."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from rich.table import Table

from publisher.address import mask
from publisher.app import App
from publisher.cli import shapes
from publisher.cli.entries import tell_kept_out
from publisher.cli.frame import as_json, err, house, operator, out, say_json
from publisher.cli.preflight import ask_about, gate
from publisher.cli.shapes import counted
from publisher.errors import StaleEdition
from publisher.flows.cancel import cancel as cancel_edition
from publisher.flows.classify import classify as classify_edition
from publisher.flows.classify import missing_of, signs_in
from publisher.flows.compose import Composed
from publisher.flows.compose import compose as compose_edition
from publisher.flows.editing import compose_note, notes_from, subject_from
from publisher.flows.editing import edit as edit_edition
from publisher.flows.foretell import end_of_rest
from publisher.flows.release import current_letter
from publisher.flows.release import release as release_edition
from publisher.flows.watch import too_much
from publisher.flows.withdraw import lost_approval, what_now
from publisher.model import Account, Classification, Edition, EditionStatus, Slot, Texts, fill
from publisher.store import consents, entries, feedback, outbox, texts
from publisher.store import editions as edition_store
from publisher.store.database import Tx
from publisher.store.outbox import Copy

list_argument = click.argument("list_name", metavar="LIST")
number_argument = click.argument("number", type=int)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_NOTE_HELP = "A note in Markdown, note.ko.md or note.en.md; give one per language."


@click.command()
@list_argument
@click.option("--note", "files", multiple=True, type=_FILE, help=_NOTE_HELP)
@click.option("--unnumbered", is_flag=True, help="With --note: the edition gets no number and is known by its day.")
@as_json
@house
async def compose(app: App, list_name: str, files: tuple[Path, ...], unnumbered: bool, as_json: bool) -> None:
    """Make a draft of what is new for LIST; with --note, of nothing but your note."""
    mailing_list = app.mailing_list(list_name)
    if unnumbered and not files:
        raise click.UsageError("--unnumbered goes with --note")
    notes = _notes(app, files)
    async with app.db.begin() as tx:
        if notes:
            noted = await compose_note(
                tx, mailing_list, notes, is_numbered=not unnumbered, by=operator(), now=app.now()
            )
            composed = Composed(edition=noted, is_new=True)
        else:
            composed = await compose_edition(tx, mailing_list, by=operator(), now=app.now(), noting=app.house.noting)
    edition = composed.edition
    if as_json:
        say_json(
            {
                "list": list_name,
                "number": edition.number if edition else None,
                "status": edition.status if edition else None,
                "entries": [entry.public_id for entry in edition.entries] if edition else [],
                "corrections": [shapes.correction(each) for each in edition.corrections] if edition else [],
                "notes": edition.notes if edition else {},
                "newer": composed.newer,
                "signs_of_advertising": signs_in(edition) if edition else [],
            }
        )
    elif edition is None:
        out.print(f"{list_name}: nothing new", markup=False)
        async with app.db.read() as tx:
            tell_kept_out(await entries.kept_out(tx, mailing_list.archives))
    else:
        out.print(
            f"{list_name} No. {edition.number}: {counted(len(edition.entries), 'entry', 'entries')}", markup=False
        )
        for entry in edition.entries:
            out.print(f"  {shapes.languages(entry):6} {next(iter(entry.faces.values())).title}", markup=False)
        for correction in edition.corrections:
            out.print(f"  {shapes.correction_line(correction)}", markup=False)
        for line in shapes.own_words(edition):
            out.print(f"  {line}", markup=False)
        if composed.newer:
            out.print(f"  {composed.newer} newer will stand in the next one", markup=False)
        warn_of_signs(edition)


def _notes(app: App, files: Sequence[Path]) -> Texts:
    return notes_from([(file.name, file.read_bytes()) for file in files], app.site.languages)


def warn_of_signs(edition: Edition) -> None:
    """Words decide nothing; the operator is told of them before somebody approves."""
    if signs := signs_in(edition):
        err.print(
            f"It says {', '.join(signs)}: if it is meant to sell something,"
            f" `publisher classify {edition.list} {edition.number} advertising` says so.",
            markup=False,
        )


@click.command()
@click.option("--list", "list_name", help="Only of this list.")
@as_json
@house
async def editions(app: App, list_name: str | None, as_json: bool) -> None:
    """The editions, newest first, with their accounts."""
    if list_name:
        app.mailing_list(list_name)
    async with app.db.read() as tx:
        found = await edition_store.listed(tx, list_name=list_name)
        accounts = {edition.id: await outbox.account(tx, edition.id) for edition in found}
        withdrawn = await texts.withdrawn_from(tx, [edition.id for edition in found])
    if as_json:
        say_json(
            [
                shapes.edition(edition, accounts[edition.id], app.site, withdrawn.get(edition.id, {}))
                for edition in found
            ]
        )
        return
    if not found:
        err.print("No editions yet: `publisher compose LIST` makes one.")
        return
    table = Table("list", "number", "state", "entries", "recipients", "sent", "failed", "waiting", box=None)
    for edition in found:
        account = accounts[edition.id]
        figures = (len(edition.entries), account.total, account.sent, account.failed, account.open)
        number = f"({edition.number})" if edition.status is EditionStatus.CANCELLED else str(edition.number)
        table.add_row(edition.list, number, edition.status, *map(str, figures))
    out.print(table, markup=False)


@click.command()
@list_argument
@number_argument
@click.option("--readers", is_flag=True, help="Every copy: to whom (masked), in which language, what became of it.")
@as_json
@house
async def show(app: App, list_name: str, number: int, readers: bool, as_json: bool) -> None:
    """One edition: what stands in it and what became of every copy."""
    async with app.db.read() as tx:
        edition = await _edition(tx, app, list_name, number)
        account = await outbox.account(tx, edition.id)
        ends_at = await _ends_at(tx, app, edition)
        copies = await outbox.copies(tx, edition.id) if readers else []
        withdrawn = (await texts.withdrawn_from(tx, [edition.id])).get(edition.id, {})
        returned, alarms = await feedback.counts(tx, edition.id), await feedback.alarms(tx, edition.id)
    if as_json:
        shape = shapes.edition(edition, account, app.site, withdrawn)
        came_back = {"returned": asdict(returned), "alarms": [shapes.rate_alarm(alarm) for alarm in alarms]}
        say_json({**shape, "ends_at": ends_at, **came_back, **({"copies": _copies(copies)} if readers else {})})
        return
    out.print(f"{list_name} No. {number}: {edition.status}, {_classified(app, edition)}", markup=False)
    for line in remarks_on(app, edition, withdrawn):
        out.print(line, markup=False)
    for alarm in alarms:
        out.print(f"{app.local(alarm['at'])}: {too_much(alarm)}", markup=False)
    if edition.released_at:
        out.print(f"released {app.local(edition.released_at)}, hash {edition.content_hash}", markup=False)
        out.print(shapes.adds_up(account), markup=False)
        if ends_at:
            out.print(f"at the configured pace it is done by {app.local(ends_at)}", markup=False)
        if came_back_line := shapes.came_back(returned):
            out.print(came_back_line, markup=False)
        if edition.not_agreed:
            left_out = counted(edition.not_agreed, "reader", "readers")
            out.print(f"{left_out} without a copy: no consent to advertising", markup=False)
    _tell_content(edition)
    for copy in _copies(copies):
        why = f" ({copy['reason']})" if copy["reason"] else ""
        out.print(f"  {copy['address'] or '(erased)'}  {copy['language_key']}  {copy['status']}{why}", markup=False)


def _tell_content(edition: Edition) -> None:
    for line in shapes.own_words(edition):
        out.print(f"  {line}", markup=False)
    for entry in edition.entries:
        out.print(f"  {shapes.languages(entry):6} {next(iter(entry.faces.values())).title}", markup=False)
    for correction in edition.corrections:
        out.print(f"  {shapes.correction_line(correction)}", markup=False)


def _classified(app: App, edition: Edition) -> str:
    if edition.classified_at is None:
        return f"{edition.classification} as the list's setting says"
    why = f": {edition.classified_why}" if edition.classified_why else ""
    return f"{edition.classification} as {edition.classified_by} said {app.local(edition.classified_at)}{why}"


def remarks_on(app: App, edition: Edition, withdrawn: Mapping[str, datetime]) -> Iterator[str]:
    """What the operator should know of an edition: why its approval is gone, and what it holds that is secret now."""
    if edition.approval_lost_at and edition.approval_lost_why:
        yield f"{app.local(edition.approval_lost_at)}: {lost_approval(edition.approval_lost_why)}"
    for public_id, since in withdrawn.items():
        yield f"{app.local(since)}: the entry {public_id} became secret; the public page covers it"
    if withdrawn and edition.status is EditionStatus.PAUSED:
        yield what_now(edition.list, edition.number)


def _copies(copies: Sequence[Copy]) -> list[dict[str, str | None]]:
    return [
        {
            "address": mask(copy.address) if copy.address else None,
            "language_key": copy.language_key,
            "status": copy.status.value,
            "reason": copy.reason,
        }
        for copy in copies
    ]


@click.command()
@list_argument
@number_argument
@click.option(
    "--language", "key", required=True, help="A language key: ko, en, ko+en or en+ko; ko:omit as a reader wished."
)
@click.option(
    "--out", "file", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Where to write it."
)
@house
async def preview(app: App, list_name: str, number: int, key: str, file: Path) -> None:
    """Write a letter exactly as it will arrive: HTML, or the text part for a FILE ending in .txt."""
    mailing_list = app.mailing_list(list_name)
    async with app.db.read() as tx:
        edition = await _edition(tx, app, list_name, number)
        letter = await current_letter(tx, edition, mailing_list, app.house, key)
    run = letter.text if file.suffix == ".txt" else letter.html
    links = {
        Slot.UNSUBSCRIBE: app.site.unsubscribe_url("preview"),
        Slot.PREFERENCES: app.site.preferences_url("preview"),
    }
    file.write_text(fill(run, links), encoding="utf-8")
    out.print(f"{file}: {letter.subject}", markup=False)


@click.command()
@list_argument
@number_argument
@click.option("--subject", help="In place of the usual one; an empty text brings the usual one back.")
@click.option("--language", help="Whose subject it is. Default: the site's first language.")
@click.option("--note", "files", multiple=True, type=_FILE, help=_NOTE_HELP)
@click.option("--no-note", is_flag=True, help="Take your note out again.")
@as_json
@house
async def edit(
    app: App,
    list_name: str,
    number: int,
    subject: str | None,
    language: str | None,
    files: tuple[Path, ...],
    no_note: bool,
    as_json: bool,
) -> None:
    """Put your own subject or note into a draft; an approval is void after that."""
    if (subject is None and not files and not no_note) or (files and no_note):
        raise click.UsageError("say what to change: --subject TEXT, --note FILE or --no-note")
    spoken = language or app.site.languages[0]
    if spoken not in app.site.languages:
        raise click.UsageError(f"--language is one of {', '.join(app.site.languages)}")
    subjects = None if subject is None else {spoken: subject_from(subject)}
    notes = dict.fromkeys(app.site.languages, "") if no_note else _notes(app, files)
    async with app.db.begin() as tx:
        edition = await _edition(tx, app, list_name, number)
        edition = await edit_edition(tx, edition, notes=notes, subjects=subjects, by=operator())
    if as_json:
        told = {"list": list_name, "number": number, "status": edition.status}
        say_json({**told, "subjects": edition.subjects, "notes": edition.notes})
        return
    out.print(f"{list_name} No. {number}: changed; it waits for approval", markup=False)
    for line in shapes.own_words(edition):
        out.print(f"  {line}", markup=False)
    warn_of_signs(edition)


@click.command()
@list_argument
@number_argument
@house
async def approve(app: App, list_name: str, number: int) -> None:
    """Approve a draft: it may be released, and is not composed anew."""

    async def act(tx: Tx, edition: Edition) -> bool:
        return await edition_store.approve(tx, edition.id, by=operator(), now=app.now())

    await _move(app, list_name, number, act, "approved")


@click.command()
@list_argument
@number_argument
@click.argument("classification", type=click.Choice([one.value for one in Classification]))
@click.option("--why", help="The reason, for the record.")
@house
async def classify(app: App, list_name: str, number: int, classification: str, why: str | None) -> None:
    """Say whether a draft is information or advertising; that you did is written down, and an approval is void."""
    what = Classification(classification)
    async with app.db.begin() as tx:
        edition = await _edition(tx, app, list_name, number)
        await classify_edition(tx, edition, what, by=operator(), why=why, now=app.now())
        left_out = await consents.not_agreed(tx, list_name, now=app.now()) if what is Classification.ADVERTISING else 0
    out.print(f"{list_name} No. {number}: {what}; it waits for approval", markup=False)
    if left_out:
        err.print(_left_out(left_out), markup=False)
    if what is Classification.ADVERTISING and (missing := missing_of(app.site.sender)):
        err.print(f"It cannot be released before {', '.join(missing)} is in the configuration.", markup=False)


def _left_out(count: int) -> str:
    """Told apart from the account, in which only recipients stand."""
    return f"{counted(count, 'reader has', 'readers have')} not agreed to advertising and will get no copy."


@click.command()
@list_argument
@number_argument
@click.option("--now", "at_once", is_flag=True, help="Skip the grace period before the first copy.")
@click.option("--yes", is_flag=True, help="Do not ask about what preflight finds yellow.")
@as_json
@house
async def release(app: App, list_name: str, number: int, at_once: bool, yes: bool, as_json: bool) -> None:
    """Freeze an approved edition and queue its letters; `deliver` or `run` sends them."""
    mailing_list = app.mailing_list(list_name)
    async with app.db.read() as tx:
        edition = await _edition(tx, app, list_name, number)
    inspected = None
    if edition.status is EditionStatus.APPROVED:
        report = await gate(app, edition, mailing_list, quiet=as_json)
        ask_about(report, yes=yes)
        inspected = report.content_hash
    grace, now = mailing_list.grace * (not at_once), app.now()
    async with app.db.begin() as tx:
        edition = await _edition(tx, app, list_name, number)
        if at_once and edition.status is EditionStatus.RELEASED:
            hurried = await outbox.hurry(tx, edition.id, now)
            out.print(f"{list_name} No. {number}: {counted(hurried, 'copy need', 'copies need')} not wait any longer")
            return
        done = await release_edition(
            tx, edition, mailing_list, app.house, by=operator(), now=now, grace=grace, inspected=inspected
        )
        ends_at = await _ends_at(tx, app, done.edition)
    if as_json:
        say_json(
            {"list": list_name, "number": number, "queued": done.queued, "due_at": now + grace, "ends_at": ends_at}
        )
        return
    seconds = int(grace.total_seconds())
    wait = f"; the first leaves in {seconds} s, `cancel` takes it back until then" if seconds else ""
    out.print(
        f"{list_name} No. {number} is released to {counted(done.queued, 'recipient', 'recipients')}{wait}", markup=False
    )
    if ends_at:
        out.print(f"At the configured pace it is done by {app.local(ends_at)}.", markup=False)


async def _ends_at(tx: Tx, app: App, edition: Edition) -> datetime | None:
    """When the last copy will have gone, at the configured pace; None where none is, or nothing is open."""
    mailing_list = app.config.lists.get(edition.list)
    if mailing_list is None or edition.status is not EditionStatus.RELEASED:
        return None
    account = await outbox.account(tx, edition.id)
    return await end_of_rest(tx, account, mailing_list, app.config.delivery, now=app.now())


@click.command()
@list_argument
@number_argument
@house
async def pause(app: App, list_name: str, number: int) -> None:
    """Let no further copy of an edition out, until `resume`."""
    await _move(app, list_name, number, lambda tx, edition: edition_store.pause(tx, edition.id), "paused")


@click.command()
@list_argument
@number_argument
@house
async def resume(app: App, list_name: str, number: int) -> None:
    """Let a paused edition go on, with the letter as it was released."""
    await _move(app, list_name, number, lambda tx, edition: edition_store.resume(tx, edition.id), "going on")
    async with app.db.read() as tx:
        edition = await _edition(tx, app, list_name, number)
        withdrawn = (await texts.withdrawn_from(tx, [edition.id])).get(edition.id, {})
    if withdrawn:
        count = counted(len(withdrawn), "entry", "entries")
        err.print(
            f"The letter goes out as it was released, with {count} in it that became secret; "
            f"`publisher pause {list_name} {number}` holds it again",
            markup=False,
        )


@click.command()
@list_argument
@number_argument
@house
async def stop(app: App, list_name: str, number: int) -> None:
    """End an edition: what is out stays out, what waits is withheld."""

    async def act(tx: Tx, edition: Edition) -> bool:
        stopped = await edition_store.stop(tx, edition.id, now=app.now())
        if stopped:
            await outbox.withhold_waiting(tx, edition.id, reason="stopped", now=app.now())
        return stopped

    await _move(app, list_name, number, act, "stopped")


@click.command()
@list_argument
@number_argument
@house
async def cancel(app: App, list_name: str, number: int) -> None:
    """Drop a draft, or take back a release before its first copy; its entries stand in the next one."""
    await _move(app, list_name, number, lambda tx, edition: cancel_edition(tx, edition, now=app.now()), "cancelled")


_WHAT_NOW = {
    EditionStatus.DRAFT: "it can be approved, sent or cancelled",
    EditionStatus.APPROVED: "it can be released, sent or cancelled",
    EditionStatus.RELEASED: "it can be paused or stopped; to cancel it is too late once a copy is on its way",
    EditionStatus.PAUSED: "it can be resumed or stopped; to cancel it is too late once a copy is on its way",
    EditionStatus.SENT: "everything is done",
    EditionStatus.STOPPED: "it has ended; what was not sent stays unsent",
    EditionStatus.CANCELLED: "it has ended",
}


async def _edition(tx: Tx, app: App, list_name: str, number: int) -> Edition:
    """The edition, also of a list that is not configured any more: it can still be looked at and stopped."""
    if await edition_store.by_number(tx, list_name, number) is None:
        app.mailing_list(list_name)  # a name that was mistyped is answered with those that there are
    return await edition_store.numbered(tx, list_name, number)


async def _move(
    app: App, list_name: str, number: int, act: Callable[[Tx, Edition], Awaitable[bool]], done: str
) -> None:
    async with app.db.begin() as tx:
        edition = await _edition(tx, app, list_name, number)
        if not await act(tx, edition):
            raise StaleEdition(f"{list_name} No. {number} is {edition.status}; {_WHAT_NOW[edition.status]}")
        account = await outbox.account(tx, edition.id)
    out.print(f"{list_name} No. {number}: {done}{_so_far(account)}", markup=False)


def _so_far(account: Account) -> str:
    """What is out is out, whatever is done with the edition."""
    if not account.sent and not account.open:
        return ""
    under_way = f", {account.sending} on their way" if account.sending else ""
    return f"; {account.sent} of {counted(account.total, 'copy is', 'copies are')} out{under_way}"


COMMANDS = {
    "compose": compose,
    "editions": editions,
    "show": show,
    "preview": preview,
    "classify": classify,
    "edit": edit,
    "approve": approve,
    "release": release,
    "pause": pause,
    "resume": resume,
    "stop": stop,
    "cancel": cancel,
}
