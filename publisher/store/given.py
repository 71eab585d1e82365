"""
Many values given to one statement, as a single parameter in JSON.

A batch of two hundred rows is one statement then, in which the driver lets other
threads work; as two hundred statements it takes ten times as long.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Subquery, bindparam, func, literal_column, select


def among(column: ColumnElement[int], parameter: str) -> ColumnElement[bool]:
    """Whether a column has one of the values given under a parameter as `listed` writes them."""
    given = func.json_each(bindparam(parameter)).table_valued("value")
    return column.in_(select(given.c.value))


def rows_of(parameter: str, *names: str) -> Subquery:
    """Rows with columns of these names, given likewise."""
    given = func.json_each(bindparam(parameter)).table_valued("value", name="given")
    columns: list[ColumnElement[Any]] = [
        literal_column(f"json_extract(given.value, '$[{place}]')").label(name) for place, name in enumerate(names)
    ]
    return select(*columns).select_from(given).subquery("given_rows")


def listed(values: Iterable[int] | Iterable[Sequence[object]]) -> str:
    """Values, or rows of them, as one parameter."""
    return json.dumps(list(values))
