"""
What the API of Gnuboard 6 answers, freed of its shape: every member may be missing or of another kind.

A list holds its posts whole, secret ones too: the API leaves it to whoever asks
to look at the option. So the option is read before anything else, and of a
secret post nothing but its number is taken out of the answer.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from publisher.archive.gnuboard.addresses import Board
from publisher.archive.gnuboard.rows import StoredPost
from publisher.archive.gnuboard.shown import picture_of
from publisher.archive.wording import file_name, media_type
from publisher.errors import SourceError
from publisher.model import Attachment
from publisher.net import Page

_GUEST = 1
_MOST_FILES = 50


@dataclass(frozen=True, kw_only=True)
class Write:
    """One post in an answer; `post` is None of a secret one, and where it is not told whether it is one."""

    key: str
    is_secret: bool = False
    post: StoredPost | None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Writes:
    """
    A page of the list. `total` is what the board says it holds; `notices` are told
    only by sites that added them to what their API says.
    """

    writes: tuple[Write, ...]
    total: int | None
    group: str
    is_open: bool
    notices: frozenset[str] = field(default_factory=frozenset)


def read_writes(page: Page, board: Board) -> Writes:
    """The posts in an answer, in its order. Raises SourceError (`not gnuboard 6`) where it is no list of posts."""
    said = _object(page)
    settings = said.get("board")
    if not isinstance(said.get("writes"), list) or not isinstance(settings, dict):
        raise SourceError("not gnuboard 6", f"{page.url}: answers no list of posts of a Gnuboard 6")
    total = said.get("total_count")
    levels = [settings.get(name) for name in ("bo_list_level", "bo_read_level")]
    return Writes(
        writes=tuple(_write(each, board) for each in said["writes"] if isinstance(each, dict) and _key(each)),
        total=total if isinstance(total, int) and not isinstance(total, bool) else None,
        group=_text(settings.get("gr_id")),
        is_open=all(isinstance(level, int) and level <= _GUEST for level in levels),
        notices=frozenset(number.strip() for number in _text(settings.get("bo_notice")).split(",") if number.strip()),
    )


def group_is_closed(page: Page) -> bool | None:
    """Whether only members of the board's group may enter; None where the answer does not say."""
    group = _object(page).get("group") if page.status == 200 else None
    access = group.get("gr_use_access") if isinstance(group, dict) else None
    return bool(access) if isinstance(access, int) else None


def said_in(page: Page) -> str:
    """The software's own sentence in an answer that is none of what was asked for."""
    detail = _object(page).get("detail") or _object(page).get("message")
    return _text(detail)[:200]


def _write(said: Mapping[str, Any], board: Board) -> Write:
    key, option = _key(said), said.get("wr_option")
    if not isinstance(option, str):
        return Write(key=key, post=None)
    if "secret" in option:
        return Write(key=key, post=None, is_secret=True)
    post = StoredPost(
        number=int(key),
        subject=_text(said.get("wr_subject")),
        content=_text(said.get("wr_content")),
        option=option,
        category=_text(said.get("ca_name")),
        links=tuple(link for name in ("wr_link1", "wr_link2") if (link := _text(said.get(name)))),
        author=_text(said.get("wr_name")),
        written=_text(said.get("wr_datetime")).replace("T", " "),
    )
    return Write(key=key, post=post, attachments=tuple(_files(said, key, board)))


def _files(said: Mapping[str, Any], key: str, board: Board) -> list[Attachment]:
    """Pictures first: anyone may fetch them. Of the others the API tells no number to fetch them by."""
    found = []
    for kind in ("images", "normal_files"):
        for file in [each for each in _list(said.get(kind)) if isinstance(each, dict)][:_MOST_FILES]:
            stored, size = _text(file.get("bf_file")), file.get("bf_filesize")
            name = file_name(_text(file.get("bf_source"))) or file_name(stored.rpartition("/")[2])
            is_picture = kind == "images" and bool(stored)
            if name:
                attachment = Attachment(
                    name=name,
                    url=picture_of(stored, board) if is_picture else board.address_of(key),
                    size=size if isinstance(size, int) and size > 0 else None,
                    type=media_type(name),
                    needs_session=not is_picture,
                )
                found.append(attachment)
    return found


def _key(said: Mapping[str, Any]) -> str:
    number = said.get("wr_id")
    return str(number) if isinstance(number, int) and not isinstance(number, bool) and number > 0 else ""


def _object(page: Page) -> Mapping[str, Any]:
    try:
        said = json.loads(page.content)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
