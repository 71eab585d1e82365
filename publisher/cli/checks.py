"""What `check` looks at: each finding says what is so, whether that is right, and what to do."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from click.exceptions import Exit

from publisher.app import App, open_app
from publisher.archive.cures import cure_of
from publisher.cli.frame import out, say_json
from publisher.cli.shapes import counted
from publisher.config import find
from publisher.delivery.keyring import is_private, key_files
from publisher.delivery.policy import DEFAULT_ROAD
from publisher.delivery.transport import Unreachable
from publisher.digest.rehearsal import rehearse, strangers
from publisher.digest.single import write_letter
from publisher.errors import ConfigError, MailboxError, PublisherError, SourceError, TemplateError, TransportError
from publisher.flows import notify
from publisher.flows.alarm import EXAMPLE as ALARM
from publisher.flows.ask import EXAMPLES as ASKING
from publisher.flows.classify import missing_of
from publisher.flows.gaps import spent_in
from publisher.flows.sender import look_at_house
from publisher.flows.shares import standing_of
from publisher.model import Classification, DeliveryKind, Facts
from publisher.preflight import Colour
from publisher.store import audience, roads


class Level(StrEnum):
    GOOD = "ok"
    REMARK = "note"
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at. `cure` says what to do, '' when nothing is to be done."""

    subject: str
    level: Level
    message: str
    cure: str = ""


def tell(found: Sequence[Finding], *, as_json: bool) -> None:
    """Say what was found; ends with exit code 1 where something is wrong."""
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


async def checks(config: str | None, environ: Mapping[str, str] = os.environ) -> list[Finding]:
    """Everything that can be looked at; what cannot be opened ends the list early."""
    try:
        path = find(config, environ)
        async with open_app(path, environ) as app:
            return [
                *_configuration(app, path),
                *await _archives(app),
                *_templates(app),
                *await _lists(app),
                *_asking(app),
                *await _translation(app),
                *await _mail(app),
                *signing(app),
                *await _outside(app),
                *await _mailboxes(app),
            ]
    except ConfigError as error:
        return [Finding(subject="configuration", level=Level.WRONG, message=str(one)) for one in error.problems]
    except PublisherError as error:
        return [Finding(subject="store", level=Level.WRONG, message=str(error))]


def _configuration(app: App, path: Path) -> list[Finding]:
    found = [Finding(subject="configuration", level=Level.GOOD, message=str(path))]
    found += [
        Finding(subject="configuration", level=Level.REMARK, message=str(remark)) for remark in app.config.remarks
    ]
    found.append(Finding(subject="store", level=Level.GOOD, message="opens, and has this version's tables"))
    return found + _sender(app)


def _sender(app: App) -> list[Finding]:
    """What the law wants of the sender: red where a list is advertising, a remark otherwise."""
    advertises = any(one.classification is Classification.ADVERTISING for one in app.config.lists.values())
    return [
        Finding(
            subject="sender",
            level=Level.WRONG if advertises else Level.REMARK,
            message=f"{key} is empty",
            cure="advertising may not go out without it (Korean Network Act art. 50); put it in",
        )
        for key in missing_of(app.site.sender)
    ]


async def _archives(app: App) -> list[Finding]:
    """Each archive is asked for something now: how the last reading went may be long ago."""
    found = []
    for name in app.config.archives:
        try:
            await app.probe(name)
        except SourceError as error:
            cure = cure_of(error.reason)
            found.append(Finding(subject=f"archive {name}", level=Level.WRONG, message=str(error), cure=cure))
        else:
            found.append(Finding(subject=f"archive {name}", level=Level.GOOD, message="can be read"))
    return found


def _templates(app: App) -> list[Finding]:
    """Editions that strain every design, and a letter of each other kind: what is broken is found before it matters."""
    errors = [rehearse(one, app.site, app.config.templates) for one in app.config.lists.values()]
    errors += [_written(app, kind, facts) for kind, facts in _TOLD.items()]
    broken = dict.fromkeys(str(error) for error in errors if error)
    found = [
        Finding(
            subject="templates",
            level=Level.WRONG,
            message=message,
            cure="mend or remove that file; no letter that needs it goes out before",
        )
        for message in broken
    ] or [Finding(subject="templates", level=Level.GOOD, message="every letter can be made")]
    found += [
        Finding(
            subject="templates",
            level=Level.REMARK,
            message=f"{app.config.templates / file} takes the place of no template of ours",
            cure="look at its name, or remove it",
        )
        for file in strangers(app.config.templates)
    ]
    return found


_TOLD: Mapping[DeliveryKind, Facts] = {
    DeliveryKind.ALARM: ALARM,
    **notify.EXAMPLES,
    **ASKING,
}


def _written(app: App, kind: DeliveryKind, facts: Facts) -> TemplateError | None:
    try:
        write_letter(kind, facts, "+".join(app.site.languages[:2]), app.site, app.config.templates)
    except TemplateError as error:
        return error
    return None


async def _lists(app: App) -> list[Finding]:
    found = []
    async with app.db.read() as tx:
        for name, mailing_list in app.config.lists.items():
            count = sum((await audience.reachable(tx, name, mailing_list.classification, now=app.now())).values())
            found.append(
                Finding(
                    subject=f"list {name}",
                    level=Level.GOOD if count else Level.REMARK,
                    message=counted(count, "reader", "readers"),
                    cure="" if count else f"publisher subscribers add ADDRESS --list {name}",
                )
            )
    return found


