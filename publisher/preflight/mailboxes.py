"""What the mailboxes that most readers have want of a sender (docs/running.md), as far as the other checks tell."""

from collections.abc import Sequence
from dataclasses import replace

from publisher.i18n import noted
from publisher.preflight.finding import Colour, Finding

_WANTED_BY = {
    "Gmail": ("spf", "dkim", "dmarc", "reverse"),
    "Naver": ("spf", "dkim", "dmarc", "reverse"),
    "Daum": ("spf", "reverse"),
}


def mailboxes(found: Sequence[Finding], domain: str) -> Sequence[Finding]:
    """One line for each of them; none where the domain was not asked for."""
    if all(finding.check != "spf" for finding in found):
        return []
    lacking = {finding.check for finding in found if finding.colour is not Colour.GREEN}
    return [
        _mailbox(name, [check for check in checks if check in lacking], domain) for name, checks in _WANTED_BY.items()
    ]


def _mailbox(name: str, lacking: Sequence[str], domain: str) -> Finding:
    line = Finding(
        check=name.lower(),
        colour=Colour.GREEN,
        what=noted("%(mailbox)s gets all that it wants."),
        where=domain,
        subject=domain,
        values={"mailbox": name, "checks": ", ".join(check.upper() for check in lacking)},
    )
    if not lacking:
        return line
    return replace(
        line,
        colour=Colour.YELLOW,
        what=noted("%(mailbox)s wants what is not in order yet: %(checks)s."),
        cure=noted("Mend what stands above, or answer for it; this line follows."),
    )
