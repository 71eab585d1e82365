"""`run`: everything in one process."""

import asyncio
from collections.abc import Callable

import click

from publisher.app import App
from publisher.cli.frame import Frame, err, opened
from publisher.cli.logs import log_fully
from publisher.cli.together import together, until_signal
from publisher.flows.deliver import deliver
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
            await keep_house(app, lambda url: err.print(f"Open {url}"))

    asyncio.run(until_signal(inside()))


async def keep_house(app: App, opened: Callable[[str], None], *, mailbox: bool = False) -> None:
    """
    Serve, keep time and deliver, all in this loop; with `mailbox` its letters can be looked at.

    `opened` is called with the address once it can be opened. Only then the rest
    begins: a second process on the same port ends before it has done anything.
    """
    wake, is_open = asyncio.Event(), asyncio.Event()

    def ready(url: str) -> None:
        is_open.set()
        opened(url)

    async def deliver_on() -> None:
        await is_open.wait()
        await deliver(office, until_empty=False, wake=wake)

    async def keep_time() -> None:
        await is_open.wait()
        await Schedule(app, on_release=wake.set).run()

    web = app.config.web
    pages = create(app, feeds=app.shelf, mailbox=app.mailbox if mailbox else None, wake=wake.set)
    async with app.post_office() as office:
        await together(
            serve(pages, web.listen, trusted_proxies=web.trusted_proxies, ready=ready), keep_time(), deliver_on()
        )


COMMANDS = {"run": run}
