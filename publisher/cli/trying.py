"""`archives try`: what an address is and what `config.yaml` needs for it. Works without any configuration."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import click

from publisher.archive.cures import cure_of
from publisher.archive.sighting import Sighting
from publisher.cli.frame import Failed, as_json, err, out, say_json
from publisher.cli.logs import log_quietly
from publisher.cli.together import until_signal
from publisher.errors import SourceError
from publisher.flows.trial import Trial, config_lines, look_at
from publisher.model import SourceItem
from publisher.net import Fetcher

_CALLED = {
    "gnuboard": "a board of Gnuboard 5",
    "gnuboard6": "a board of Gnuboard 6",
    "wordpress": "a WordPress site",
    "rss": "a feed (RSS, Atom or JSON Feed)",
    "folder": "a folder of documents",
    "html": "a list that selectors can read",
}


@click.command("try")
@click.argument("address", metavar="URL")
@click.option("--allow", multiple=True, metavar="HOST:PORT", help="A private address that may be fetched.")
@as_json
def try_address(address: str, allow: tuple[str, ...], as_json: bool) -> None:
    """Say what an address (or a folder) is, what would be read there, and what config.yaml needs for it."""
    log_quietly()
    if not asyncio.run(until_signal(_look(address, allow, as_json))):
        raise Failed("stopped before it was done; nothing was written")


async def _look(address: str, allow: tuple[str, ...], as_json: bool) -> None:
    try:
        async with Fetcher(allow=[one.lower() for one in allow]) as fetcher:
            trial = await look_at(address, fetcher, lambda: datetime.now(UTC))
    except SourceError as error:
        cure = cure_of(error.reason)
        if as_json:
            failure = {"reason": error.reason, "detail": str(error), "cure": cure}
            say_json({**_shape(address, Trial(), allow), "failure": failure})
        if error.reason == "not allowed":
            cure += " Here: `--allow HOST:PORT`."
        raise Failed(f"{error} ({error.reason})\nWhat to do: {cure}") from error
    if as_json:
        say_json(_shape(address, trial, allow))
    else:
        _tell(address, trial, allow)


def _shape(address: str, trial: Trial, allow: tuple[str, ...]) -> dict[str, Any]:
    found = trial.sighting
    return {
        "address": address,
        "kind": found.kind if found else None,
        "url": (found.url or None) if found else None,
        "title": (found.title or None) if found else None,
        "also": [{"kind": one.kind, "url": one.url, "title": one.title or None} for one in trial.also],
        "entries": [_entry(item) for item in trial.items],
        "skipped": [{"source_key": one.source_key, "url": one.url, "reason": one.reason} for one in trial.skipped],
        "remarks": [{"code": one.code, "detail": one.detail} for one in trial.remarks],
        "config": config_lines(found, allow) if found else None,
        "failure": None,
    }


def _entry(item: SourceItem) -> dict[str, Any]:
    return {
        "source_key": item.source_key,
        "url": item.url,
        "title": item.title,
        "author": item.author,
        "published_at": item.published_at,
        "language": item.language,
        "is_notice": item.is_notice,
        "attachments": [
            {"name": file.name, "url": file.url, "size": file.size, "type": file.type} for file in item.attachments
        ],
    }


def _tell(address: str, trial: Trial, allow: tuple[str, ...]) -> None:
    found = trial.sighting
    if found is None:
        out.print(f"{address} leads to {len(trial.also)} archives; try the one that you mean:", markup=False)
        _tell_also(trial.also, allow)
        return
    place = found.url or found.settings.get("path", "")
    titled = f": {found.title}" if found.title else ""
    out.print(f"{place} is {_CALLED.get(found.kind, found.kind)} (kind: {found.kind}){titled}", markup=False)
    _tell_entries(trial)
    out.print("\nFor config.yaml, below `archives:`\n", markup=False)
    out.print(config_lines(found, allow), markup=False)
    if trial.also:
        out.print("\nAlso there:", markup=False)
        _tell_also(trial.also, allow)


def _tell_entries(trial: Trial) -> None:
    if not trial.items:
        out.print("\nNothing here can be read yet:" if trial.skipped else "\nIt holds nothing yet.", markup=False)
    elif trial.items:
        out.print(f"\nThe newest {len(trial.items)} as they would be read:\n", markup=False)
    for item in trial.items:
        dated = f"{item.published_at:%Y-%m-%d %H:%M %Z}" if item.published_at else "no date"
        files = f"{len(item.attachments)} attached" if item.attachments else ""
        notice = "notice" if item.is_notice else ""
        beside = ", ".join(filter(None, (item.author, files, notice)))
        out.print(f"  {dated:20}  {item.language:5}  {item.title}{f'  ({beside})' if beside else ''}", markup=False)
    for one in trial.skipped:
        out.print(f"  passed over: {one.url} ({one.reason})", markup=False)
    for remark in trial.remarks:
        err.print(f"{remark.code}: {remark.detail}", markup=False)


def _tell_also(sightings: tuple[Sighting, ...], allow: tuple[str, ...]) -> None:
    allowed = "".join(f" --allow {one}" for one in allow)
    for one in sightings:
        title = f"  ({one.title})" if one.title else ""
        out.print(f"  publisher archives try '{one.url}'{allowed}{title}", markup=False)
