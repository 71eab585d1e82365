"""`run`: everything in one process."""

import asyncio

import click

from publisher.app import App
from publisher.cli.frame import Frame, err, opened
from publisher.cli.logs import log_fully
from publisher.cli.together import together, until_signal
from publisher.flows.deliver import PostOffice, deliver
from publisher.schedule import Schedule
from publisher.web import create
from publisher.web.server import serve


@click.command()
@click.pass_obj
def run(frame: Frame) -> None:
    """Pages, clock and delivery, until SIGTERM or Ctrl-C."""
    log_fully()

    async def inside() -> None:
        async with opened(frame) as app:
            await keep_house(app)

    asyncio.run(until_signal(inside()))


async def keep_house(app: App, *, mailbox: bool = False) -> None:
    """Serve, keep time and deliver, all in this loop; with `mailbox` its letters can be looked at."""
    wake = asyncio.Event()
    web = app.config.web
    pages = create(app, feeds=app.shelf, mailbox=app.mailbox if mailbox else None)
    async with app.post_office() as office:
        await together(
            serve(pages, web.listen, trusted_proxies=web.trusted_proxies, ready=lambda url: err.print(f"Open {url}")),
            Schedule(app, on_release=wake.set).run(),
            endlessly(office, wake),
        )


async def endlessly(office: PostOffice, wake: asyncio.Event) -> None:
    await deliver(office, until_empty=False, wake=wake)


COMMANDS = {"run": run}
