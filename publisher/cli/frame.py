"""What every command has around it: the open house, one line for an error, progress, JSON."""

import asyncio
import functools
import getpass
import importlib
import json
import os
import signal
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
from publisher.cli.together import until_signal
from publisher.config import find
from publisher.errors import PublisherError
from publisher.store.database import OUTAGES, in_one_line

P = ParamSpec("P")

_LONGEST_SUMMARY = 200  # characters of a command's first sentence


class _Terminal(Console):
    """A console whose reader may go away (`| head`): click then ends us quietly, where rich would break the loop."""

    def on_broken_pipe(self) -> None:
        raise  # the BrokenPipeError that it is called for


out = _Terminal(highlight=False, soft_wrap=True)
err = _Terminal(stderr=True, highlight=False, soft_wrap=True)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What was said before the command's name."""

    config: str | None


class Failed(click.ClickException):
    """One of our own errors, on its way to standard error and exit code 1."""

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


class Group(click.Group):
    """A group whose summaries of commands are shown whole, on two lines where one is too short."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, one.get_short_help_str(limit=_LONGEST_SUMMARY)) for name, one in commands if one]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class Publisher(Group):
    """The commands, each loaded when it is wanted, and our errors as one line without a trace."""

    def __init__(self, *args: Any, rooms: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rooms = rooms

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _configuration_first(args))

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
        except OUTAGES as error:
            raise Failed(in_one_line(error)) from error
        except OSError as error:
            if error.filename is None:  # such as a closed pipe: not a file that somebody could mend
                raise
            raise Failed(
                f"{error.filename}: {error.strerror}: check that this place exists and may be written"
            ) from error


def _configuration_first(args: list[str]) -> list[str]:
    """`--config FILE` is understood behind the command's name too."""
    end = args.index("--") if "--" in args else len(args)
    for place, arg in enumerate(args[:end]):
        if arg == "--config" or arg.startswith("--config="):
            behind = place + (1 if "=" in arg else 2)
            return [*args[place:behind], *args[:place], *args[behind:]]
    return args


@asynccontextmanager
async def opened(frame: Frame) -> AsyncIterator[App]:
    """The house that `--config` or the environment names."""
    async with open_app(find(frame.config, os.environ), os.environ) as app:
        yield app


def house(function: Callable[Concatenate[App, P], Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """
    Make a click callback of an async function that wants the open `App` first.

    SIGTERM and Ctrl-C let it end in good order (copies under way are settled), with exit code 1.
    """

    @functools.wraps(function)
    @click.pass_obj
    def command(frame: Frame, /, *args: P.args, **kwargs: P.kwargs) -> None:
        log_quietly()

        async def inside() -> None:
            async with opened(frame) as app:
                await function(app, *args, **kwargs)

        if not asyncio.run(until_signal(inside())):
            raise Failed("stopped before it was done; nothing is lost, the same command goes on")

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


def ask(question: str) -> None:
    """Go on only if the answer is yes; Ctrl-C is a no."""
    # The loop would note a Ctrl-C, leave us waiting for the answer, and act on it much later.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    wakeup = signal.set_wakeup_fd(-1)
    try:
        click.confirm(question, abort=True, err=True)
    finally:
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, handler)
