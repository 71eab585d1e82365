"""
What a post's page would show of a stored post, before it is made harmless.

`wr_option` says how a text was typed: `html1` is HTML, `html2` is HTML whose
lines count too, anything else is plain text, in which the software makes links
of the addresses. Ours end where the address ends: the software's swallow
brackets, quotation marks and Korean particles.
"""

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from html import escape
from urllib.parse import quote

from publisher.archive.gnuboard.addresses import Board
from publisher.archive.gnuboard.body import tidy
from publisher.archive.gnuboard.rows import StoredPost
from publisher.archive.piece import Parts
from publisher.archive.weblinks import find_addresses, host_of, with_scheme
from publisher.archive.wording import whole_name, written_at
from publisher.markup import fold
from publisher.model import Attachment

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


def parts_of(
    post: StoredPost, attachments: tuple[Attachment, ...], board: Board, now: datetime, zone: tzinfo, *, is_notice: bool
) -> Parts:
    """A stored post as its page would show it. Its title is whole, even where it ends in `…`."""
    key, title, category = str(post.number), fold(post.subject), fold(post.category)
    links = [with_scheme(fold(link)) for link in post.links]
    return Parts(
        source_key=key,
        url=board.address_of(key),
        shown_title=title,
        titles=(title,),
        author=whole_name(post.author, ()),
        published_at=written_at(post.written, now, zone),
        html=tidy(as_shown(post.content, post.option), board),
        base_url=board.bbs,
        categories=(category,) if category else (),
        attachments=attachments,
        links=tuple(link for link in links if host_of(link)),
        is_notice=is_notice,
    )


def picture_of(stored: str, board: Board) -> str:
    """Where a picture file lies for everyone, by the name it is stored under."""
    name = stored.replace("\\", "/").rpartition("/")[2]
    return f"{board.root}/data/file/{board.table}/{quote(name, safe='')}"
