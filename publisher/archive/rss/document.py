"""
A feed's bytes made well-formed before anything reads them.

Real feeds hold control characters, bare `&`, HTML's names for signs, prefixes
that nobody declared; hostile ones hold entities that unfold to gigabytes and
elements with ten thousand attributes, or elements by the million, which the
readers behind take minutes for. So every document is read once here, by a parser that resolves nothing,
and handed on as it was understood.
"""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from publisher.archive.charset import decoded
from publisher.markup import fold

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE", re.IGNORECASE)
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
_BARE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)")
_XML_OWN = frozenset({"amp", "lt", "gt", "quot", "apos"})
_MOST_ATTRIBUTES = 40
_MOST_ELEMENTS = 50_000  # fifty for each of a thousand entries; more are not read
# Prefixes that feeds use without saying what they mean.
_PREFIXES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "atom": "http://www.w3.org/2005/Atom",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "georss": "http://www.georss.org/georss",
}
_ROOT = re.compile(r"<(?![?!])[^<>]{1,4000}?(?=/?>)")


@dataclass(frozen=True, kw_only=True)
class Document:
    """`xml` is well-formed and in UTF-8, b'' where nothing could be read; `fault` says what had to be mended."""

    xml: bytes
    root: str  # the local name of the outermost element, in lower case
    fault: str = ""


def well_formed(content: bytes, content_type: str = "") -> Document:
    """The document as far as it can be understood; never raises, resolves nothing, loads nothing."""
    text = decoded(content, content_type=content_type)
    bare = _CONTROLS.sub("", text)
    fault = "it holds control characters" if bare != text else ""
    written = _outside_cdata(_without_doctype(_DECLARATION.sub("", bare).strip()), _NAMED, _sign)
    try:
        root = etree.fromstring(written.encode("utf-8", "replace"), _parser(mending=False))
    except etree.XMLSyntaxError as error:
        fault = fault or fold(str(error))[:200]
        mended = _declared(_outside_cdata(written, _BARE, lambda _: "&amp;"))
        try:
            root = etree.fromstring(mended.encode("utf-8", "replace"), _parser(mending=True))
        except etree.XMLSyntaxError:
            root = None
    if root is None:  # a mending parser may find nothing at all, and say so by None
        return Document(xml=b"", root="", fault=fault or "it holds nothing")
    if _bound(root):
        fault = f"it holds more than {_MOST_ELEMENTS} elements; what comes after is not read"
    name = etree.QName(root).localname.lower() if isinstance(root.tag, str) else ""
    return Document(xml=etree.tostring(root, encoding="utf-8", xml_declaration=True), root=name, fault=fault)


def _parser(*, mending: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=mending,
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
    )


def _without_doctype(text: str) -> str:
    """Without its DOCTYPE and the entities declared in it: no feed needs one."""
    start = _DOCTYPE.search(text, 0, 4000)
    if not start:
        return text
    end, opened = text.find(">", start.end()), text.find("[", start.end())
    if 0 <= opened < end:
        closed = re.compile(r"\]\s{0,20}>").search(text, opened)
        return text[: start.start()] + (text[closed.end() :] if closed else "")
    return text[: start.start()] + text[end + 1 :] if end >= 0 else ""


def _sign(name: "re.Match[str]") -> str:
    """`&nbsp;` → its character; XML knows five such names, feeds use HTML's."""
    if name[1] in _XML_OWN:
        return name[0]
    sign = html.unescape(name[0])
    return sign if sign != name[0] and sign not in "<>&" else name[0]


def _outside_cdata(text: str, pattern: "re.Pattern[str]", replacement: Callable[["re.Match[str]"], str]) -> str:
    return "".join(piece if is_cdata else pattern.sub(replacement, piece) for is_cdata, piece in _by_cdata(text))


def _by_cdata(text: str) -> Iterator[tuple[bool, str]]:
    """The text in order, its CDATA sections apart."""
    position = 0
    while (start := text.find("<![CDATA[", position)) >= 0 and (end := text.find("]]>", start)) >= 0:
        yield False, text[position:start]
        yield True, text[start : end + 3]
        position = end + 3
    yield False, text[position:]


def _declared(text: str) -> str:
    """With the usual prefixes declared at the outermost element, where it does not do so itself."""
    start = _ROOT.search(text)
    if not start:
        return text
    missing = (
        f' xmlns:{prefix}="{uri}"'
        for prefix, uri in _PREFIXES.items()
        if f"xmlns:{prefix}" not in start[0] and f"<{prefix}:" in text
    )
    return text[: start.end()] + "".join(missing) + text[start.end() :]


def _bound(root: etree._Element) -> bool:
    """Keep what a reader can go through in a moment; gives whether something was cut off."""
    last = root
    for number, element in enumerate(root.iter(), start=1):
        if number > _MOST_ELEMENTS:
            _cut_after(last)
            return True
        if len(element.attrib) > _MOST_ATTRIBUTES:
            element.attrib.clear()
        last = element
    return False


def _cut_after(last: etree._Element) -> None:
    """Take away all that comes after an element in the order of the document, what is in it too."""
    del last[:]
    for element in (last, *last.iterancestors()):
        if (parent := element.getparent()) is not None:
            del parent[parent.index(element) + 1 :]
