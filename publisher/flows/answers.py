"""
What a person answers for: findings that are taken for good, by name and with a reason.

A word on a finding makes it one step milder: red is then asked about, yellow is
in order. Why so: `docs/decisions/0018-what-an-operator-answers-for.md`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from publisher.errors import NotAllowed
from publisher.preflight.finding import Colour, Finding
from publisher.store import acceptances
from publisher.store.acceptances import Acceptance
from publisher.store.database import Tx

log = structlog.get_logger()

_NEVER = frozenset({"parts", "headers", "lines", "way-out", "class"})  # the letter would be broken, or unlawful
_MILDER = {Colour.RED: Colour.YELLOW, Colour.YELLOW: Colour.GREEN, Colour.GREEN: Colour.GREEN}


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """Findings as they weigh, and those among them on which somebody gave their word."""

    findings: Sequence[Finding]
    accepted: Sequence[tuple[Finding, Acceptance]]


async def weigh(tx: Tx, findings: Sequence[Finding], letters: str = "") -> Weighed:
    """The findings with what was accepted of them; `letters` is the content hash that those about letters are of."""
    known = await acceptances.about(tx, {_subject(finding, letters) for finding in findings})
    weighed, accepted = [], []
    for finding in findings:
        word = known.get((finding.check, _subject(finding, letters)))
        if word and finding.colour is not Colour.GREEN and finding.check not in _NEVER:
            finding = replace(finding, colour=_MILDER[finding.colour])
            accepted.append((finding, word))
        weighed.append(finding)
    return Weighed(findings=weighed, accepted=accepted)


async def accept(
    tx: Tx, findings: Iterable[Finding], check: str, *, letters: str, who: str, why: str, now: datetime
) -> Sequence[Finding]:
    """
    Take for good what a check says: of these very letters, or of the domain or address that it judges.

    Raises NotAllowed where the check says nothing, or where a letter would be broken or unlawful.
    """
    found = [finding for finding in findings if finding.check == check and finding.colour is not Colour.GREEN]
    if not found:
        raise NotAllowed(f"the check '{check}' has nothing to accept; what it said stands in `publisher preflight`")
    if check in _NEVER:
        raise NotAllowed(f"what the check '{check}' says cannot be accepted: the letter would be broken or unlawful")
    for finding in found:
        subject = _subject(finding, letters)
        await acceptances.record(tx, Acceptance(check=check, subject=subject, who=who, why=why, at=now))
    log.info("finding accepted", check=check, who=who)
    return found


def _subject(finding: Finding, letters: str) -> str:
    """What a word on a finding holds for: a domain while it is no worse, or one sentence on these very letters."""
    return f"{finding.subject} {finding.colour}" if finding.subject else f"{letters} {finding.said('en')}"
