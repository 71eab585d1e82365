"""
What a post's page would show of a stored text, before it is made harmless.

`wr_option` says how a text was typed: `html1` is HTML, `html2` is HTML whose
lines count too, anything else is plain text, in which the software makes links
of the addresses. Ours end where the address ends: the software's swallow
brackets, quotation marks and Korean particles.
"""

import re
from collections.abc import Iterator
from html import escape

from publisher.archive.weblinks import find_addresses, host_of

_LINE_END = re.compile(r"\r\n?|\n")
_MAIL = re.compile(r"(?<![\w.@/:+-])[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}", re.ASCII)


def as_shown(content: str, option: str) -> str:
    """The HTML of a text; still a stranger's."""
    if "html1" in option:
        return content
    if "html2" in option:
        return _LINE_END.sub("<br>", content)
    linked = "".join(_linked(content))
    return _LINE_END.sub("<br>", linked.replace("  ", "&nbsp; "))


def _linked(text: str) -> Iterator[str]:
    end = 0
    for found in find_addresses(text):
        if host_of(found.address).isascii():  # the software makes no link of a host in Hangul
            yield from _with_mail(text[end : found.start])
            yield _anchor(found.address, text[found.start : found.end])
            end = found.end
    yield from _with_mail(text[end:])


def _with_mail(text: str) -> Iterator[str]:
    end = 0
    for found in _MAIL.finditer(text):
        yield escape(text[end : found.start()])
        yield _anchor(f"mailto:{found.group()}", found.group())
        end = found.end()
    yield escape(text[end:])


def _anchor(address: str, words: str) -> str:
    return f'<a href="{escape(address)}">{escape(words)}</a>'
