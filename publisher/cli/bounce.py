"""`bounce`: what came back, by hand."""

import re
import sys
from pathlib import Path
from typing import Any

import click
from click.exceptions import Exit

from publisher.app import App
from publisher.cli.frame import as_json, err, house, out, say_json
from publisher.cli.shapes import counted
from publisher.delivery.bounces.mail import LARGEST
from publisher.delivery.bounces.reading import read
from publisher.delivery.bounces.returned import Returned
from publisher.errors import UnreadableFile
from publisher.flows.collect import Collected
from publisher.flows.feedback import Heard, hear, hear_refusals

_HEADER = re.compile(rb"[!-9;-~]+[ \t]*:")  # RFC 5322, section 2.2


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@as_json
@house
async def bounce(app: App, file: Path | None, as_json: bool) -> None:
    """
    Read one mail that came back, `-` from what is piped in; without FILE, the mailboxes that are configured.

    What follows from it is done: an address that is dead is not written to any more.
    """
    if file is None:
        await _collect(app, as_json)
        return
    returned = read(_beginning(file))
    async with app.db.begin() as tx:
        heard = await hear(tx, returned, app.reception, means="file", now=app.now())
    if as_json:
        say_json(_shape(returned, heard))
        return
    out.print(_what(returned, heard), markup=False)
    for one in returned.failures:
        parts = (one.recipient or "no address named", one.action, one.status, one.weight, one.said)
        out.print(f"  {': '.join(str(part) for part in parts if part)}", markup=False)
    out.print(f"  {_whose(heard)}; effect: {heard.effect}", markup=False)


def _beginning(file: Path) -> bytes:
    """The mail, or as much of it as is ever looked at. Raises UnreadableFile for what cannot be read, or is no mail."""
    try:
        content = _read(file)
    except OSError as error:
        raise UnreadableFile(f"{file}: cannot be read ({error.strerror})") from error
    if not _is_mail(content):
        raise UnreadableFile(
            f"{file}: is no mail: save what came back with all its headers, as “original message” or .eml"
        )
    return content


def _read(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read(LARGEST)
    with file.open("rb") as opened:
        return opened.read(LARGEST)


def _is_mail(content: bytes) -> bool:
    """Text that begins with header lines; a mailbox's own `From ` line may stand before them."""
    lines = content.lstrip(b"\r\n").splitlines()[:2]
    return b"\0" not in content and any(_HEADER.match(line) for line in lines)


def _shape(returned: Returned, heard: Heard) -> dict[str, Any]:
    return {
        "kind": returned.kind,
        "class": heard.weight or returned.weight,
        "recipients": [
            {
                "address": one.recipient or None,
                "class": one.weight,
                "action": one.action or None,
                "status": one.status or None,
                "said": one.said or None,
            }
            for one in returned.failures
        ],
        "letter": _letter(heard),
        "effect": heard.effect,
    }


def _letter(heard: Heard) -> dict[str, Any] | None:
    letter = heard.letter
    if letter is None:
        return None
    return {"delivery": letter.delivery_id, "kind": letter.kind, "list": letter.list, "number": letter.number}


def _what(returned: Returned, heard: Heard) -> str:
    weight = heard.weight or returned.weight
    return f"{returned.kind}, {weight}" if weight else str(returned.kind)


def _whose(heard: Heard) -> str:
    letter = heard.letter
    if letter is None:
        return "about no letter of this house, so nothing changes"
    name = f"{letter.list} No. {letter.number}" if letter.number else f"a letter ({letter.kind})"
    return f"about {name}, delivery {letter.delivery_id}"


async def _collect(app: App, as_json: bool) -> None:
    refused = await hear_refusals(app.reception, now=app.now())
    read_now = {name: await app.collect(name) for name in app.mailboxes}
    if as_json:
        say_json({"refused": refused, "mailboxes": [_collected(name, one) for name, one in read_now.items()]})
    else:
        out.print(f"{counted(refused, 'letter was', 'letters were')} refused at the door since the last look")
        for name, one in read_now.items():
            mails = counted(one.mails, "mail", "mails")
            out.print(f"{name}: {mails}, {one.known} about letters of this house", markup=False)
        if not read_now:
            err.print(
                "No mailbox is configured: delivery.bounces.imap.host or delivery.bounces.maildir.path names one."
            )
    for one in read_now.values():
        if one.failure:
            err.print(one.failure, markup=False)
    if any(one.failure for one in read_now.values()):
        raise Exit(1)


def _collected(name: str, one: Collected) -> dict[str, Any]:
    return {"name": name, "mails": one.mails, "known": one.known, "ended": one.ended, "failure": one.failure}


COMMANDS = {"bounce": bounce}
