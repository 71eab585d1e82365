"""XLSX: what stands in the cells is read, and nothing that a hostile file would like."""

import struct
import tracemalloc
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.errors import UnreadableFile
from publisher.spreadsheet import opened
from tests.spreadsheet.books import raw_sheet, sheet_xml, strings_xml, styles_xml, workbook, zipped

ROWS = [["email", "name"], ["kim@nara.example", "김하늘"]]


def cells(content: bytes, sheet: int = 0) -> list[tuple[str, ...]]:
    with opened(content) as sheets:
        return [row.cells for row in sheets[sheet].rows()]


def one(body: str, **parts: str | bool) -> list[tuple[str, ...]]:
    """The rows of a workbook with this in its only sheet."""
    return cells(workbook({"Sheet1": raw_sheet(body)}, **parts))  # type: ignore[arg-type]  # by name


def test_each_sheet_is_a_table_with_its_name() -> None:
    content = workbook({"안내": sheet_xml([["읽어 보세요"]]), "독자": sheet_xml(ROWS)})
    with opened(content) as sheets:
        assert [sheet.name for sheet in sheets] == ["안내", "독자"]
        assert [row.cells for row in sheets[1].rows()] == [tuple(row) for row in ROWS]


def test_both_dialects_of_the_format_are_read() -> None:
    strict = workbook({"A": sheet_xml(ROWS)}, namespace="http://purl.oclc.org/ooxml/spreadsheetml/main")
    assert cells(strict) == [tuple(row) for row in ROWS]


def test_shared_strings_are_found_in_runs_and_without_their_readings() -> None:
    strings = strings_xml("<t>email</t>", "<r><t>김</t></r><r><t>하늘</t></r><rPh><t>읽기</t></rPh>")
    body = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>7</v></c></row>'
    assert one(body, strings=strings) == [("email", "김하늘")]


@pytest.mark.parametrize(
    ("attributes", "inside", "text"),
    [
        ("", "<v>46083</v>", "46083"),
        ("", "<v>1.5</v>", "1.5"),
        ("", "<v>1.0E2</v>", "100"),
        ("", "<v>NaN</v>", "NaN"),
        ('t="b"', "<v>1</v>", "TRUE"),
        ('t="e"', "<v>#N/A</v>", "#N/A"),
        ('t="str"', "<f>A2</f><v>kim@nara.example</v>", "kim@nara.example"),
        ('t="d"', "<v>2026-03-02T00:00:00</v>", "2026-03-02T00:00:00"),
        ('s="1"', "<v>46083</v>", "2026-03-02"),
        ('s="1"', "<v>46083.75</v>", "2026-03-02T18:00:00"),
        ('s="2"', "<v>46083</v>", "2026-03-02"),
        ('s="3"', "<v>46083</v>", "46083"),
        ('s="1"', "<v>99999999999</v>", "99999999999"),
        ('s="1"', "<v>-1</v>", "-1"),
        ('s="99"', "<v>5</v>", "5"),
    ],
)
def test_a_cell_is_read_as_a_person_would_type_it(attributes: str, inside: str, text: str) -> None:
    styles = styles_xml({164: 'yyyy"년" m"월" d"일"', 165: '"days: "0'}, [0, 14, 164, 165])
    assert one(f'<row r="1"><c r="A1" {attributes}>{inside}</c></row>', styles=styles) == [(text,)]


def test_days_of_a_workbook_made_on_an_old_mac_begin_in_1904() -> None:
    body = '<row r="1"><c r="A1" s="0"><v>44621</v></c></row>'
    assert one(body, styles=styles_xml({}, [14]), is_1904=True) == [("2026-03-02",)]


def test_a_row_is_known_by_its_number_and_cells_stand_in_their_columns() -> None:
    body = '<row r="3"><c r="C3" t="str"><v>x</v></c></row><row r="9"><c t="str"><v>y</v></c></row><row r="10"/>'
    with opened(workbook({"A": raw_sheet(body)})) as (sheet,):
        assert [(row.line, row.cells) for row in sheet.rows()] == [(3, ("", "", "x")), (9, ("y",))]


def test_an_apostrophe_of_ours_is_taken_off_again() -> None:
    assert cells(workbook({"A": sheet_xml([["'=1+1"]])})) == [("=1+1",)]


