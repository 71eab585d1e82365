"""HTML read aloud: what a person sees of it, as plain text."""

import re

from selectolax.lexbor import LexborNode

from publisher.markup.plain import BLANKS, visible
from publisher.markup.tree import LONGEST, NO_TEXT, is_hidden, names, parse, walk

# Marks for the printer, taken from characters that no visible text contains.
_GLUE = "\x02"  # what follows stays on this line …
_STOP = "\x03"  # … but not beyond here
_CLOSE = "\x07"  # … and what stood before stays on it too
_FIRM = "\x04"  # a blank that is not folded
_LINE = "\x05"  # a new line, unless one began here anyway
_PARAGRAPH = "\x06"  # the same with an empty line between
_GAP = re.compile(f"[ \n{_LINE}{_PARAGRAPH}]*[\n{_LINE}{_PARAGRAPH}][ \n{_LINE}{_PARAGRAPH}]*")

_APART = names("p h1 h2 h3 h4 h5 h6 ul ol dl table blockquote figure pre hr article section header footer")
_OWN_LINE = names("li dt dd tr caption figcaption div main aside nav form fieldset address details summary")
_UNSEEN = NO_TEXT | {"rp", "-comment"}
_DEEPEST_INDENT = 8
_CELLS = frozenset({"td", "th"})


def text_of(html: str) -> str:
    """
    What a reader sees of this HTML, as plain text; never raises.

    Blocks stand on lines of their own, paragraphs apart by one empty line, list
    items behind `- ` or their number, cells apart by ` | `. Hidden text, programs
    and pictures are not printed.
    """
    return print_tree(parse(html[:LONGEST]))


def print_tree(root: LexborNode) -> str:
    """The same of a tree that is read already."""
    printer = _Printer()
    skipped: int | None = None
    for node, entering in walk(root):
        if skipped is not None:
            skipped = None if node.mem_id == skipped else skipped
        elif entering and (node.tag in _UNSEEN or (node.is_element_node and is_hidden(node))):
            skipped = node.mem_id
        elif entering:
            printer.enter(node)
        else:
            printer.leave(node)
    return printer.text()


class _Printer:
    """Collects words and marks; `text` then settles how many line breaks stand where."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._lists: list[int | None] = []  # the number of the next item, None for a list with dashes
        self._as_written = 0  # inside how many <pre>

    def enter(self, node: LexborNode) -> None:
        self._break(node.tag)
        match node.tag:
            case "-text":
                self._words(node.text_content or "")
            case "br":
                self._out.append("\n")
            case "ul" | "ol":
                self._lists.append(_number(node.attributes.get("start")) if node.tag == "ol" else None)
            case "li":
                self._out.append(self._item_mark() + _GLUE)
            case "td" | "th":
                self._out.append(f" | {_GLUE}" if node.prev is not None and node.prev.tag in _CELLS else _GLUE)
            case "pre":
                self._as_written += 1

    def leave(self, node: LexborNode) -> None:
        match node.tag:
            case "li":
                self._out.append(_STOP)
            case "td" | "th":
                self._out.append(_STOP + _CLOSE)
            case "ul" | "ol":
                self._lists.pop()
            case "pre":
                self._as_written -= 1
        self._break(node.tag)

    def text(self) -> str:
        folded = re.sub(" +", " ", "".join(self._out))
        glued = re.sub(f"{_GLUE}[ \n{_LINE}{_PARAGRAPH}]*", "", folded)
        closed = re.sub(f"[ \n{_LINE}{_PARAGRAPH}{_STOP}]*{_CLOSE}", "", glued)
        broken = _GAP.sub(_breaks, closed.replace(_STOP, ""))
        lines = (line.rstrip(f" {_FIRM}") for line in broken.split("\n"))
        return "\n".join(lines).strip("\n ").replace(_FIRM, " ")

    def _words(self, text: str) -> None:
        if self._as_written:
            self._out.append(re.sub(r"[^\S\n]", _FIRM, visible(text).expandtabs(4)))
        else:
            self._out.append(BLANKS.sub(" ", visible(text)))

    def _break(self, tag: str | None) -> None:
        if tag in _APART:
            self._out.append(_LINE if self._lists else _PARAGRAPH)
        elif tag in _OWN_LINE:
            self._out.append(_LINE)

    def _item_mark(self) -> str:
        indent = _FIRM * 2 * min(len(self._lists) - 1, _DEEPEST_INDENT)
        number = self._lists[-1] if self._lists else None
        if number is None:
            return f"{indent}- "
        self._lists[-1] = number + 1
        return f"{indent}{number}. "


def _breaks(gap: re.Match[str]) -> str:
    return "\n\n" if _PARAGRAPH in gap[0] or gap[0].count("\n") > 1 else "\n"


def _number(written: str | None) -> int:
    return int(written) if written and re.fullmatch("[0-9]{1,4}", written) else 1
