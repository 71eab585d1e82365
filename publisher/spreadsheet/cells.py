"""What a cell of a workbook shows: numbers are numbers, but days are written as days."""

import re
from datetime import datetime, timedelta

from publisher.spreadsheet.package import Reader

# Formats that Excel knows by number (ECMA-376 part 1, 18.8.30); 27-36 and 50-58 are days in East Asian versions.
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_NO_DATE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')  # quoted text, colours and spaces of a format
_MAX_STYLES = 100_000


class DateStyles(Reader):
    """`styles.xml`: which styles show a number as a day."""

    def __init__(self, *, is_1904: bool) -> None:
        self.is_1904 = is_1904
        self._date_formats = set(_DATE_FORMATS)
        self._styles: list[bool] = []
        self._in_cells = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            self._learn(attributes.get("numFmtId", ""), attributes.get("formatCode", ""))
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells and len(self._styles) < _MAX_STYLES:
            self._styles.append(_number(attributes.get("numFmtId", "")) in self._date_formats)

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False

    def _learn(self, number: str, code: str) -> None:
        if re.search(r"[ymdhs]", _NO_DATE.sub("", code.casefold())) and len(self._date_formats) < _MAX_STYLES:
            self._date_formats.add(_number(number))

    def is_date(self, style: str) -> bool:
        number = _number(style)
        return 0 <= number < len(self._styles) and self._styles[number]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else -1


def as_text(written: str, kind: str, is_date: bool, *, is_1904: bool) -> str:
    """What stands in the file (`kind` is the cell's `t`) as a person would type it."""
    match kind:
        case "b":
            return "TRUE" if written == "1" else "FALSE"
        case "n" if written:
            return _plain(written, is_date, is_1904)
        case _:  # text, an error such as #N/A, or an ISO date
            return written


def _plain(written: str, is_date: bool, is_1904: bool) -> str:
    try:
        value = float(written)
    except ValueError:
        return written
    if is_date and 0 <= value < 2_958_466:  # the day after 9999-12-31
        return _day(value, is_1904)
    return f"{value:.15g}" if value == value and abs(value) < 1e300 else written


def _day(value: float, is_1904: bool) -> str:
    # Excel counts a 29 February 1900 that never was; before it, days begin one later.
    first = datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30 if value >= 60 else 31)  # noqa: DTZ001 - a wall time
    try:
        moment = first + timedelta(seconds=round(value * 86_400))
    except OverflowError:
        return f"{value:.15g}"
    return moment.date().isoformat() if moment.time() == datetime.min.time() else moment.isoformat()
