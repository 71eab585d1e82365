"""`init` and `check`: before the house is opened."""

import asyncio
import os
from pathlib import Path
from typing import Any

import click
from click.exceptions import Exit

from publisher.cli.checks import Finding, Level, checks
from publisher.cli.frame import Frame, as_json, out, say_json
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
    found = asyncio.run(checks(frame.config, os.environ))
    if as_json:
        say_json({"findings": [_shape(finding) for finding in found]})
    else:
        for finding in found:
            _tell(finding)
    if any(finding.level is Level.WRONG for finding in found):
        raise Exit(1)


def _shape(finding: Finding) -> dict[str, Any]:
    return {"subject": finding.subject, "level": finding.level, "message": finding.message, "cure": finding.cure}


def _tell(finding: Finding) -> None:
    marks = {Level.GOOD: "ok   ", Level.REMARK: "note ", Level.WRONG: "wrong"}
    out.print(f"{marks[finding.level]}  {finding.subject}: {finding.message}", markup=False)
    if finding.cure:
        out.print(f"       → {finding.cure}", markup=False)


COMMANDS = {"init": init, "check": check}
