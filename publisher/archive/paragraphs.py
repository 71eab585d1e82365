"""Plain text as HTML: an empty line parts paragraphs, a single line break stays one, addresses become links."""

import html
import re

from publisher.archive.weblinks import find_addresses


def as_html(text: str) -> str:
    """The text in paragraphs, every sign of it escaped."""
    paragraphs = re.split(r"\n(?:[ \t]*\n)+", text.replace("\r\n", "\n").strip("\n "))
    return "\n".join(
        f"<p>{'<br>'.join(map(_linked, text.strip().split(chr(10))))}</p>" for text in paragraphs if text.strip()
    )


def _linked(line: str) -> str:
    pieces, end = [], 0
    for found in find_addresses(line):
        words = html.escape(line[found.start : found.end])
        pieces += [html.escape(line[end : found.start]), f'<a href="{html.escape(found.address)}">{words}</a>']
        end = found.end
    return "".join([*pieces, html.escape(line[end:])])
