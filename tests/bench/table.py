"""The table as plain text, one line per row as soon as it is known."""

from tests.bench.measure import Measured, Sense, Target, Unit

_WIDTHS = (44, 8, 44, 21, 7)


def head() -> str:
    names = _line("work", "ours", "peer or limit", "ratio (min-max)", "target", "verdict")
    return f"{names}\n{'-' * len(_line('', '', '', '', '', 'no target yet'))}"


def line(row: Measured) -> str:
    theirs = f"{_cost(row.theirs, row.unit).ljust(8)}  {row.peer}"
    ratio = f"{_ratio(row.ratio)} ({_ratio(row.lowest)}-{_ratio(row.highest)})"
    return _line(row.name, _cost(row.ours, row.unit), theirs, ratio, _target(row.target), row.verdict)


def _line(*cells: str) -> str:
    return "  ".join([*(cell.ljust(width) for cell, width in zip(cells[:-1], _WIDTHS, strict=True)), cells[-1]])


def _cost(cost: float, unit: Unit) -> str:
    if unit is Unit.MEMORY:
        return f"{cost / 1e6:.1f} MB"
    for scale, name in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if cost * scale >= 1:
            return f"{cost * scale:.3g} {name}"
    return f"{cost * 1e9:.3g} ns"


def _ratio(ratio: float) -> str:
    return f"{ratio:.3g}x"


def _target(target: Target) -> str:
    if target.bound is None:
        return "(more)" if target.sense is Sense.SPEED else "(less)"
    return f"{'>=' if target.sense is Sense.SPEED else '<='} {target.bound:g}x"