async def _translation(app: App) -> list[Finding]:
    """What is configured, and what it has cost; the service is not asked, since that may cost again."""
    policy = app.config.translate
    if policy.service is None:
        return []
    async with app.bureau() as bureau:
        left = max(policy.budget - await spent_in(bureau), 0)
    names = counted(len(policy.glossary.names), "name", "names")
    return [
        Finding(
            subject="translation",
            level=Level.GOOD if left else Level.REMARK,
            message=f"{policy.service}; {left:,} of {policy.budget:,} characters are left this month; "
            f"{names} in the glossary",
            cure="" if left else "raise translate.budget, or wait for the next month",
        )
    ]


def _asking(app: App) -> list[Finding]:
    """Whether the subscription page may be shown (Personal Information Protection Act art. 15)."""
    return [
        Finding(
            subject="subscription page",
            level=Level.WRONG,
            message=f"subscribers.consent.{key} is empty: nobody can subscribe by the page",
            cure="put it in, or take the key out for our own words",
        )
        for key in app.unpublished
    ]


async def _mail(app: App) -> list[Finding]:
    if not app.config.delivery.roads:
        return [
            Finding(
                subject="mail",
                level=Level.REMARK,
                message=f"no SMTP server is configured; letters go to {app.mailbox}",
                cure="delivery.smtp.host names one",
            )
        ]
    return [await _road(app, name) for name in app.config.delivery.roads]


async def _road(app: App, name: str) -> Finding:
    profile, subject = app.config.delivery.roads[name], "mail" if name == DEFAULT_ROAD else f"mail {name}"
    transport = app.smtp_road(name)
    try:
        answer = await transport.greet()
    except TransportError as error:
        return Finding(subject=subject, level=Level.WRONG, message=str(error))
    finally:
        await transport.close()
    if isinstance(answer, Unreachable):
        return Finding(subject=subject, level=Level.WRONG, message=answer.reason, cure="letters wait until it answers")
    async with app.db.read() as tx:
        rest = (await roads.resting(tx)).get(name)
    message = f"{profile.host}:{profile.port} lets us in"
    if rest and standing_of(rest).is_resting(app.now()):
        return Finding(
            subject=subject,
            level=Level.REMARK,
            message=f"{message}, and rests until {app.local(rest.until)}: {rest.reason}",
            cure=f"publisher profiles resume {name}",
        )
    pace = "".join(
        f", {one} a {what}" for one, what in ((profile.per_second, "second"), (profile.per_day, "day")) if one
    )
    return Finding(subject=subject, level=Level.GOOD, message=f"{message}{pace}")


_LEVELS = {Colour.GREEN: Level.GOOD, Colour.YELLOW: Level.REMARK, Colour.RED: Level.WRONG}


async def _outside(app: App) -> list[Finding]:
    """What preflight says of the site and the sender's domain, without an edition."""
    return [
        Finding(
            subject=f"{found.check} {found.where}",
            level=_LEVELS[found.colour],
            message=found.said("en"),
            cure=found.advice("en"),
        )
        for found in (await look_at_house(app.db, app.inspector)).findings
    ]


def signing(app: App) -> list[Finding]:
    """Whether letters are signed, with keys that nobody else has, for the domain that they come from."""
    try:
        keys = app.signing_keys()
    except TransportError as error:
        return [Finding(subject="signing", level=Level.WRONG, message=str(error))]
    if not keys:
        cure = "`publisher dkim` makes keys, unless your provider signs what it carries"
        return [Finding(subject="signing", level=Level.REMARK, message="letters are not signed here", cure=cure)]
    names = " and ".join(key.selector for key in keys)
    message = f"letters are signed for {keys[0].domain} by {names}"
    found = [Finding(subject="signing", level=Level.GOOD, message=message)]
    if not _are_aligned(keys[0].domain, app.sender_domain):
        message = f"letters come from {app.sender_domain}, but are signed for {keys[0].domain}: for DMARC nobody signs"
        cure = f"delivery.dkim.domain: {app.sender_domain}"
        found.append(Finding(subject="signing", level=Level.WRONG, message=message, cure=cure))
    for file in key_files(app.config.delivery.dkim, app.signing_folder).values():
        if not is_private(file):
            message = f"{file} can be read by others"
            found.append(Finding(subject="signing", level=Level.REMARK, message=message, cure=f"chmod 600 {file}"))
    return found


def _are_aligned(signed: str, sender: str) -> bool:
    """One is the other or lies below it: enough for DMARC's relaxed alignment (RFC 7489 section 3.1.1)."""
    return signed == sender or sender.endswith(f".{signed}") or signed.endswith(f".{sender}")


async def _mailboxes(app: App) -> list[Finding]:
    """Each mailbox of bounces is opened now, and nothing in it read."""
    found = []
    for name, open_mailbox in app.mailboxes.items():
        try:
            mailbox = await asyncio.to_thread(open_mailbox)
        except MailboxError as error:
            found.append(Finding(subject=f"bounces {name}", level=Level.WRONG, message=str(error)))
        else:
            await asyncio.to_thread(mailbox.close)
            found.append(Finding(subject=f"bounces {name}", level=Level.GOOD, message="can be opened"))
    return found
