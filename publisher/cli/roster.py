"""`subscribers import` and `export`: readers by the thousand, in bounded memory."""

import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, BinaryIO
from zoneinfo import ZoneInfo

import click
from click.exceptions import Exit

from publisher.app import App
from publisher.cli.findings import Findings
from publisher.cli.frame import as_json, err, house, out, progress, say_json
from publisher.cli.readers import STATES, note_access, span_of
from publisher.cli.shapes import counted
from publisher.errors import UnreadableFile
from publisher.flows import export as leaving
from publisher.flows.enrol import BadCell, Column, Columns, Defaults, Enrolled, enrol, language_key, table_of
from publisher.flows.enrol.moments import moment
from publisher.spreadsheet import lines, opened
from subscribers.retention import CONFIRM_WITHIN, FORGET_AFTER

# ── In ───────────────────────────────────────────────────────────────────────


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--list", "lists", multiple=True, help="The list for rows that name none; may be repeated.")
@click.option("--languages", help="For rows that name none.")
@click.option("--sheet", help="Which sheet of a workbook, where several hold addresses.")
@click.option("--consent", help="How these people agreed, for rows that do not say it.")
@click.option("--consented-at", help="When they agreed, for rows that do not say it: 2026-03-02.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Write what became of rows as CSV.")
@click.option("--dry-run", is_flag=True, help="Show what would become of each row, change nothing.")
@as_json
@house
async def import_file(
    app: App,
    file: Path,
    lists: tuple[str, ...],
    languages: str | None,
    sheet: str | None,
    consent: str | None,
    consented_at: str | None,
    report: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """
    Bring readers in from a CSV file, an Excel workbook or pasted addresses; `-` reads what is piped in.

    One row must name the columns, such as email, name, languages, lists, consented_at, consent_source. Rows
    without the date of a consent wait as pending. Stopped half-way, the same command goes on.
    """
    for name in lists:
        app.mailing_list(name)
    zone = ZoneInfo(app.site.timezone)
    defaults = Defaults(
        lists=lists,
        languages=languages,
        consent=consent,
        zone=zone,
        consented_at=day_of(consented_at, zone, app.now()),
    )
    if consented_at and not consent:
        raise click.UsageError("--consented-at says when they agreed; say with --consent how")
    with _content(file) as content, Findings(dry_run=dry_run) as findings, opened(content) as sheets:
        table = table_of(sheets, sheet)
        if table.columns:
            _introduce(table.columns)
        _check_options(app, lists, languages, table.columns)
        with progress("Reading the file", quiet=as_json) as bar:
            result = await enrol(
                app.db,
                table,
                app.config.lists,
                app.keys[0],
                defaults,
                now=app.now(),
                told=findings.add,
                went_on=lambda so_far: bar(so_far.rows, _expected(content, so_far.rows)),
                dry_run=dry_run,
            )
        written = findings.report(report, _beside(file))
        if as_json:
            findings.say_json(result, written)
        else:
            _tell(result, findings, written, dry_run=dry_run)
    if result.rows == 0:
        err.print("The file names its columns, and no row stands below them.")
    if result.is_empty:
        raise Exit(1)


def _check_options(app: App, lists: Sequence[str], languages: str | None, columns: Columns | None) -> None:
    """What would be wrong with every row is said once, before the first."""
    told = columns.places if columns else {}
    if not lists and not {Column.LISTS, Column.CLEANED_AT} & set(told):
        raise click.UsageError(f"no row names a list: say which with --list; there are: {', '.join(app.config.lists)}")
    if languages:
        try:
            for name in lists or app.config.lists:
                language_key(languages, app.mailing_list(name))
        except BadCell as bad:
            raise click.UsageError(f"--languages {bad.value}: {bad}") from bad


def day_of(text: str | None, zone: ZoneInfo, now: datetime) -> datetime | None:
    if text is None:
        return None
    day = None
    with suppress(ValueError):
        day = moment(text, zone)
    if day is None or day > now:
        raise click.UsageError(f"--consented-at {text}: expected a day that has been, such as 2026-03-02")
    return day


@contextmanager
def _content(file: Path) -> Iterator[BinaryIO]:
    if str(file) == "-":
        yield sys.stdin.buffer
        return
    try:
        content = file.open("rb")
    except OSError as error:
        raise UnreadableFile(f"{file}: cannot be read ({error.strerror})") from error
    with content:
        try:
            yield content
        except UnreadableFile as error:
            raise UnreadableFile(f"{file}: {error}") from error


def _expected(content: BinaryIO, rows: int) -> int | None:
    """About how many rows there will be, told by how far the file is read."""
    try:
        size, place = os.fstat(content.fileno()).st_size, content.tell()
    except (OSError, ValueError):  # no file: what was piped in
        return None
    return max(rows, rows * size // place) if place else None


def _beside(file: Path) -> Path:
    """Where the report goes that nobody asked for but that became too long for the terminal."""
    return Path("import.report.csv") if str(file) == "-" else file.with_name(f"{file.name}.report.csv")


def _introduce(columns: Columns) -> None:
    if columns.is_history:
        err.print(
            "This is a history: its refusals are taken over, and nobody comes onto a list by it."
            " Readers come from a file made by `publisher subscribers export` without --history."
        )
        return
    if columns.service:
        err.print(f"Read as an export of {columns.service}.")
    if columns.ignored:
        shown = ", ".join(name[:40] for name in columns.ignored[:12])
        err.print(f"Columns that are not kept: {shown}{' …' if len(columns.ignored) > 12 else ''}", markup=False)


def _tell(result: Enrolled, findings: Findings, written: Path | None, *, dry_run: bool) -> None:
    for line in findings.lines():
        err.print(line, markup=False)
    would = "would be " if dry_run else ""
    out.print(
        f"{result.accepted} {would}accepted, {result.unchanged} on the list already, {result.kept} on it in other"
        f" languages, {counted(result.refusals, 'refusal', 'refusals')} {would}taken over,"
        f" {result.rejected} rejected, {result.duplicates} twice in the file"
    )
    if result.pending:
        err.print(
            f"{result.pending} of the accepted {'would wait' if dry_run else 'wait'} as pending, for no date of their"
            " consent is told: a column consented_at, or --consent TEXT with --consented-at DAY, gives it."
            f" `publisher subscribers review` shows them. After {CONFIRM_WITHIN.days} days without one they are off the"
            f" list again, and after {FORGET_AFTER.days} days forgotten."
        )
    if written:
        err.print(f"All of it, row by row: {written}", markup=False)


# ── Out ──────────────────────────────────────────────────────────────────────


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--list", "list_name", help="Only of this list.")
@click.option("--status", type=STATES, help="Only in this state.")
@click.option("--history", is_flag=True, help="All that they agreed to and refused, instead of what holds now.")
@as_json
@house
async def export_file(
    app: App, file: Path, list_name: str | None, status: str | None, history: bool, as_json: bool
) -> None:
    """Write the readers to a CSV file that Excel opens and an import takes back. Who did it is written down."""
    if list_name:
        app.mailing_list(list_name)
    if history and status:
        raise click.UsageError("--history is of all states; leave --status out")
    if as_json and str(file) == "-":
        raise click.UsageError("--json and the file cannot both go to standard output; name a FILE")
    zone = ZoneInfo(app.site.timezone)
    if history:
        rows, header = leaving.history(app.db, list_name=list_name, zone=zone), leaving.HISTORY
    else:
        rows, header = leaving.readers(app.db, list_name=list_name, status=status, zone=zone), leaving.COLUMNS
    with _target(file) as target, progress("Writing the file", quiet=as_json) as bar:
        count = await _write(target, header, rows, bar)
        # Before the file has its name: nobody has it without a record.
        await note_access(app, "export", span_of(list_name, "history" if history else status), count)
    if as_json:
        say_json({"file": str(file), "rows": count, "history": history, "list": list_name, "status": status})
        return
    err.print(f"{count} rows with full addresses: {file}", markup=False)
    err.print("Keep it where only those who need it can read it, and delete it when it has served.")


async def _write(
    target: IO[str], header: Sequence[str], rows: AsyncIterator[Sequence[str]], bar: Callable[[int, int | None], None]
) -> int:
    target.writelines(lines([header]))
    count = 0
    async for row in rows:
        target.writelines(lines([row]))
        count += 1
        if count % 1_000 == 0:
            bar(count, None)
    return count


@contextmanager
def _target(file: Path) -> Iterator[IO[str]]:
    """The file under another name till it is whole, readable by its owner only."""
    if str(file) == "-":
        yield sys.stdout
        return
    # NamedTemporaryFile makes it 0600.
    with NamedTemporaryFile(
        "w", encoding="utf-8-sig", newline="", dir=file.parent, prefix=f".{file.name}.", delete=False
    ) as target:
        try:
            yield target
        except BaseException:
            Path(target.name).unlink(missing_ok=True)
            raise
    Path(target.name).replace(file)
