"""What a check found: how grave, what, where, and what to do about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from publisher.i18n import catalogue
from publisher.model import Language

_NOTHING: Mapping[str, object] = MappingProxyType({})


class Colour(StrEnum):
    """Red stops a release, yellow asks the operator, green is told only when everything is."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


_GRAVITY = (Colour.GREEN, Colour.YELLOW, Colour.RED)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """
    One judgement.

    `check` is a short lasting name (`links`, `spf`), the same for good and bad.
    `what` and `cure` are sentences of the catalogues, which `values` fill; a
    green finding has no cure. `where` names the language keys, or the domain or
    address that is judged. `subject` is that domain or address once more, or ''
    for what is about these letters alone: it is what an operator's word holds for.
    """

    check: str
    colour: Colour
    what: str
    cure: str = ""
    where: str = ""
    subject: str = ""
    values: Mapping[str, object] = field(default_factory=lambda: _NOTHING)

    def said(self, language: Language) -> str:
        """What is so, in this language."""
        return catalogue(language).gettext(self.what, **self.values)

    def advice(self, language: Language) -> str:
        """What to do, in this language; '' where nothing is to be done."""
        return catalogue(language).gettext(self.cure, **self.values) if self.cure else ""


def united(findings: Iterable[Finding]) -> list[Finding]:
    """Of findings that say the same of several places one that names them all, the order kept."""
    found: dict[object, Finding] = {}
    for finding in findings:
        says = (finding.check, finding.colour, finding.what, finding.subject, tuple(sorted(finding.values.items())))
        before = found.get(says)
        if before and finding.where and finding.where not in before.where.split(", "):
            found[says] = replace(before, where=f"{before.where}, {finding.where}" if before.where else finding.where)
        elif before is None:
            found[says] = finding
    return list(found.values())


def worst(findings: Iterable[Finding]) -> Colour:
    """The gravest colour among these; green for none."""
    return max((finding.colour for finding in findings), key=_GRAVITY.index, default=Colour.GREEN)
