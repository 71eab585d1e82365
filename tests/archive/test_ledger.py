"""What a read of the tables decides, without any table."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.archive.gnuboard.ledger import Glance, Ledger, blocks_of
from publisher.model import MISSED, RETRACTED

ROWS = [Glance(number=number, mark=f"m{number}", is_secret=number == 5) for number in range(100, 0, -1)]
KNOWN = {row.key: "digest" for row in ROWS if not row.is_secret}
AFTER = Ledger(blocks=blocks_of(ROWS), hidden=frozenset({"5"}), notices=frozenset({"7"}))


def test_a_first_read_reads_all_but_what_is_secret() -> None:
    plan = Ledger().plan(ROWS, ("7",), {}, 100)
    assert len(plan.reads) == 99
    assert (plan.reads[0], plan.secret) == (100, ("5",))


def test_an_unchanged_table_needs_no_read() -> None:
    assert AFTER.plan(ROWS, ("7",), KNOWN, 100).reads == ()


def test_one_edit_makes_its_neighbours_be_read_and_no_others() -> None:
    rows = [replace(row, mark="edited") if row.number == 40 else row for row in ROWS]
    reads = AFTER.plan(rows, ("7",), KNOWN, 100).reads
    assert 40 in reads
    assert len(reads) <= 32


def test_a_secret_text_that_is_edited_makes_nothing_be_read() -> None:
    rows = [replace(row, mark="edited") if row.is_secret else row for row in ROWS]
    assert AFTER.plan(rows, ("7",), KNOWN, 100).reads == ()


def test_notices_that_come_and_go_are_read() -> None:
    assert set(AFTER.plan(ROWS, ("8",), KNOWN, 100).reads) == {7, 8}


@pytest.mark.parametrize(("lost", "counted", "doubted"), [(5, 100, 0), (6, 100, 6), (6, 94, 0), (6, 0, 0)])
def test_a_loss_is_told_from_a_deletion_by_the_boards_own_count(lost: int, counted: int, doubted: int) -> None:
    plan = AFTER.plan(ROWS[lost:], ("7",), KNOWN, counted)
    assert (len(plan.gone), len(plan.doubted)) == (lost - doubted, doubted)


def test_what_was_taken_away_is_not_told_gone_again() -> None:
    plan = AFTER.plan(ROWS[2:], ("7",), {**KNOWN, "100": RETRACTED, "99": MISSED}, 98)
    assert plan.gone == ("99",)


@pytest.mark.parametrize("digest", [MISSED, RETRACTED])
def test_what_was_missed_or_taken_away_is_read_where_it_stands(digest: str) -> None:
    assert AFTER.plan(ROWS, ("7",), {**KNOWN, "40": digest}, 100).reads == (40,)


def test_keys_that_are_no_numbers_are_nobodys_loss() -> None:
    assert AFTER.plan(ROWS, ("7",), {**KNOWN, "slug:평화": "digest"}, 100).gone == ()


def test_the_ledger_survives_the_store() -> None:
    assert Ledger.of(json.loads(json.dumps(AFTER.cursor()))) == AFTER


@given(
    st.dictionaries(st.text(max_size=8), st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5))
)
def test_any_cursor_is_read_or_forgotten(cursor: dict[str, object]) -> None:
    for version in ({}, {"version": "database 1"}):
        assert isinstance(Ledger.of({**cursor, **version}), Ledger)
