"""Rows to CSV, formulas made harmless; and the apostrophe of it known again when the file comes back."""

import re
from collections.abc import Iterable, Iterator, Sequence

# A spreadsheet runs a cell that begins so (full-width signs too, in East Asian versions). An apostrophe makes it text.
_FORMULA = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")
_TAMED = re.compile(r"^'(?='*(?:[\t\r\n]|\s*[=+\-@＝＋－＠]))")
_NEEDS_QUOTES = re.compile(r'[,;"\x00-\x1f\ufeff]|^(?:\s*[<%{]|sep=)')


def write(table: Iterable[Sequence[str]]) -> str:
    """
    Rows as CSV with commas, formulas made harmless by an apostrophe; reading gives them back the same.

    Encode it as `utf-8-sig`: Excel takes it for CP949 otherwise.
    """
    return "".join(lines(table))


def lines(table: Iterable[Sequence[str]]) -> Iterator[str]:
    """The same line by line, for tables that do not fit into memory."""
    for cells in table:
        yield ",".join(_written(cell) for cell in cells) + "\r\n"


def untamed(cell: str) -> str:
    """A cell without the apostrophe that `write` put before a formula."""
    return _TAMED.sub("", cell) if cell.startswith("'") else cell


def _written(cell: str) -> str:
    tame = f"'{cell}" if _FORMULA.match(cell) else cell
    return '"' + tame.replace('"', '""') + '"' if _NEEDS_QUOTES.search(tame) else tame
