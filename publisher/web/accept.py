"""Which of the site's languages a browser asks for (RFC 9110 section 12.5.4)."""

import re
from collections.abc import Iterator, Sequence

from publisher.model import Language

_RANGE = re.compile(
    r"\s*(\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?\s*"
)
_MOST_RANGES = 40


def preferred(header: str, languages: Sequence[Language]) -> Language:
    """
    The best of `languages`, of which the first is the site's own.

    `en-GB` asks for `en` as well. What cannot be read counts as not said.
    """
    wishes = sorted(_wishes(header), key=lambda wish: -wish[1])
    for tag, quality in wishes:
        if quality and (found := _match(tag, languages)):
            return found
    return languages[0]


def _wishes(header: str) -> Iterator[tuple[str, float]]:
    for part in header.split(",")[:_MOST_RANGES]:
        if told := _RANGE.fullmatch(part):
            yield told[1].lower(), float(told[2]) if told[2] else 1.0


def _match(tag: str, languages: Sequence[Language]) -> Language | None:
    if tag == "*":
        return languages[0]
    return next((language for language in languages if tag == language or tag.startswith(f"{language}-")), None)
