"""CSV files as people really hand them in, and what we hand out."""

import io
from typing import BinaryIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from publisher.errors import UnreadableFile
from publisher.spreadsheet import Row, opened, write

TABLE = "email,name\r\nkim@nara.example,김하늘\r\nlee@nara.example,이바다\r\n"
READ = [("email", "name"), ("kim@nara.example", "김하늘"), ("lee@nara.example", "이바다")]


def rows(content: bytes | BinaryIO, max_bytes: int = 1 << 20) -> list[Row]:
    with opened(content, max_bytes=max_bytes) as (sheet,):
        return list(sheet.rows())


def cells(content: bytes | BinaryIO) -> list[tuple[str, ...]]:
    return [row.cells for row in rows(content, 1 << 22)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_usual_way_of_saving_reads_the_same(encoding: str, delimiter: str, line_end: str) -> None:
    saved = TABLE.replace(",", delimiter).replace("\r\n", line_end).encode(encoding)
    assert cells(saved) == READ


def test_korean_far_behind_plain_ascii_is_still_read_as_cp949() -> None:
    saved = ("email,name\n" + "kim@nara.example,Kim\n" * 20_000 + "lee@nara.example,이바다\n").encode("cp949")
    assert cells(saved)[-1] == ("lee@nara.example", "이바다")


def test_a_row_is_known_by_the_line_it_begins_on() -> None:
    saved = b'email,note\n\nkim@nara.example,"two\nlines"\n,\nlee@nara.example,one\n'
    assert [(row.line, row.cells[0]) for row in rows(saved)] == [
        (1, "email"),
        (3, "kim@nara.example"),
        (6, "lee@nara.example"),
    ]


def test_a_delimiter_inside_quotes_does_not_count() -> None:
    assert cells(b'"a;b;c;d",e\nf,g\n') == [("a;b;c;d", "e"), ("f", "g")]


def test_the_line_excel_writes_about_its_delimiter_is_heeded_and_left_out() -> None:
    assert rows(b"sep=;\r\na;b\r\n") == [Row(line=2, cells=("a", "b"))]


def test_a_single_column_is_a_table() -> None:
    assert cells(b"kim@nara.example\nlee@nara.example") == [("kim@nara.example",), ("lee@nara.example",)]


def test_an_empty_file_has_no_rows() -> None:
    assert cells(b"") == []


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04\x14\0rest of a zip", "damaged workbook"),
        (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", r"\.ods\b"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"\.cell\b"),
        (b"{\\rtf1\\ansi", "RTF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"\.xls\b"),
        (b"%PDF-1.7", "PDF"),
        (b"\xef\xbb\xbf\n <html><table>", "web page"),
        (b"email\n\x00\x01\x02", "binary"),
        ("email,name\n".encode("utf-16-le"), "UTF-16 without its mark"),
        (b"\xff\xfea\x00\x00\xd8\x00\xd8", "neither"),
        (b"email\n\xff\xff\xff", "neither UTF-8 nor CP949"),
    ],
)
def test_what_is_no_csv_is_refused_with_a_cure(content: bytes, what: str) -> None:
    with pytest.raises(UnreadableFile, match=what) as refusal:
        rows(content)
    assert "save it as" in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b'a,b\nc,"d\n' + b"e,f\n" * 100_000, r"quotation mark"),
        (b'a,b\nc,"d', r"line 2: a quotation mark"),
        (b'a,b\n"c"d,e\n', r"line 2: a quotation mark"),
        (b"a,b\n" + b"x" * 20_000 + b",y\n", r"line 2: a cell"),
        (b"a,b\n" + b"," * 200_000, r"line 2: the row"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_by_its_line(content: bytes, what: str) -> None:
    with pytest.raises(UnreadableFile, match=what):
        rows(content)


class Pipe(io.RawIOBase):
    """A stream that cannot go back, such as an upload or standard input."""

    def __init__(self, content: bytes) -> None:
        self._rest = content

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        end = len(self._rest) if size < 0 else size
        part, self._rest = self._rest[:end], self._rest[end:]
        return part


def test_a_stream_that_cannot_go_back_is_read_all_the_same() -> None:
    assert cells(Pipe(TABLE.encode("cp949"))) == READ  # type: ignore[arg-type]  # a BinaryIO in all we use


@pytest.mark.parametrize("content", [b"a,b\n" * 100, Pipe(b"a,b\n" * 100)])
def test_a_file_that_is_too_large_is_refused_before_it_is_read(content: BinaryIO) -> None:
    with pytest.raises(UnreadableFile, match="larger than 300 bytes"):
        rows(content, max_bytes=300)


FORMULAS = [
    "=1+1",
    "+82-2-000-0000",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "'=1",
    " =1",
    '=HYPERLINK("https://a.example")',
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_that_is_written_is_a_formula(formula: str) -> None:
    assert write([[formula]]).lstrip('"').startswith("'")


@pytest.mark.parametrize("text", ["kim@nara.example", "김하늘", "2026-11-24", "3 = 1 + 2", ""])
def test_an_ordinary_cell_is_written_as_it_is(text: str) -> None:
    assert write([[text, "x"]]) == f"{text},x\r\n"


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
FILLED = st.lists(CELL, min_size=1, max_size=4).filter(lambda row: any(cell.strip() for cell in row))


@given(st.lists(FILLED, max_size=5))
@example([["sep=;"]])
@example([["<html>", "a;b"]])
@example([["\ufeffa"], ["\r"], ["a\rb\nc"]])
@example([[formula] for formula in FORMULAS])
def test_what_was_written_is_read_back_the_same(table: list[list[str]]) -> None:
    filled = [row for row in table if any(cell.strip() for cell in row)]
    assert [list(row.cells) for row in rows(write(table).encode())] == filled


@given(st.binary(max_size=300))
def test_any_bytes_give_rows_or_a_clear_refusal(content: bytes) -> None:
    try:
        numbers = [row.line for row in rows(content)]
    except UnreadableFile:
        return
    assert numbers == sorted(set(numbers))


def test_a_title_above_the_table_does_not_hide_what_separates_it() -> None:
    assert cells("독자 명단\n\n이메일;이름\nkim@nara.example;김\n".encode())[-1] == ("kim@nara.example", "김")


def test_a_table_can_be_read_again_and_as_plain_lines() -> None:
    with opened(b'a,b\n"c",d\n') as (sheet,):
        assert [row.cells for row in sheet.rows()] == [row.cells for row in sheet.rows()] == [("a", "b"), ("c", "d")]
        assert [row.cells for row in sheet.plain()] == [("a,b",), ('"c",d',)]


def test_a_stream_of_the_caller_s_stays_open() -> None:
    stream = io.BytesIO(TABLE.encode())
    assert cells(stream) == READ
    assert not stream.closed


def test_pasted_addresses_are_no_web_page() -> None:
    assert cells(b"<kim@nara.example>; <lee@nara.example>") == [("<kim@nara.example>", " <lee@nara.example>")]


def test_reading_may_stop_half_way() -> None:
    with opened(TABLE.encode()) as (sheet,):
        begun = sheet.rows()
        assert next(begun).line == 1
    del begun  # a complaint of its clean-up would be a warning, and warnings are errors here
