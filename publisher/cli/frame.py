"""What every command has around it: the open house, one line for an error, progress, JSON."""

import asyncio
import functools
import getpass
import importlib
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Concatenate, ParamSpec

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from publisher.app import App, open_app
from publisher.cli.logs import log_quietly
from publisher.config import find
from publisher.errors import PublisherError

P = ParamSpec("P")

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What was said before the command's name."""

    config: str | None


class Failed(click.ClickException):
    """One of our own errors, on its way to standard error and exit code 1."""

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


class Publisher(click.Group):
    """The commands, each loaded when it is wanted, and our errors as one line without a trace."""

    def __init__(self, *args: Any, rooms: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rooms = rooms

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._rooms)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._rooms:
            return None
        room = importlib.import_module(f"publisher.cli.{self._rooms[cmd_name]}")
        command: click.Command = room.COMMANDS[cmd_name]
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PublisherError as error:
            raise Failed(str(error)) from error


@asynccontextmanager
async def opened(frame: Frame) -> AsyncIterator[App]:
    """The house that `--config` or the environment names."""
    async with open_app(find(frame.config, os.environ), os.environ) as app:
        yield app


def house(function: Callable[Concatenate[App, P], Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Make a click callback of an async function that wants the open `App` first."""

    @functools.wraps(function)
    @click.pass_obj
    def command(frame: Frame, /, *args: P.args, **kwargs: P.kwargs) -> None:
        log_quietly()

        async def inside() -> None:
            async with opened(frame) as app:
                await function(app, *args, **kwargs)

        asyncio.run(inside())

    return command


as_json = click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")


def say_json(value: Any) -> None:
    """One document on standard output. Times are ISO with their offset; unknown values are null."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


@contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on standard error, if that is a terminal; call what you get with (done, of how many)."""
    if quiet or not err.is_terminal:
        yield lambda done, total: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def operator() -> str:
    """Who is at the terminal, for the record of who approved and released."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user in a container
        return f"uid {os.getuid()}"


def may_ask() -> bool:
    """Is somebody there to answer a question?"""
    return sys.stdin.isatty()
