"""`entries`: what came in, one by one; two that are one text; and those kept out of letters."""

from collections.abc import Collection, Mapping
from datetime import datetime

import click

from publisher.app import App
from publisher.cli import shapes
from publisher.cli.frame import Group, as_json, err, house, operator, out, say_json
from publisher.cli.shapes import counted
from publisher.errors import NotAllowed, NotFound
from publisher.flows import pairing, vouch
from publisher.flows.suggest import Reason, Suggestion
from publisher.flows.suggest import suggest as find_suggestions
from publisher.model import Entry, Face, Held, JoinedBy, Origin
from publisher.store import arrivals
from publisher.store import entries as entry_store
from publisher.store.database import Tx

_HELD = {Held.FIRST: "before", Held.OLD: "old", Held.FLOOD: "flood"}
_WHY_HELD = {
    Held.FIRST: "that stood in the archive before it was first read",
    Held.OLD: "with a date before the first reading",
    Held.FLOOD: "of a flood (more at once than `flood` allows)",
}


@click.group(cls=Group)
def entries() -> None:
    """Look at entries, join two versions of one text, let held ones in."""


@entries.command("list")
@click.option("--archive", help="Only of this archive.")
@click.option("--status", type=click.Choice(["live", "retracted"]), help="Only in this state.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="Only those that arrived since.")
@as_json
@house
async def list_entries(
    app: App, archive: str | None, status: str | None, since: datetime | None, as_json: bool
) -> None:
    """The entries, newest first."""
    if archive:
        app.archive(archive)
    after = since.replace(tzinfo=app.desk.zone) if since else None
    async with app.db.read() as tx:
        found = await entry_store.listed(tx, archive=archive, status=status, since=after, limit=-1)
    if as_json:
        say_json([shapes.entry(entry) for entry in found])
        return
    for entry in found:
        state = _HELD[entry.held] if entry.held else ("" if entry.status == "live" else entry.status)
        title = next(iter(entry.faces.values())).title
        line = f"{entry.public_id}  {app.day(entry.dated)}  {shapes.languages(entry):5}  {state:9}  {title}"
        out.print(line, markup=False)
    for why in sorted({entry.held for entry in found if entry.held}):
        err.print(f"{_HELD[why]}: one {_WHY_HELD[why]}; no letter takes it before `publisher entries admit ID…`")
    if not found:
        err.print("No entries yet: `publisher ingest` reads the archives.")


@entries.command()
@click.argument("entry_ids", metavar="ID…", nargs=-1, required=True)
@house
async def admit(app: App, entry_ids: tuple[str, ...]) -> None:
    """Let entries into letters that were kept out of them: old ones, or a flood."""
    async with app.db.begin() as tx:
        found = [await _entry(tx, entry_id) for entry_id in entry_ids]
        for entry in found:
            if entry.held is None:
                raise NotAllowed(f"{entry.public_id} is not kept out of letters; nothing was changed")
        await arrivals.admit(tx, [entry.id for entry in found], now=app.now())
    out.print(f"{counted(len(found), 'entry', 'entries')} will stand in the next edition", markup=False)


@entries.command("show")
@click.argument("entry_id", metavar="ID")
@as_json
@house
async def show_entry(app: App, entry_id: str, as_json: bool) -> None:
    """One entry with everything that is known of it."""
    async with app.db.read() as tx:
        entry = await _entry(tx, entry_id)
    if as_json:
        say_json(shapes.entry(entry))
        return
    for name, value in shapes.entry(entry).items():
        if name not in {"faces", "joined", "joined_to"} and value not in (None, []):
            shown = app.local(value) if isinstance(value, datetime) else value
            out.print(f"{name:18} {shown}", markup=False)
    for joined in entry.joined:
        by = "by its source" if joined.by is JoinedBy.SOURCE else "by the operator"
        out.print(
            f"{'joined':18} {joined.public_id} ({joined.language}, {joined.archive}), {by}, {app.local(joined.at)}: "
            f"`publisher entries unpair {entry.public_id}` parts them",
            markup=False,
        )
    if entry.joined_to:
        out.print(f"{'joined to':18} {entry.joined_to}, which is shown with this text as a part of it", markup=False)
    for language, face in entry.faces.items():
        out.print(f"\n[{language}] {face.title}{_made(face, entry_id)}\n{face.summary}", markup=False)


@entries.command()
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
@as_json
@house
async def pair(app: App, one: str, other: str, as_json: bool) -> None:
    """Join two entries that are the Korean and the English version of one text."""
    async with app.db.begin() as tx:
        kept = await pairing.pair(
            tx, await _entry(tx, one), await _entry(tx, other), by=JoinedBy.OPERATOR, now=app.now()
        )
    if as_json:
        say_json(shapes.entry(kept))
        return
    gone = kept.joined[0].public_id
    out.print(
        f"{gone} is a face of {kept.public_id} now ({', '.join(kept.faces)}); links to it lead there. "
        f"`publisher entries unpair {kept.public_id}` parts them",
        markup=False,
    )


@entries.command()
@click.argument("one", metavar="A")
@click.argument("other", metavar="[B]", required=False)
@as_json
@house
async def unpair(app: App, one: str, other: str | None, as_json: bool) -> None:
    """Make two entries of one again; with B also: say that two are not one text."""
    async with app.db.begin() as tx:
        second = await _entry(tx, other) if other else None
        parted = await pairing.part(tx, await _entry(tx, one), second, now=app.now())
    first, last = parted.kept.public_id, parted.other.public_id
    if as_json:
        say_json({"kept": first, "other": last, "were_one": parted.were_one})
    elif parted.were_one:
        out.print(f"{first} and {last} are two entries again, and stay two", markup=False)
    else:
        out.print(f"{first} and {last} stay two: they are not suggested any more", markup=False)


@entries.command()
@click.argument("entry_ids", metavar="ID…", nargs=-1, required=True)
@click.option("--language", help="Only the face in this language.")
@house
async def confirm(app: App, entry_ids: tuple[str, ...], language: str | None) -> None:
    """Say that machine translations are right: they stand without their mark."""
    async with app.db.begin() as tx:
        for entry in [await _entry(tx, entry_id) for entry_id in entry_ids]:
            for spoken in _spoken_by(entry, language, (Origin.MACHINE,)):
                await vouch.confirm(tx, entry, spoken, by=operator(), now=app.now())
    out.print(f"{counted(len(entry_ids), 'entry stands', 'entries stand')} without the mark now", markup=False)


@entries.command()
@click.argument("entry_id", metavar="ID")
@click.option("--language", help="Only the face in this language.")
@house
async def reject(app: App, entry_id: str, language: str | None) -> None:
    """Take a translation away that the house had made; `translate --entry ID` has another one made."""
    async with app.db.begin() as tx:
        entry = await _entry(tx, entry_id)
        for spoken in _spoken_by(entry, language, (Origin.MACHINE, Origin.HUMAN)):
            await vouch.reject(tx, entry, spoken, by=operator(), now=app.now())
    out.print(f"the translation is gone; `publisher translate --entry {entry_id}` has another one made", markup=False)


def _spoken_by(entry: Entry, language: str | None, origins: Collection[Origin]) -> list[str]:
    """The languages that are meant: the one that is named, or those of all faces of such origin."""
    if language:
        return [language]
    spoken = [face.language for face in entry.faces.values() if face.origin in origins]
    if not spoken:
        raise NotAllowed(f"{entry.public_id} has no translation of this kind; nothing was changed")
    return spoken


def _made(face: Face, entry_id: str) -> str:
    match face.origin:
        case Origin.MACHINE:
            return f"  (machine translation; `publisher entries confirm {entry_id}` takes the mark away)"
        case Origin.HUMAN:
            return "  (translation, confirmed)"
    return ""


@entries.command()
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@as_json
@house
async def suggest(app: App, limit: int, as_json: bool) -> None:
    """Entries that might be the two versions of one text, the surest first."""
    async with app.db.read() as tx:
        found = await find_suggestions(tx)
    if as_json:
        say_json([_suggestion(one) for one in found[:limit]])
        return
    for one in found[:limit]:
        _tell_suggestion(app, one)
    if not found:
        err.print("No two entries look like one text in two languages.")
    elif len(found) > limit:
        err.print(f"{counted(len(found) - limit, 'more', 'more')}: `publisher entries suggest --limit {len(found)}`")


_WORDED = {
    Reason.TOLD: "the source says that they are one text",
    Reason.SAME_ORIGINAL: "both first appeared at the same address",
    Reason.SAME_OUTLET: "both cite the same outlet on the same day",
    Reason.SAME_DAY: "both cite the same day, one an outlet with a Korean name and one with another",
    Reason.NEAR: "dated within three days",
    Reason.SAME_AUTHOR: "by the same author",
    Reason.SAME_FILES: "with as many attachments",
    Reason.SAME_LENGTH: "about as long as a translation would be",
}


def _suggestion(one: Suggestion) -> dict[str, object]:
    return {
        "score": one.score,
        "reasons": [{"code": reason.value, "text": _WORDED[reason]} for reason in one.reasons],
        "entries": [
            {"id": each.public_id, "language": each.language, "title": each.title, "dated": each.dated}
            for each in (one.one, one.other)
        ],
        "command": _command(one),
    }


def _tell_suggestion(app: App, one: Suggestion) -> None:
    out.print(f"{one.score:3}  {'; '.join(_WORDED[reason] for reason in one.reasons)}", markup=False)
    for each in (one.one, one.other):
        out.print(f"     {each.public_id}  {app.day(each.dated)}  {each.language}  {each.title}", markup=False)
    out.print(f"     {_command(one)}", markup=False)


def _command(one: Suggestion) -> str:
    return f"publisher entries pair {one.one.public_id} {one.other.public_id}"


async def _entry(tx: Tx, entry_id: str) -> Entry:
    entry = await entry_store.by_public_id(tx, entry_id, in_public=False)
    if entry is None:
        raise NotFound(f"no entry has the id '{entry_id}': `publisher entries list` shows them")
    return entry


def tell_kept_out(kept: Mapping[str, int]) -> None:
    """Why "nothing new" can be true of an archive that is full."""
    if kept:
        reasons = ", ".join(f"{count} {_WHY_HELD[Held(why)]}" for why, count in kept.items())
        err.print(
            f"Kept out of letters: {reasons}. `publisher entries list` shows them, `publisher entries admit ID…` lets"
            " one in.",
            markup=False,
        )


COMMANDS = {"entries": entries}
