"""`feeds`: entries out as files, for any host that can serve a folder."""

from pathlib import Path

import click

from publisher.app import App
from publisher.cli.frame import as_json, house, out, say_json
from publisher.feeds.files import write_files
from publisher.flows.syndicate import syndicate


@click.command()
@click.option("--out", "folder", required=True, type=click.Path(path_type=Path), help="The folder to write into.")
@as_json
@house
async def feeds(app: App, folder: Path, as_json: bool) -> None:
    """Write every feed, and the list of them (OPML), as files."""
    async with app.db.read() as tx:
        rendered = await syndicate(tx, app.feeds, app.site, app.rights, app.sign)
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


COMMANDS = {"feeds": feeds}