# ── What is no workbook ──────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (zipped({"members.csv": "email\n"}), "unpack it"),
        (zipped({"xl/workbook.bin": b"\0"}), r"\.xlsb"),
        (workbook({"A": "no xml"}), "damaged"),
        (workbook({"A": raw_sheet('<row r="1">').replace("</worksheet>", "")}), "damaged"),
        (workbook({"A": sheet_xml(ROWS)})[:-40], "damaged"),
        (workbook({"A": sheet_xml(ROWS)}).replace(b"sheet1.xml", b"sheet2.xml"), "damaged|lacks"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_cure(content: bytes, what: str) -> None:
    with pytest.raises(UnreadableFile, match=what):
        cells(content)


def test_a_workbook_with_a_password_is_told_so() -> None:
    content = bytearray(workbook({"A": sheet_xml(ROWS)}))
    place = content.find(b"PK\x01\x02")
    while place >= 0:  # the flag of each part in the directory
        content[place + 8] |= 1
        place = content.find(b"PK\x01\x02", place + 4)
    with pytest.raises(UnreadableFile, match="password"):
        cells(bytes(content))


# ── What is hostile ──────────────────────────────────────────────────────────


def test_a_bomb_is_put_out_before_it_unfolds() -> None:
    bomb = workbook({"A": raw_sheet(" " * 100_000_000)})
    assert len(bomb) < 200_000
    tracemalloc.start()
    with pytest.raises(UnreadableFile, match="unfolds to more"):
        cells(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_entities_are_not_expanded_since_no_workbook_has_any() -> None:
    laughs = '<!DOCTYPE worksheet [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    body = '<row r="1"><c r="A1" t="str"><v>&b;</v></c></row>'
    with pytest.raises(UnreadableFile, match="declarations"):
        cells(workbook({"A": raw_sheet(body, laughs)}))


def test_nothing_outside_of_the_workbook_is_read() -> None:
    outside = (
        '<Relationship Id="rId1" Type="x/worksheet" Target="file:///etc/passwd" TargetMode="External"/>'
        '<Relationship Id="rId2" Type="x/worksheet" Target="../../../etc/passwd"/>'
    )
    content = workbook({"A": sheet_xml(ROWS), "B": sheet_xml(ROWS)}, relations=outside)
    assert cells(content, 0) == [tuple(row) for row in ROWS]  # the first relation of this id stands
    with pytest.raises(UnreadableFile, match="lacks its part"):
        cells(content, 1)


def test_a_directory_that_is_too_large_is_not_even_opened() -> None:
    content = workbook({"A": sheet_xml(ROWS)})
    place = content.rfind(b"PK\x05\x06") + 12
    lying = content[:place] + struct.pack("<L", 1 << 30) + content[place + 4 :]
    with pytest.raises(UnreadableFile, match="more in it than a workbook has"):
        cells(lying)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ('<row r="2"/><row r="1"/>', "row 1: comes again"),
        ('<row r="1"><c r="XFD1"><v>1</v></c></row>', "row 1: has more than 1,000 columns"),
        (f'<row r="4"><c r="A4" t="str"><v>{"x" * 10_000_000}</v></c></row>', "row 4: a cell has more than"),
        ('<row r="1">' + f'<c t="str"><v>{"x" * 9_000}</v></c>' * 12 + "</row>", "row 1: has more than"),
    ],
)
def test_what_no_table_of_people_has_is_refused_by_its_row(body: str, what: str) -> None:
    with pytest.raises(UnreadableFile, match=what):
        one(body)


def test_ten_times_the_rows_take_no_more_memory() -> None:
    peaks = []
    for count in (4_000, 40_000):
        content = workbook({"A": sheet_xml([[f"r{number}@nara.example", "김"] for number in range(count)])})
        tracemalloc.start()
        with opened(content) as (sheet,):
            assert sum(1 for _ in sheet.rows()) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 3


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).filter(
    lambda cell: not cell.startswith("'")
)


@given(st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=5))
@settings(max_examples=50, deadline=None)
def test_what_was_written_is_read_back(table: list[list[str]]) -> None:
    def trimmed(row: Sequence[str]) -> tuple[str, ...]:
        filled = [cell if cell.strip() else "" for cell in row]
        while filled and not filled[-1]:
            filled.pop()
        return tuple(filled)

    assert cells(workbook({"A": sheet_xml(table)})) == [row for row in map(trimmed, table) if row]


@given(st.integers(0, 2_000), st.binary(min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_any_damage_gives_rows_or_a_clear_refusal(place: int, damage: bytes) -> None:
    content = workbook({"A": sheet_xml(ROWS)}, strings=strings_xml("<t>a</t>"), styles=styles_xml({}, [14]))
    place %= len(content)
    damaged = content[:place] + damage + content[place + len(damage) :]
    try:
        with opened(damaged) as sheets:
            for sheet in sheets:
                list(sheet.rows())
    except UnreadableFile:
        pass
