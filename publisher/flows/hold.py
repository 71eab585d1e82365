"""Tell those who run the house that the clock holds an edition: what is red, and what lets it go."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from publisher.flows.operators import tell_operators
from publisher.model import Edition, Facts, Language, Site
from publisher.preflight.finding import Finding
from publisher.store.database import Tx
from publisher.store.keys import all_keys

log = structlog.get_logger()

HELD = "held"


async def tell_held(
    tx: Tx, edition: Edition, red: Sequence[Finding], site: Site, *, occurrence: str, now: datetime
) -> int:
    """Queue one letter for each operator and occurrence, however often this is asked; gives how many."""
    say = log.info if site.operators else log.error
    say("edition held", list=edition.list, number=edition.number, red=len(red), operators=len(site.operators))
    facts: Facts = {
        "trouble": HELD,
        "list": edition.list,
        "number": edition.number,
        "red": [_said(finding, site.languages) for finding in red],
        "failures": len(red),
        "since": now.isoformat(),
        "names": {},
        "detail": "",
        "cure": "",
        "url": "",
    }
    key, *_ = await all_keys(tx)
    return await tell_operators(tx, site, key, cause=f"{HELD} {edition.list} {occurrence}", facts=facts, now=now)


def _said(finding: Finding, languages: Sequence[Language]) -> Facts:
    return {
        "what": {language: finding.said(language) for language in languages},
        "cure": {language: finding.advice(language) for language in languages if finding.cure},
    }
