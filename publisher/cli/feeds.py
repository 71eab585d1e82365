"""`feeds`: entries out as files, for any host that can serve a folder; and how many follow them."""

from datetime import timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from publisher.app import App
from publisher.cli.frame import as_json, house, out, say_json
from publisher.feeds.files import write_files
from publisher.store import followers

_DAYS = 7


@click.command()
@click.option("--out", "folder", type=click.Path(path_type=Path), help="The folder to write into.")
@click.option("--followers", "is_asked", is_flag=True, help="Show how many follow each feed, by day.")
@as_json
@house
async def feeds(app: App, folder: Path | None, is_asked: bool, as_json: bool) -> None:
    """Write every feed, and the list of them (OPML), as files; or show how many follow."""
    if (folder is None) is not is_asked:
        raise click.UsageError("give either --out DIR, to write the feeds, or --followers, to see who reads them")
    if folder is None:
        await _tell_followers(app, as_json=as_json)
    else:
        await _write(app, folder, as_json=as_json)


async def _write(app: App, folder: Path, *, as_json: bool) -> None:
    async with app.db.read() as tx:
        rendered = await app.press.everything(tx)
    written = write_files(rendered, folder)
    if as_json:
        say_json(
            {
                "folder": str(folder),
                "changed": written.changed,
                "unchanged": written.unchanged,
                "removed": written.removed,
            }
        )
        return
    out.print(
        f"{folder}: {len(written.changed)} written, {len(written.unchanged)} unchanged, {len(written.removed)} removed",
        markup=False,
    )


async def _tell_followers(app: App, *, as_json: bool) -> None:
    today = app.now().astimezone(ZoneInfo("UTC")).date()
    async with app.db.read() as tx:
        counts = await followers.since(tx, today - timedelta(days=_DAYS - 1))
    if as_json:
        say_json(
            [
                {"day": one.day, "feed": one.slug, "told_by": one.family or None, "followers": one.count}
                for one in counts
            ]
        )
        return
    if not counts:
        out.print("nobody has asked for a feed in the last seven days, or `publisher run` was not running")
    for (day, slug), group in groupby(counts, key=lambda one: (one.day, one.slug)):
        told = ", ".join(f"{one.count} {'through ' + one.family if one.family else 'by themselves'}" for one in group)
        out.print(f"{day}  {slug:24} {told}", markup=False)


COMMANDS = {"feeds": feeds}
