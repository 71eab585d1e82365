"""What a table is made of, whatever file it came in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_CELL = 10_000  # characters
MAX_ROW = 100_000


@dataclass(frozen=True, kw_only=True)
class Row:
    """`line` is the line of the file, or the row of the sheet (from 1), on which the row begins."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """
    A table. `rows()` begins anew each time it is called, blank rows left out.

    `plain()` gives the lines of a text as they stand, unseparated, for text that
    is no table; a workbook has none. `name` is empty for a file that is one table.
    """

    name: str
    rows: Callable[[], Iterator[Row]]
    plain: Callable[[], Iterator[Row]]
