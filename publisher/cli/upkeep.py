"""`init` and `check`: before the house is opened."""

import asyncio
import os
from pathlib import Path

import click

from publisher.cli.checks import checks, tell
from publisher.cli.frame import Frame, as_json, out
from publisher.cli.logs import log_quietly
from publisher.config import write_sample


@click.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def init(directory: Path) -> None:
    """Write a commented config.yaml and a place for changed templates into DIR."""
    written = write_sample(directory)
    out.print(
        f"{written} is written. Put in your board and sender, then: publisher --config {written} check", markup=False
    )


@click.command()
@as_json
@click.pass_obj
def check(frame: Frame, as_json: bool) -> None:
    """Configuration, store, templates, archives, SMTP, site and DNS: each with its verdict and what to do."""
    log_quietly()
    tell(asyncio.run(checks(frame.config, os.environ)), as_json=as_json)


COMMANDS = {"init": init, "check": check}
