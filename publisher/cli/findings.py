"""What an import says of rows: any number of them, kept on disk till it is told."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO

import click

from publisher.flows.enrol import Enrolled, Outcome, What
from publisher.spreadsheet import lines

_SHOWN = 200  # lines at the terminal; further ones stand in the report
_NEWS = frozenset({What.KEPT, What.REJECTED, What.DUPLICATE})


class Findings:
    """The outcomes that are worth telling: all in a dry run, else those of rows that brought nobody in."""

    def __init__(self, *, dry_run: bool) -> None:
        self._dry_run = dry_run
        self._count = 0
        self._kept: IO[str] = TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed at the end of `with`

    def __enter__(self) -> "Findings":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kept.close()

    def add(self, outcome: Outcome) -> None:
        if not self._dry_run and outcome.what not in _NEWS:
            return
        self._count += 1
        told = (outcome.line, outcome.what, outcome.address, outcome.list, outcome.reason, outcome.value)
        self._kept.write(json.dumps([*told, outcome.first_line], ensure_ascii=True) + "\n")

    def _all(self) -> Iterator[Outcome]:
        self._kept.seek(0)
        for text in self._kept:
            line, what, address, list_name, reason, value, first_line = json.loads(text)
            yield Outcome(
                line=line,
                what=What(what),
                address=address,
                list=list_name,
                reason=reason,
                value=value,
                first_line=first_line,
            )

    # ── For people ───────────────────────────────────────────────────────────

    def lines(self) -> Iterator[str]:
        """What is said at the terminal, a line each."""
        yield from (_sentence(outcome) for outcome in islice(self._all(), _SHOWN))
        if self._count > _SHOWN:
            yield f"… and {self._count - _SHOWN} more rows"

    def report(self, wanted: Path | None, otherwise: Path) -> Path | None:
        """Write all to the file that was asked for; or, where they are too many to show, to the other."""
        file = wanted or (otherwise if self._count > _SHOWN else None)
        if file is None:
            return None
        with file.open("w", encoding="utf-8-sig", newline="") as target:
            target.writelines(lines([("line", "what", "address", "list", "reason", "value", "first_line")]))
            target.writelines(lines(_row(outcome) for outcome in self._all()))
        return file

    # ── For programs ─────────────────────────────────────────────────────────

    def say_json(self, result: Enrolled, report: Path | None) -> None:
        """One document, written as it is read back: it may be longer than memory."""
        counts = {
            "accepted": result.accepted,
            "pending": result.pending,
            "unchanged": result.unchanged,
            "kept": result.kept,
            "refusals": result.refusals,
            "report": str(report) if report else None,
        }
        click.echo(json.dumps(counts, ensure_ascii=False, indent=2).rstrip("\n}") + ",")
        self._say_array("rejected", What.REJECTED)
        click.echo(",")
        self._say_array("duplicates", What.DUPLICATE)
        if self._dry_run:
            click.echo(",")
            self._say_array("rows", None)
        click.echo("}")

    def _say_array(self, name: str, what: What | None) -> None:
        click.echo(f'  "{name}": [', nl=False)
        between = ""
        for outcome in self._all():
            if what in (None, outcome.what):
                shape = _shape(outcome) if what else {**_shape_of_any(outcome)}
                click.echo(f"{between}\n    {json.dumps(shape, ensure_ascii=False)}", nl=False)
                between = ","
        click.echo("]", nl=False)


def _row(outcome: Outcome) -> tuple[str, ...]:
    first_line = "" if outcome.first_line is None else str(outcome.first_line)
    return (
        str(outcome.line),
        outcome.what,
        outcome.address,
        outcome.list,
        outcome.reason,
        outcome.value,
        first_line,
    )


def _sentence(outcome: Outcome) -> str:
    who = outcome.address
    where = outcome.list or "any list"
    match outcome.what:
        case What.REJECTED:
            value = f": {outcome.value[:80]!r}" if outcome.value else ""
            return f"line {outcome.line}: {outcome.reason.rstrip('.')}{value}"
        case What.DUPLICATE:
            return f"line {outcome.line}: the same address as in line {outcome.first_line}"
        case What.REFUSAL:
            return f"line {outcome.line}: refusal ({outcome.reason}), no letters of {where} any more: {who}"
        case What.UNCHANGED:
            return f"line {outcome.line}: there already: {who}{f' ({outcome.reason})' if outcome.reason else ''}"
        case What.KEPT:
            return f"line {outcome.line}: there already in {outcome.value}, which the reader chose and keeps: {who}"
        case What.PENDING:
            return f"line {outcome.line}: new on {where} in {outcome.value}, pending: {who}"
        case What.ACTIVE if outcome.reason:
            return f"line {outcome.line}: {outcome.reason} on {where}, gets its letters in {outcome.value}: {who}"
        case What.ACTIVE:
            return f"line {outcome.line}: new on {where} in {outcome.value}: {who}"


def _shape(outcome: Outcome) -> dict[str, object]:
    if outcome.what is What.DUPLICATE:
        return {"line": outcome.line, "first_line": outcome.first_line}
    return {"line": outcome.line, "reason": outcome.reason, "value": outcome.value}


def _shape_of_any(outcome: Outcome) -> dict[str, object]:
    return {
        "line": outcome.line,
        "what": outcome.what,
        "address": outcome.address or None,
        "list": outcome.list or None,
        "reason": outcome.reason or None,
        "value": outcome.value or None,
        "first_line": outcome.first_line,
    }
