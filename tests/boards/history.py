"""
What became of the recorded site between its three moments, told without any of our readers.

The facts of the first two are labelled by hand (`facts.json`). Of the third a
post says what its row in the dump says, and keeps its labels where the row is
as it was.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from tests.boards.dump import Dump, Post, read_dump

DUMPS = {"t1": "posts.sql", "t2": "posts_t2.sql", "t3": "posts_t3.sql"}
READABLE = ("data_son", "data_pds", "gallery_act")

Place: TypeAlias = tuple[str, int]
"""(board, wr_id)"""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The site at one of its moments: what guests may read, and the posts that they may not."""

    facts: Mapping[Place, Mapping[str, Any]]
    hidden: tuple[Post, ...]


@dataclass(frozen=True, kw_only=True)
class Change:
    """
    What happened between two moments. `moved` maps where posts stood to where
    they stand; what is `secret` or `deleted` could be read before.
    """

    new: frozenset[Place]
    edited: frozenset[Place]
    moved: Mapping[Place, Place]
    secret: frozenset[Place]
    deleted: frozenset[Place]


@cache
def moment(recordings: Path, name: str) -> Moment:
    dump = read_dump(recordings / DUMPS[name])
    posts = {(table, post.number): post for table, rows in dump.posts.items() for post in rows}
    facts = _derived(recordings, dump, posts) if name == "t3" else _labelled(recordings, name)
    return Moment(
        facts={place: fact for place, fact in facts.items() if not fact["must_skip"]},
        hidden=tuple(posts[place] for place, fact in facts.items() if fact["must_skip"]),
    )


def change(recordings: Path, before: str, after: str) -> Change:
    """From one moment to a later one, over all readable boards."""
    first, second = moment(recordings, before).facts, moment(recordings, after).facts
    rows = [read_dump(recordings / DUMPS[name]) for name in (before, after)]
    went, came = first.keys() - second.keys(), second.keys() - first.keys()
    secret = {(post.table, post.number) for post in moment(recordings, after).hidden} & went
    moved = {old: new for old in went - secret for new in came if _moved(rows[0], old, rows[1], new)}
    return Change(
        new=frozenset(came - set(moved.values())),
        edited=frozenset(
            place for place in first.keys() & second.keys() if _content(rows[0], place) != _content(rows[1], place)
        ),
        moved=moved,
        secret=frozenset(secret),
        deleted=frozenset(went - secret - moved.keys()),
    )


def place_of(recordings: Path, table: str, key: str) -> Place:
    """The place of a post that is stored under its number, or under its title where its pages show no number."""
    if key.isdecimal():
        return table, int(key)
    slug = key.removeprefix("slug:")
    posts = (read_dump(recordings / name).by_slug(table, slug) for name in DUMPS.values())
    return table, next(post.number for post in posts if post)


def _labelled(recordings: Path, name: str) -> dict[Place, Mapping[str, Any]]:
    facts = json.loads((recordings / "facts.json").read_text(encoding="utf-8"))[name]
    return {(fact["id"]["bo_table"], fact["id"]["wr_id"]): fact for fact in facts}


def _derived(recordings: Path, dump: Dump, posts: Mapping[Place, Post]) -> dict[Place, Mapping[str, Any]]:
    before, labels = read_dump(recordings / DUMPS["t2"]), _labelled(recordings, "t2")
    facts: dict[Place, Mapping[str, Any]] = {}
    for place, post in posts.items():
        as_it_was = before.post(*place) is not None and _content(before, place) == _content(dump, place)
        facts[place] = {**(labels[place] if as_it_was else {}), **_said(dump, place, post)}
    return facts


def _said(dump: Dump, place: Place, post: Post) -> dict[str, Any]:
    """What a row says of itself, under the names of `facts.json`."""
    dated = not post.written.startswith("0000")
    return {
        "must_skip": post.is_secret or place[0] not in READABLE,
        "title": post.row["wr_subject"],
        "author": post.row["wr_name"],
        "created": f"{post.written.replace(' ', 'T')}+09:00" if dated else None,
        "category": post.row["ca_name"] or None,
        "is_notice": post in dump.notices(place[0]),
        "attachments": [
            {"name": file["bf_source"], "image": int(file["bf_width"]) > 0} for file in dump.files.get(place, ())
        ],
    }


def _content(dump: Dump, place: Place) -> object:
    post = dump.post(*place)
    assert post is not None
    names = ("wr_subject", "wr_content", "wr_option", "ca_name", "wr_link1", "wr_link2")
    return [post.row[name] for name in names], [file["bf_source"] for file in dump.files.get(place, ())]


def _moved(before: Dump, old: Place, after: Dump, new: Place) -> bool:
    one, other = before.post(*old), after.post(*new)
    assert one is not None
    assert other is not None
    return all(one.row[name] == other.row[name] for name in ("wr_subject", "wr_name", "wr_datetime"))
