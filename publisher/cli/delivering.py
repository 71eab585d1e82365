"""What is shown while letters go out, and what is said when they cannot."""

from collections.abc import Iterator
from contextlib import contextmanager

from click.exceptions import Exit
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar
from rich.text import Text

from publisher.app import App
from publisher.cli.frame import err
from publisher.flows.conclude import Tally
from publisher.flows.deliver import Progress


class _Rate(ProgressColumn):
    """Letters a second, of late."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


@contextmanager
def delivering(app: App, total: int, *, quiet: bool = False) -> Iterator[Progress]:
    """A bar on standard error, if that is a terminal: how many of `total` have ended and how, how fast, how long."""
    if quiet or not err.is_terminal:
        yield lambda tally: None
        return
    columns = (
        *(SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(bar_width=24)),
        *(MofNCompleteColumn(), TextColumn("{task.fields[states]}", markup=False), _Rate(), TimeRemainingColumn()),
    )
    with Bar(*columns, console=err, transient=True) as bar:
        task = bar.add_task("Delivering", total=total, states="")

        def tell(tally: Tally) -> None:
            bar.update(
                task,
                description=f"Resting ({held_up(app, tally)})" if tally.held_up else "Delivering",
                completed=tally.settled,
                total=max(total, tally.settled),
                states=", ".join(f"{count} {name}" for name, count in states(tally).items() if count),
            )

        yield tell


def states(tally: Tally) -> dict[str, int]:
    """The copies by what became of them."""
    return {
        "sent": tally.sent,
        "failed": tally.failed,
        "withheld": tally.withheld,
        "uncertain": tally.uncertain,
        "to try again": tally.deferred,
    }


def held_up(app: App, tally: Tally) -> str:
    """Why nothing goes at the moment, and until when."""
    until = f"; until {app.local(tally.held_until)}" if tally.held_until else ""
    return f"{tally.held_up}{until}"


def complain(app: App, tally: Tally) -> None:
    """Letters that could not leave at all: say why, that nothing is lost, and what to do. Ends the command with 1."""
    if tally.held_up:
        err.print(f"Not everything could leave: {held_up(app, tally)}", markup=False)
        err.print(
            "It waits; `publisher run` goes on by itself, `publisher deliver` tries again after that time, and at once"
            " after `publisher profiles resume`.",
            markup=False,
        )
        raise Exit(1)
