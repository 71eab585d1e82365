"""
What a mailbox said of a test letter: its Authentication-Results header (RFC 8601), as an operator pastes it.

Only the topmost header is read: the operator's own mailbox wrote it last, those
below came with the letter and may say anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from publisher.errors import UnreadableFile
from publisher.i18n import noted
from publisher.preflight.domains import are_aligned
from publisher.preflight.finding import Colour, Finding

LONGEST = 256 * 1024
_HEADER = re.compile(r"^authentication-results:(.*(?:\r?\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE)
_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\s*([a-z]+)\s*=\s*([a-z]+)(.*)", re.IGNORECASE | re.DOTALL)
_PROPERTY = re.compile(r"(header\.(?:d|i|from)|smtp\.(?:mailfrom|mail))\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Result:
    """One method's result, and the domain that it speaks of ('' if the mailbox did not say)."""

    method: str
    result: str
    domain: str


@dataclass(frozen=True, kw_only=True)
class Results:
    """What one mailbox found; `mailbox` is who says so."""

    mailbox: str
    found: tuple[Result, ...]

    def signer(self, author: str) -> str:
        """The domain whose signature held, one that speaks for the author first; '' for none."""
        held = [one.domain for one in self.found if one.method == "dkim" and one.result == "pass" and one.domain]
        return next((domain for domain in held if are_aligned(domain, author)), held[0] if held else "")

    def author(self) -> str:
        """The domain of From as the mailbox read it; '' if it did not say."""
        return next((one.domain for one in self.found if one.method == "dmarc"), "")


def read_results(text: str) -> Results:
    """
    The topmost Authentication-Results in a pasted text: the header alone, or a whole letter's source.

    Raises UnreadableFile where there is none.
    """
    header = _HEADER.search(text[:LONGEST])
    said = _COMMENT.sub(" ", _COMMENT.sub(" ", header[1])) if header else ""
    mailbox, *results = said.split(";")
    found = tuple(result for one in results if (result := _result(one)))
    if not found:
        raise UnreadableFile(
            "there is no Authentication-Results header with results in it;"
            " in Gmail it is under “Show original”, in Naver Mail under “원문 보기”"
        )
    return Results(mailbox=mailbox.split()[0] if mailbox.split() else "?", found=found)


def _result(text: str) -> Result | None:
    read = _RESULT.fullmatch(text)
    if read is None:
        return None
    method = read[1].lower()
    said = {name.lower(): value.rpartition("@")[2].lower() for name, value in _PROPERTY.findall(read[3])}
    order = {
        "dkim": ("header.d", "header.i"),
        "spf": ("smtp.mailfrom", "smtp.mail"),
        "dmarc": ("header.from",),
    }.get(method, ())
    return Result(method=method, result=read[2].lower(), domain=next((said[one] for one in order if one in said), ""))


def results(seen: Results, author: str) -> Iterator[Finding]:
    """What the mailbox saw, as findings about the author's domain."""
    wanted = {"spf": False, "dkim": False, "dmarc": False}
    for one in seen.found:
        if one.method in wanted:
            wanted[one.method] = wanted[one.method] or one.result == "pass"
    for method, has_passed in wanted.items():
        values = {"mailbox": seen.mailbox, "method": method.upper(), "domain": author}
        if has_passed:
            what = noted("%(mailbox)s found %(method)s in order for %(domain)s.")
            yield Finding(check=method, colour=Colour.GREEN, what=what, where=author, subject=author, values=values)
        else:
            yield Finding(
                check=method,
                colour=Colour.YELLOW,
                what=noted("%(mailbox)s did not find %(method)s in order for %(domain)s."),
                cure=noted("Look at what publisher preflight says of the domain, mend it and send another test."),
                where=author,
                subject=author,
                values=values,
            )
