"""
The row that names the columns, and what each is for.

The names are those that people write themselves, in Korean and English, and
those of the exports of Mailchimp, listmonk, Stibee, Ghost and Gnuboard. To
teach it another name, put it behind its column in `_NAMES`, without spaces and
signs.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from itertools import chain, islice

from publisher.errors import UnreadableFile
from publisher.spreadsheet import Row, Sheet

_LOOKED_AT = 10  # rows; titles and notes often stand above the table


class Column(StrEnum):
    """What a column is for."""

    EMAIL = auto()
    NAME = auto()
    FIRST_NAME = auto()
    LAST_NAME = auto()
    LANGUAGES = auto()
    MISSING = auto()  # what they wish of an entry that is not in their language
    LISTS = auto()
    CONSENTED_AT = auto()
    CONSENT_SOURCE = auto()
    CONSENT_IP = auto()
    SIGNED_UP_AT = auto()  # a date that is one of consent only if the operator says so
    STATUS = auto()
    ENDED_AT = auto()
    UNSUBSCRIBED_AT = auto()  # a value means: they have unsubscribed
    CLEANED_AT = auto()  # a value means: the address is dead
    WANTS_MAIL = auto()  # `false` means: they have unsubscribed
    MAILING = auto()  # `0` means: they did not agree to be mailed
    LEFT_AT = auto()  # a value means: no member any more
    BLOCKED_AT = auto()
    EVENT = auto()  # of a history: what a row is about
    EVIDENCE = auto()  # likewise: why nothing is sent to an address


_NAMES: Mapping[Column, str] = {
    Column.EMAIL: "email emailaddress mail mailaddress mbemail "
    "이메일 이메일주소 e메일 메일 메일주소 전자우편 전자우편주소 전자메일",
    Column.NAME: "name fullname 이름 성명 성함 구독자이름 독자이름 mbname",
    Column.FIRST_NAME: "firstname fname",
    Column.LAST_NAME: "lastname lname",
    Column.LANGUAGES: "languages language 언어 수신언어 사용언어",
    Column.MISSING: "missing",
    Column.LISTS: "lists list 목록",
    Column.CONSENTED_AT: "consentedat consentdate optintime mbmaillingdate "
    "동의일 동의일자 동의일시 동의날짜 수신동의일 수신동의일시 신청일 신청일자 신청일시",
    Column.CONSENT_SOURCE: "consentsource source 동의경로 동의방법 동의방식 신청경로 유입경로 출처",
    Column.CONSENT_IP: "consentip optinip confirmip 동의ip",
    Column.SIGNED_UP_AT: "createdat 구독일 구독일시 등록일 등록일시 가입일 가입일시 추가일 mbdatetime",
    Column.STATUS: "status 상태 구독상태",
    Column.ENDED_AT: "endedat 수신거부일 수신거부일시 해지일",
    Column.UNSUBSCRIBED_AT: "unsubtime",
    Column.CLEANED_AT: "cleantime",
    Column.WANTS_MAIL: "subscribedtoemails",
    Column.MAILING: "mbmailling 수신동의 메일수신 메일수신동의 메일수신여부 수신여부 수신동의여부",
    Column.LEFT_AT: "mbleavedate deletedat 탈퇴일 탈퇴일자",
    Column.BLOCKED_AT: "mbinterceptdate",
}
_MEANING = {name: column for column, names in _NAMES.items() for name in names.split()}

_OF_A_HISTORY = frozenset({"email", "list", "at", "event", "scope", "means"})
_IN_A_HISTORY = {
    "email": Column.EMAIL,
    "list": Column.LISTS,
    "at": Column.ENDED_AT,
    "event": Column.EVENT,
    "evidence": Column.EVIDENCE,
}

_SERVICES: Mapping[str, frozenset[str]] = {
    "Mailchimp": frozenset({"leid", "euid"}),
    "listmonk": frozenset({"uuid", "email", "attributes", "status"}),
    "Ghost": frozenset({"email", "subscribedtoemails"}),
    "Stibee": frozenset({"이메일주소", "구독상태"}),
    "Gnuboard": frozenset({"mbid", "mbemail"}),
}


@dataclass(frozen=True, kw_only=True)
class Columns:
    """
    Where what stands. `service` is whose export this is, if it is one; `ignored` columns are not kept.

    `is_history`: each row is something that happened, as `subscribers export --history` writes it, and no reader.
    """

    places: Mapping[Column, Sequence[int]]
    service: str | None
    ignored: Sequence[str]
    is_history: bool = False

    def read(self, row: Row) -> dict[Column, str]:
        """The cells of a row by what they are for; of several columns for one thing the first that is filled."""
        cells: dict[Column, str] = {}
        for column, places in self.places.items():
            for place in places:
                if place < len(row.cells) and not cells.get(column):
                    cells[column] = row.cells[place].strip()
        return cells

    def every(self, row: Row, column: Column) -> Sequence[str]:
        """All that is filled of several columns for one thing."""
        cells = [row.cells[place].strip() for place in self.places.get(column, ()) if place < len(row.cells)]
        return [cell for cell in cells if cell]


@dataclass(frozen=True, kw_only=True)
class Table:
    """People to bring in. Without `columns` each row is text with addresses in it, as pasted from a mail program."""

    rows: Iterator[Row]
    columns: Columns | None
    sheet: str = ""


def table_of(sheets: Sequence[Sheet], wanted: str | None = None) -> Table:
    """
    The table with addresses in a file.

    Raises UnreadableFile when there is none, or more than one and none is wanted
    by name: then it says which there are.
    """
    if wanted is not None:
        return _named(sheets, wanted)
    found = [(sheet, table) for sheet in sheets if (table := _with_header(sheet))]
    if len(found) > 1:
        names = ", ".join(f"'{sheet.name}'" for sheet, _ in found)
        raise UnreadableFile(f"several sheets hold addresses: {names}; say which one is meant with --sheet NAME")
    if found:
        return found[0][1]
    if len(sheets) == 1 and _is_pasted(sheets[0]):
        return Table(rows=sheets[0].plain(), columns=None)
    if all(next(sheet.rows(), None) is None for sheet in sheets):
        raise UnreadableFile("the file is empty")
    raise UnreadableFile(_no_header(sheets))


def _named(sheets: Sequence[Sheet], wanted: str) -> Table:
    for sheet in sheets:
        if sheet.name == wanted:
            if table := _with_header(sheet):
                return table
            raise UnreadableFile(_no_header([sheet]))
    names = ", ".join(f"'{sheet.name}'" for sheet in sheets if sheet.name)
    raise UnreadableFile(f"--sheet {wanted}: there is no such sheet; there are: {names or 'none, this is no workbook'}")


def _no_header(sheets: Sequence[Sheet]) -> str:
    where = f"sheet '{sheets[0].name}': " if len(sheets) == 1 and sheets[0].name else ""
    return (
        f"{where}none of the first {_LOOKED_AT} rows names the columns; one of them must be called"
        " 'email' or '이메일', such as: email,name,languages,lists,consented_at,consent_source"
    )


def _with_header(sheet: Sheet) -> Table | None:
    rows = sheet.rows()
    try:
        for row in islice(rows, _LOOKED_AT):
            if columns := columns_in(row):
                return Table(rows=rows, columns=columns, sheet=sheet.name)
    except UnreadableFile:
        if _is_pasted(sheet):  # `"Kim" <kim@mail.example>` is no CSV
            return None
        raise
    return None


def columns_in(row: Row) -> Columns | None:
    """What the columns are for, if this row names them."""
    names = [plain(cell) for cell in row.cells]
    present = frozenset(names)
    is_history = present >= _OF_A_HISTORY
    meaning = _IN_A_HISTORY if is_history else _MEANING
    places: dict[Column, list[int]] = {}
    for place, name in enumerate(names):
        if name in meaning:
            places.setdefault(meaning[name], []).append(place)
    if Column.EMAIL not in places:
        return None
    return Columns(
        places=places,
        service=next((service for service, signs in _SERVICES.items() if signs <= present), None),
        ignored=[cell.strip() for cell, name in zip(row.cells, names, strict=True) if name and name not in meaning],
        is_history=is_history,
    )


def plain(text: str) -> str:
    """`E-Mail (필수)` → `email`: a name without its case, spaces and signs."""
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"[\W_]+", "", bare).casefold()


def _is_pasted(sheet: Sheet) -> bool:
    """Is this text addresses one after the other, without a table? A slip or two among them is told of its row."""
    begin = islice(sheet.plain(), _LOOKED_AT)
    told = ["@" in piece for piece in chain.from_iterable(pieces(row.cells[0]) for row in begin)]
    return sum(told) > len(told) / 2


_PIECE = re.compile(r'(?:"(?:[^"\\]|\\.)*"|<[^<>]*>|[^",;<>\t\n])+')


def pieces(text: str) -> list[str]:
    """`"Kim, Ha" <a@b.example>; c@d.example` → its two parts."""
    return [piece.strip() for piece in _PIECE.findall(text) if piece.strip()]
