"""`demo`: the whole road on an invented institute, nothing to configure."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from publisher.address import parse as parse_address
from publisher.app import App, open_app
from publisher.cli.frame import err, out, progress
from publisher.cli.logs import log_quietly
from publisher.cli.run import keep_house
from publisher.cli.together import until_signal
from publisher.delivery.journal import lock
from publisher.demo.app import BoardApp, board_app
from publisher.demo.house import ARCHIVE, LIST, READERS, demo_config
from publisher.demo.posts import content
from publisher.errors import NotAllowed, PublisherError
from publisher.feeds.files import write_files
from publisher.flows.deliver import deliver
from publisher.flows.send import carry_out, plan
from publisher.flows.signup import Application, sign_up
from publisher.web.server import serve

_FIRST_LINE = "# The demo's configuration"


@click.command()
@click.option("--once", is_flag=True, help="Exit after the first edition is delivered.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/demo"),
    show_default=True,
    help="Where everything of the demo is kept; an earlier demo there is begun anew.",
)
def demo(once: bool, folder: Path) -> None:
    """The whole road on an invented institute: its board, pages, feeds, and an edition to three readers."""
    log_quietly()
    with _alone_in(folder):
        asyncio.run(until_signal(_demo(folder, once)))


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Two demos in one folder would take the ground from under each other: the second is refused."""
    _make_room(folder)
    with (folder / "lock").open("a") as file:
        if not lock(file.fileno()):
            raise NotAllowed(f"{folder}: a demo is running there; end it first, or name another folder with --dir")
        _begin_anew(folder)
        yield


async def _demo(folder: Path, once: bool) -> None:
    board = board_app(content(datetime.now(UTC)), lambda: datetime.now(UTC))
    async with _served(board) as board_url:
        site_url = f"http://127.0.0.1:{_free_port(8080)}"
        config = folder / "config.yaml"
        config.write_text(demo_config(folder, board_url, site_url), encoding="utf-8")
        async with open_app(config, {}) as app:
            await _walk(app, board)
            await _write_feeds(app, folder / "feeds")
            if once:
                _tell_files(app, folder)
                return
            await keep_house(app, lambda _: _tell_addresses(app, board_url, site_url), mailbox=True)


def _make_room(folder: Path) -> None:
    """A folder that holds anything but an earlier demo is refused: what is in it would be lost."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.yaml"
    is_ours = config.is_file() and config.read_text(encoding="utf-8", errors="replace").startswith(_FIRST_LINE)
    if not is_ours and any(folder.iterdir()):
        raise NotAllowed(f"{folder}: holds something else than an earlier demo; name another folder with --dir")


def _begin_anew(folder: Path) -> None:
    for part in ("var", "feeds"):
        shutil.rmtree(folder / part, ignore_errors=True)


@asynccontextmanager
async def _served(board: BoardApp) -> AsyncIterator[str]:
    """The board on a loopback port of its own; gives its address."""
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(board, "127.0.0.1:0", ready=address.set_result))
    serving.add_done_callback(lambda _: address.cancel())  # it ended before it was ready
    try:
        yield await address
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


def _free_port(preferred: int) -> int:
    """The preferred port if nobody has it, else any free one."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise PublisherError("no free port on 127.0.0.1")


async def _walk(app: App, board: BoardApp) -> None:
    """The road: read the archive, welcome three readers, four new posts, one edition to all three."""
    await _read(app, "Reading the board for the first time")
    async with app.db.begin() as tx:
        for reader in READERS:
            application = Application(
                address=parse_address(reader.address),
                list=LIST,
                languages=reader.languages,
                name=reader.name,
                consent="invented for the demo",
            )
            await sign_up(tx, application, app.keys[0], now=app.now())
    out.print(f"  {len(READERS)} readers asked for the letter: " + ", ".join(reader.languages for reader in READERS))
    out.print(f"  {board.publish_more()} new posts appeared on the board")
    await _read(app, "Reading what is new")
    await _send(app)


async def _read(app: App, title: str) -> None:
    with progress(title) as tell:
        result = await app.ingest(ARCHIVE, tell)
    if result.failure:
        raise result.failure
    kept = " (they stood there before: shown, but not mailed)" if result.held else ""
    skipped = ", ".join(sorted({piece.reason for piece in result.skipped}))
    passed = f"; {len(result.skipped)} passed over: {skipped}" if skipped else ""
    out.print(f"  {title}: {result.new} entries{kept}{passed}", markup=False)


async def _send(app: App) -> None:
    mailing_list = app.mailing_list(LIST)
    async with app.db.begin() as tx:
        planned = await plan(tx, mailing_list, by="demo", now=app.now())
        if planned is None:
            raise PublisherError("the demo's board had nothing new; that is a fault of ours")
        await carry_out(tx, planned.edition, mailing_list, app.house, by="demo", now=app.now())
    async with app.post_office() as office:
        tally = await deliver(office)
    out.print(
        f"  Edition No. {planned.edition.number}: {len(planned.edition.entries)} entries, {tally.sent} letters sent"
    )


async def _write_feeds(app: App, folder: Path) -> None:
    async with app.db.read() as tx:
        write_files(await app.press.everything(tx), folder)


def _tell_files(app: App, folder: Path) -> None:
    out.print("\nFeeds", style="bold")
    for extension in ("rss", "atom", "json"):
        out.print(f"  {folder / 'feeds' / f'all.{extension}'}", markup=False)
    out.print("Letters", style="bold")
    for letter in sorted(app.mailbox.glob("*.eml")):
        out.print(f"  {_short(letter)}", markup=False)
    out.print("\n`make demo` serves all of it, with pages to look at.")


def _tell_addresses(app: App, board_url: str, site_url: str) -> None:
    rows = (
        ("The pages", f"{site_url}/ko/   {site_url}/en/"),
        ("Edition No. 1", f"{site_url}/ko/editions/{LIST}/1"),
        ("The letters", f"{site_url}/mailbox   one per reader: ko, en, ko+en"),
        ("The feeds", f"{site_url}/feeds"),
        ("The board", f"{board_url}/bbs/board.php?bo_table={ARCHIVE}"),
        ("Letters as files", _short(app.mailbox)),
    )
    out.print("\nOpen", style="bold")
    for what, where in rows:
        out.print(f"  {what:18}{where}", markup=False)
    err.print("\nCtrl-C ends the demo.")


def _short(path: Path) -> str:
    return os.path.relpath(path)


COMMANDS = {"demo": demo}
