"""`preflight`, and the question before a release."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from click.exceptions import Exit

from publisher.app import App
from publisher.cli.frame import as_json, ask, err, house, may_ask, operator, out, progress, say_json
from publisher.cli.shapes import counted
from publisher.errors import NotAllowed, UnreadableFile
from publisher.flows.answers import accept
from publisher.flows.preflight import Report
from publisher.flows.preflight import preflight as look
from publisher.flows.sender import author_domain, note_signer
from publisher.flows.shares import road_of
from publisher.i18n import available
from publisher.model import Edition, Language, MailingList
from publisher.preflight import Colour, Finding
from publisher.preflight.results import LONGEST, read_results, results
from publisher.store import editions

_MARKS = {Colour.GREEN: "ok    ", Colour.YELLOW: "yellow", Colour.RED: "red   "}


@click.command()
@click.argument("list_name", metavar="LIST")
@click.argument("number", type=int)
@click.option("--in", "language", type=click.Choice(available()), default="en", help="In which language it is told.")
@click.option("--accept", "check", metavar="CHECK", help="Take for good what this check says; wants --why.")
@click.option("--why", help="Why it is accepted, for the record.")
@click.option(
    "--authentication-results",
    "pasted",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    help="The source of a test letter as a mailbox got it (or its header alone); - reads it from the terminal.",
)
@as_json
@house
async def preflight(
    app: App,
    list_name: str,
    number: int,
    language: Language,
    check: str | None,
    why: str | None,
    pasted: Path | None,
    as_json: bool,
) -> None:
    """Look at an edition as it would leave: bytes, links, colours, the names it is sent under."""
    if bool(check) != bool((why or "").strip()):
        raise click.UsageError("--accept CHECK and --why TEXT belong together")
    mailing_list = app.mailing_list(list_name)
    async with app.db.read() as tx:
        edition = await editions.numbered(tx, list_name, number)
    seen = await _hand_in(app, pasted, mailing_list) if pasted else []
    report = await _look(app, edition, mailing_list, quiet=as_json)
    if check and why:
        async with app.db.begin() as tx:
            mark = report.content_hash
            await accept(tx, report.findings, check, letters=mark, who=operator(), why=why.strip(), now=app.now())
        report = await _look(app, edition, mailing_list, quiet=as_json)
    if as_json:
        say_json(_shape(edition, report, seen))
    else:
        _tell(app, report, [*seen, *report.findings], language)
    if report.colour is Colour.RED:
        raise Exit(1)


async def gate(app: App, edition: Edition, mailing_list: MailingList, *, quiet: bool) -> Report:
    """What is not green, told on standard error. Raises NotAllowed where something is red."""
    report = await _look(app, edition, mailing_list, quiet=quiet)
    for finding in (*report.of(Colour.RED), *report.of(Colour.YELLOW)):
        _say(finding, "en", on=err)
    if red := len(report.of(Colour.RED)):
        name = f"{edition.list} {edition.number}"
        raise NotAllowed(
            f"{counted(red, 'check is', 'checks are')} red: it is not released."
            f" `publisher preflight {name}` shows all of it; a check that is wrong: --accept CHECK --why TEXT"
        )
    return report


def ask_about(report: Report, *, yes: bool) -> None:
    """Let a person at a terminal decide on what is yellow; where there is none, it was told and goes on."""
    if report.colour is Colour.YELLOW and not yes and may_ask():
        ask("Release it all the same?")


async def _look(app: App, edition: Edition, mailing_list: MailingList, *, quiet: bool) -> Report:
    with progress("Asking links", quiet=quiet) as tell:
        return await look(app.db, edition, mailing_list, app.inspector, tell, now=app.now())


async def _hand_in(app: App, pasted: Path, mailing_list: MailingList) -> list[Finding]:
    """What a mailbox said of a test letter, kept as far as it is about who signs."""
    with click.open_file(str(pasted), encoding="utf-8", errors="replace") as file:
        text = file.read(LONGEST)
    seen, author = read_results(text), author_domain(app.site)
    if seen.author() and seen.author() != author:
        raise UnreadableFile(f"that letter is from {seen.author()}, and the house writes from {author}")
    road = road_of(mailing_list, app.config.delivery.roads)
    async with app.db.begin() as tx:
        await note_signer(tx, seen, author, road=road, who=operator(), now=app.now())
    return list(results(seen, author))


def _tell(app: App, report: Report, findings: Sequence[Finding], language: Language) -> None:
    for finding in findings:
        _say(finding, language)
    for finding, word in report.accepted:
        out.print(f"        accepted {finding.check}: {word.who}, {app.local(word.at)}: {word.why}", markup=False)
    red, yellow = (len(report.of(colour)) for colour in (Colour.RED, Colour.YELLOW))
    keys = ", ".join(report.keys)
    out.print(f"{keys}: {red} red, {yellow} yellow", markup=False)


def _say(finding: Finding, language: Language, on: Any = out) -> None:
    where = f" [{finding.where}]" if finding.where else ""
    on.print(f"{_MARKS[finding.colour]}  {finding.check}{where}: {finding.said(language)}", markup=False)
    if cure := finding.advice(language):
        on.print(f"        → {cure}", markup=False)


def _shape(edition: Edition, report: Report, seen: Sequence[Finding]) -> dict[str, Any]:
    return {
        "list": edition.list,
        "number": edition.number,
        "verdict": report.colour,
        "languages": report.keys,
        "content_hash": report.content_hash,
        "findings": [shape_of(finding) for finding in (*seen, *report.findings)],
        "accepted": [
            {"check": finding.check, "subject": word.subject, "who": word.who, "why": word.why, "at": word.at}
            for finding, word in report.accepted
        ],
    }


def shape_of(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "colour": finding.colour,
        "where": finding.where or None,
        "what": {language: finding.said(language) for language in available()},
        "cure": {language: finding.advice(language) for language in available()} if finding.cure else None,
    }


COMMANDS = {"preflight": preflight}
