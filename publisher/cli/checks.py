"""What `check` looks at: each finding says what is so, whether that is right, and what to do."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from publisher.app import App, open_app
from publisher.archive.cures import cure_of
from publisher.cli.shapes import counted
from publisher.config import find
from publisher.delivery.smtp import SmtpTransport
from publisher.delivery.transport import Unreachable
from publisher.digest.rehearsal import rehearse, strangers
from publisher.digest.single import write_letter
from publisher.errors import ConfigError, PublisherError, SourceError, TemplateError, TransportError
from publisher.flows.alarm import EXAMPLE as ALARM
from publisher.flows.ask import EXAMPLES as ASKING
from publisher.flows.classify import missing_of
from publisher.flows.gaps import spent_in
from publisher.flows.notify import EXAMPLE as NOTICE
from publisher.model import Classification, DeliveryKind, Facts
from publisher.store import audience


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
    DeliveryKind.NOTICE: NOTICE,
    DeliveryKind.RECONFIRM: NOTICE,
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
    profile = app.config.delivery.smtp
    if profile is None:
        return [
            Finding(
                subject="mail",
                level=Level.REMARK,
                message=f"no SMTP server is configured; letters go to {app.mailbox}",
                cure="delivery.smtp.host names one",
            )
        ]
    transport = SmtpTransport(profile)
    try:
        answer = await transport.greet()
    except TransportError as error:
        return [Finding(subject="mail", level=Level.WRONG, message=str(error))]
    finally:
        await transport.close()
    if isinstance(answer, Unreachable):
        return [Finding(subject="mail", level=Level.WRONG, message=answer.reason, cure="letters wait until it answers")]
    return [Finding(subject="mail", level=Level.GOOD, message=f"{profile.host}:{profile.port} lets us in")]
