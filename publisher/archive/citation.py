"""
Where a piece first appeared: outlet, the outlet's date, the address there.

Boards of this kind open a post with one line such as
`"제목" (매체, 2025.04.18)`, typed by hand and so in many shapes. The address
of the original is the first one after it that leads away from the board.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from publisher.archive.weblinks import find_addresses, first_outside, without_addresses
from publisher.model import Citation

_LINES_TO_TRY = 4
_OLDEST = date(1945, 1, 1)
_DATED_AHEAD = timedelta(days=45)  # a monthly is dated ahead; a slip of the year (2052) is not believed

_NAMES_OF_MONTHS = (
    ("january", "jan"),
    ("february", "feb"),
    ("march", "mar"),
    ("april", "apr"),
    ("may",),
    ("june", "jun"),
    ("july", "jul"),
    ("august", "aug"),
    ("september", "sept", "sep"),
    ("october", "oct"),
    ("november", "nov"),
    ("december", "dec"),
)
_MONTHS = {name: number for number, names in enumerate(_NAMES_OF_MONTHS, start=1) for name in names}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = (
    r"(?:(?P<y>(?:[12]\d|')?\d{2})\s?[.\-/년]\s?(?P<m>\d{1,2})\s?[.\-/월]\s?(?P<d>\d{1,2})(?:\s?일자?|\.)?"
    rf"|(?P<month>{_MONTH})\.?\s(?P<md>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<my>[12]\d{{3}})"
    rf"|(?P<dd>\d{{1,2}})\s(?P<dmonth>{_MONTH})\.?,?\s(?P<dy>[12]\d{{3}}))"
)
_SHAPES = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
        rf"[(（]\s?(?P<outlet>[^()（）]{{1,60}}?)\s?[,，·]?\s?(?<!\d){_DATE}(?:[,，]?\s?[^()（）]{{0,20}})?[)）][.]?$",
        rf"[\[【](?P<outlet>[^\[\]【】]{{1,60}}?)\s?[,，·]?\s(?<!\d){_DATE}[\]】]$",
        rf"^[\[【](?P<outlet>[^\[\]【】]{{1,40}})[\]】].*?(?<!\d){_DATE}$",
        rf"^[<〈《](?P<outlet>[^<>〈〉《》]{{1,40}})[>〉》]\s?{_DATE}(?:\s?\d{{1,3}}면)?$",
        rf"[『《](?P<outlet>[^『』《》]{{1,40}})[』》]\s?[,，]\s?{_DATE}$",
    )
)
_IN_BRACKETS = _SHAPES[:2]
_NOT_AN_OUTLET = frozenset(
    {"칼럼", "기고", "특별기고", "보론", "공지", "안내", "논평", "사설", "인터뷰", "성명", "발표문", "보도자료"}
    | {"column", "op-ed", "interview", "notice"}
)
_MAX_LINE = 400


def read_citation(
    lines: Sequence[str], title: str, links: Iterable[str], *, posted: date, own_hosts: Collection[str]
) -> tuple[Citation, int | None]:
    """
    The citation of a piece, and the number of the line that holds it.

    `lines` are the body's, with the addresses of its links spelled out. A date
    that cannot be the outlet's (later than the post by weeks, or not a day at
    all) is left open, never guessed.
    """
    place, named = _find(lines, title, posted)
    addresses = _after(lines, place) if named or _is_bare_address(lines) else []
    url = first_outside(addresses, own_hosts) or first_outside(links, own_hosts)
    outlet, day = named or (None, None)
    return Citation(outlet=outlet, date=day, url=url), place


def without_citation(line: str) -> str:
    """`"제목" (매체, 2025.04.18)` → `"제목"`; a line without one is returned as it is."""
    if len(line) > _MAX_LINE:
        return line
    for shape in _IN_BRACKETS:
        line = shape.sub("", line).strip()
    return line


def _find(lines: Sequence[str], title: str, posted: date) -> tuple[int | None, tuple[str, date | None] | None]:
    spoken = [(number, line) for number, line in enumerate(lines) if line.strip()]
    for number, line in spoken[:_LINES_TO_TRY]:
        if named := _named_in(line, posted):
            return number, named
    return None, _named_in(title, posted)


def _named_in(line: str, posted: date) -> tuple[str, date | None] | None:
    bare = " ".join(without_addresses(line).split())
    if len(bare) > _MAX_LINE:
        return None
    for shape in _SHAPES:
        match = shape.search(bare)
        outlet = match["outlet"].strip(" ,，·") if match else ""
        if match and outlet and outlet.lower() not in _NOT_AN_OUTLET:
            return outlet, _day(match, posted)
    return None


def _day(match: re.Match[str], posted: date) -> date | None:
    if match["y"]:
        typed = match["y"].lstrip("'")
        year, month, day = typed if len(typed) == 4 else f"20{typed}", int(match["m"]), match["d"]
    elif match["month"]:
        year, month, day = match["my"], _MONTHS[match["month"].lower()], match["md"]
    else:
        year, month, day = match["dy"], _MONTHS[match["dmonth"].lower()], match["dd"]
    try:
        cited = date(int(year), month, int(day))
    except ValueError:
        return None
    return cited if _OLDEST <= cited <= posted + _DATED_AHEAD else None


def _after(lines: Sequence[str], place: int | None) -> list[str]:
    return [found.address for line in lines[place or 0 :] for found in find_addresses(line)]


def _is_bare_address(lines: Sequence[str]) -> bool:
    """Whether the post opens with nothing but an address: then that is the original."""
    first = next((line for line in lines if line.strip()), "")
    return bool(find_addresses(first)) and not without_addresses(first).strip()
