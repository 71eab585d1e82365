"""The bench itself: every row does its work and gives a ratio. How fast is not asked here."""

import math

import pytest

from tests.bench import table
from tests.bench.measure import TINY, Target, WrongOutput, at_least, at_most, check, measure
from tests.bench.rows import ROWS

# One of each kind of work; `make soak` runs them all, in their long sizes.
OF_EACH_KIND = [
    *("join-ko", "letters", "marks", "claims", "fan-out", "edition", "sign-rsa"),
    *("feeds-new", "feeds-304", "read-post", "import", "archive-http", "memory-import"),
]


@pytest.mark.parametrize("name", [name for name in OF_EACH_KIND if name in ROWS])
def test_every_row_gives_a_ratio(name: str) -> None:
    row = measure(ROWS[name], TINY)
    assert math.isfinite(row.ratio)
    assert row.lowest <= row.ratio <= row.highest
    assert row.name in table.line(row)


@pytest.mark.parametrize(
    ("target", "ratio", "verdict"),
    [
        (at_least(200), 181, "met"),
        (at_least(200), 179, "not met"),
        (at_most(1.5), 1.64, "met"),
        (at_most(1.5), 1.66, "not met"),
    ],
)
def test_a_target_is_met_within_ten_per_cent(target: Target, ratio: float, verdict: str) -> None:
    assert target.verdict(ratio) == verdict


def test_wrong_output_has_no_figure() -> None:
    with pytest.raises(WrongOutput, match="nothing came"):
        check(is_right=False, otherwise="nothing came")
