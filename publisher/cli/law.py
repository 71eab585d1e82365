"""`notices`, `evidence`, `housekeep`: what the law wants done, and proof that it was."""

from dataclasses import asdict

import click

from publisher.app import App
from publisher.cli.editions import list_argument, number_argument
from publisher.cli.frame import as_json, ask, err, house, may_ask, operator, out, say_json
from publisher.cli.shapes import counted
from publisher.errors import NotAllowed
from publisher.flows.evidence import evidence_of_edition
from publisher.flows.housekeep import housekeep as keep_house
from publisher.flows.notify import release_held
from publisher.store import editions, exports
from publisher.store import notices as notice_store
from subscribers.notices import HeldWhy

_PER_HOUR = 500


@click.command()
@click.option("--release", "release", is_flag=True, help="Send those that wait for your yes.")
@click.option("--per-hour", type=click.IntRange(1), default=_PER_HOUR, show_default=True, help="At which pace.")
@click.option("--yes", is_flag=True, help="Do not ask before releasing.")
@as_json
@house
async def notices(app: App, release: bool, per_hour: int, yes: bool, as_json: bool) -> None:
    """What readers are to be told about their consents: what waits for you, and what is overdue."""
    today = app.now().astimezone(app.desk.zone).date()
    async with app.db.read() as tx:
        held = await notice_store.held(tx)
        readers = await exports.count_to_review(tx)
        overdue, oldest = await notice_store.overdue(tx, today)
    undated = sum(one.held_why is HeldWhy.UNDATED for one in held)
    released = 0
    if release and len(held) > undated:
        _ask(len(held) - undated, per_hour, yes)
        released = await release_held(app.desk, by=operator(), per_hour=per_hour, now=app.now())
    waiting = len(held) - undated - released
    if as_json:
        figures = {"waiting": waiting, "undated": undated, "readers": readers, "released": released}
        say_json({**figures, "overdue": overdue, "oldest": oldest})
        return
    if released:
        out.print(f"{counted(released, 'notice is', 'notices are')} queued, {per_hour} an hour")
    waits = counted(waiting, "notice waits", "notices wait")
    out.print(f"{waits} for your yes, {undated} cannot be told, for no date is known")
    out.print(f"{counted(readers, 'reader waits', 'readers wait')} without the date of a consent")
    since = f", the oldest since {oldest}" if oldest else ""
    out.print(f"{counted(overdue, 'notice is', 'notices are')} overdue{since}")
    if waiting or undated or readers:
        err.print("`publisher subscribers review` names them all.")


def _ask(count: int, per_hour: int, yes: bool) -> None:
    if yes:
        return
    if not may_ask():
        raise NotAllowed("nobody is there to answer the question before release; --yes answers it")
    ask(f"Send {counted(count, 'notice', 'notices')}, {per_hour} an hour?")


@click.command()
@list_argument
@number_argument
@house
async def evidence(app: App, list_name: str, number: int) -> None:
    """Who classified, approved and released an edition, its hash and its counts, as one JSON document."""
    async with app.db.read() as tx:
        edition = await editions.numbered(tx, list_name, number)
        say_json(await evidence_of_edition(tx, edition, app.config.delivery.providers))


@click.command()
@as_json
@house
async def housekeep(app: App, as_json: bool) -> None:
    """Once: notices and questions that are due, erasures, and what is kept no longer. `run` does it by itself."""
    kept = asdict(await keep_house(app.desk, now=app.now()))
    if as_json:
        say_json(kept)
        return
    out.print(", ".join(f"{count} {name}" for name, count in kept.items() if count) or "nothing was due")
    if kept["notices"]:
        err.print("`publisher deliver` or `publisher run` sends the notices.")


COMMANDS = {"notices": notices, "evidence": evidence, "housekeep": housekeep}
