"""Workbooks as Excel and LibreOffice write them, and as nobody should."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def sheet_xml(rows: Sequence[Sequence[str]], first: int = 1) -> str:
    """Inline strings, as many programs write them."""
    body = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{chr(65 + place)}{number}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
            for place, cell in enumerate(cells)
        )
        + "</row>"
        for number, cells in enumerate(rows, first)
    )
    return raw_sheet(body)


def raw_sheet(body: str, before: str = "") -> str:
    return f'<?xml version="1.0"?>{before}<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>'


def strings_xml(*items: str) -> str:
    """Shared strings; each item is the inside of its `si`."""
    return f'<sst xmlns="{_MAIN}">{"".join(f"<si>{item}</si>" for item in items)}</sst>'


def styles_xml(formats: Mapping[int, str], styles: Sequence[int]) -> str:
    numbers = "".join(f'<numFmt numFmtId="{key}" formatCode={quoteattr(code)}/>' for key, code in formats.items())
    cells = "".join(f'<xf numFmtId="{number}"/>' for number in styles)
    return f'<styleSheet xmlns="{_MAIN}"><numFmts>{numbers}</numFmts><cellXfs>{cells}</cellXfs></styleSheet>'


def workbook(
    sheets: Mapping[str, str],
    *,
    strings: str = "",
    styles: str = "",
    is_1904: bool = False,
    relations: str = "",
    namespace: str = _MAIN,
) -> bytes:
    """The bytes of a workbook with these sheets (name → XML)."""
    names = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{namespace}" xmlns:r="{_OFFICE}">'
        f'<workbookPr date1904="{int(is_1904)}"/><sheets>{names}</sheets></workbook>',
        **{f"xl/worksheets/sheet{number}.xml": xml for number, xml in enumerate(sheets.values(), 1)},
    }
    if strings:
        parts["xl/sharedStrings.xml"] = strings
        links += f'<Relationship Id="s" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    if styles:
        parts["xl/styles.xml"] = styles
        links += f'<Relationship Id="f" Type="{_OFFICE}/styles" Target="/xl/styles.xml"/>'
    parts["xl/_rels/workbook.xml.rels"] = f'<Relationships xmlns="{_PACKAGE}">{links}{relations}</Relationships>'
    return zipped({"[Content_Types].xml": "<Types/>", **parts})


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()
