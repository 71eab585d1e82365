"""`translate`: faces that are missing, made by a service; what it costs is told before."""

from typing import Any

import click

from publisher.app import App
from publisher.cli.frame import as_json, ask, err, house, may_ask, out, progress, say_json
from publisher.cli.shapes import counted
from publisher.errors import NotAllowed, NotFound, PublisherError
from publisher.flows.gaps import Bureau, Gap, Plan, look, spent_in
from publisher.flows.suggest import suggest
from publisher.flows.translate import Round
from publisher.flows.translate import translate as fill
from publisher.model import Entry
from publisher.store import entries

_SHOWN = 20


@click.command()
@click.argument("archive", required=False)
@click.option("--entry", "entry_id", metavar="ID", help="Only this entry.")
@click.option("--language", help="Only faces in this language.")
@click.option("--again", is_flag=True, help="Also those that were made before and not taken.")
@click.option("--dry-run", is_flag=True, help="Show what is missing and what it would cost; ask nobody.")
@click.option("--yes", is_flag=True, help="Do not ask before anything is sent.")
@as_json
@house
async def translate(
    app: App,
    archive: str | None,
    entry_id: str | None,
    language: str | None,
    again: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Have missing faces made by the service that is configured, marked until `entries confirm`."""
    async with app.bureau(archive) as bureau:
        if language and language not in app.site.languages:
            raise NotFound(f"the site has no language '{language}'; it has {', '.join(app.site.languages)}")
        only = await _entry(app, bureau, entry_id) if entry_id else None
        plan = await look(bureau, languages=(language,) if language else (), only=only, again=again)
        if not as_json:
            _tell_plan(plan, is_whole=dry_run)
            await _tell_pairs(app, plan)
        done = Round()
        if plan.gaps and not dry_run:
            _ask(plan, yes)
            with progress("translating", quiet=as_json) as tell:
                done = await fill(bureau, plan.gaps, progress=tell)
        spent = await spent_in(bureau)
    if as_json:
        say_json(_shape(plan, done, spent, dry_run))
    elif not dry_run and plan.gaps:
        _tell_round(done, plan, spent)
    if done.failure:
        raise PublisherError(f"{done.failure.reason}: {done.failure.detail}")


async def _entry(app: App, bureau: Bureau, public_id: str) -> Entry:
    """The entry, if it is one whose faces may be made."""
    async with app.db.read() as tx:
        entry = await entries.by_public_id(tx, public_id)
    if entry is None:
        raise NotFound(f"no entry in public has the id '{public_id}'; `publisher entries list` shows them")
    if not entry.archives & set(bureau.archives):
        raise NotAllowed(f"{public_id} stands in '{entry.archive}', which is not translated: see translate.archives")
    return entry


def _ask(plan: Plan, is_agreed: bool) -> None:
    if is_agreed:
        return
    if not may_ask():
        raise NotAllowed("nobody is there to answer the question before texts are sent; --yes answers it")
    ask(f"Send {min(plan.characters, plan.left):,} characters to the service now?")


def _tell_plan(plan: Plan, *, is_whole: bool) -> None:
    if plan.refused:
        err.print(f"{counted(plan.refused, 'face was', 'faces were')} not taken before: see `--again`", markup=False)
    if not plan.gaps:
        out.print("no further face is missing" if plan.refused else "no face is missing", markup=False)
        return
    shown = plan.gaps if is_whole else plan.gaps[:_SHOWN]
    for gap in shown:
        out.print(f"  {gap.public_id}  → {gap.language}  {gap.characters:>7,}  {gap.title}", markup=False)
        if gap.refused_why:
            out.print(f"{'':16}not taken before: {gap.refused_why}", markup=False)
    if more := len(plan.gaps) - len(shown):
        out.print(f"  and {counted(more, 'more', 'more')}: `--dry-run` shows all", markup=False)
    out.print(
        f"{counted(len(plan.gaps), 'face is', 'faces are')} missing: {plan.characters:,} characters at most;"
        f" {plan.left:,} of {plan.budget:,} are left this month",
        markup=False,
    )


async def _tell_pairs(app: App, plan: Plan) -> None:
    """A version of the archive's own costs nothing, and is better."""
    wanted = {gap.public_id for gap in plan.gaps}
    async with app.db.read() as tx:
        pairs = [one for one in await suggest(tx) if {one.one.public_id, one.other.public_id} <= wanted]
    if pairs:
        looks = (
            "two of them look like one text" if len(pairs) == 1 else f"{len(pairs)} pairs of them look like one text"
        )
        err.print(f"{looks} in two languages: `publisher entries suggest` shows them, to be joined first", markup=False)


def _tell_round(done: Round, plan: Plan, spent: int) -> None:
    for one in done.refused:
        err.print(f"{one.gap.public_id} ({one.gap.language}) was not taken: {one.reason}", markup=False)
    if done.overtaken:
        err.print(f"{counted(done.overtaken, 'entry', 'entries')} changed meanwhile: run it again", markup=False)
    if done.unpaid:
        err.print(
            f"{counted(len(done.unpaid), 'face does', 'faces do')} not fit into the budget of this month"
            " (translate.budget)",
            markup=False,
        )
    known = sum(not one.paid for one in done.filled)
    out.print(
        f"{counted(len(done.filled), 'face', 'faces')} made"
        + (f", {known} of them from answers that are paid for already" if known else "")
        + f"; {max(plan.budget - spent, 0):,} of {plan.budget:,} characters are left this month",
        markup=False,
    )


def _shape(plan: Plan, done: Round, spent: int, dry_run: bool) -> dict[str, Any]:
    return {
        "missing": [_gap(gap) for gap in plan.gaps],
        "refused_before": plan.refused,
        "characters": plan.characters,
        "dry_run": dry_run,
        "made": [{**_gap(one.gap), "paid": one.paid} for one in done.filled],
        "refused": [{**_gap(one.gap), "reason": one.reason} for one in done.refused],
        "unpaid": [_gap(gap) for gap in done.unpaid],
        "overtaken": done.overtaken,
        "budget": plan.budget,
        "spent": spent,
        "failure": {"reason": done.failure.reason, "detail": done.failure.detail} if done.failure else None,
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "id": gap.public_id,
        "language": gap.language,
        "title": gap.title,
        "characters": gap.characters,
        "refused_why": gap.refused_why,
    }


COMMANDS = {"translate": translate}
