"""
YAML text → a tree in which every key and value knows its place.

YAML is read by PyYAML's safe loader as far as its events; values stay the text
that stands in the file, and each key's own reader says what it should be. So
none of YAML 1.1's surprises can happen: `no` and `9:30` are text, a telephone
number keeps its leading zero, and no tag can make an object. Aliases share what
they name; how much they may unfold to, and how deep a file may go, is bounded.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn, TypeAlias

import yaml

from publisher.config.wording import in_plain_words
from publisher.errors import ConfigError, Problem

LONGEST_FILE = 1_000_000  # bytes
MOST_VALUES = 10_000
DEEPEST = 20

_NULL = re.compile(r"(?:~|null|Null|NULL)\Z")  # YAML 1.2, core schema
_HALF_CHARACTER = re.compile(r"[\ud800-\udfff]")  # "\ud83d" in double quotes makes one, and nothing can print it
_PLAIN_TAGS = (None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something stands: a file with line and column, or an environment variable without."""

    file: str
    line: int | None = None
    column: int | None = None

    @property
    def is_variable(self) -> bool:
        return self.line is None

    def __str__(self) -> str:
        return f"the variable {self.file}" if self.is_variable else f"line {self.line}"


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One value as it is written; None for `null`, `~`, `""` and nothing at all. May be a secret."""

    place: Place
    text: str | None = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Items:
    place: Place
    nodes: tuple["Node", ...]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A key and what stands below it; the place is the key's."""

    place: Place
    node: "Node"


@dataclass(frozen=True, kw_only=True)
class Branch:
    place: Place
    entries: Mapping[str, Entry] = field(default_factory=dict)


Node: TypeAlias = Leaf | Items | Branch


@dataclass(frozen=True, kw_only=True)
class Document:
    """What a file holds, and the keys that stand in it twice (the first of them counts)."""

    root: Node
    problems: tuple[Problem, ...] = ()


def parse(content: bytes, file: str) -> Document:
    """The tree of a file. Raises ConfigError where the text is not YAML, or not text at all."""
    return _Composer(_decoded(content, file), file).document()


def overlay(branch: Branch, path: Sequence[str], leaf: Leaf) -> Branch:
    """
    The branch with the value at `path` (names in any case) replaced by `leaf`.

    Where the file has a text in place of keys, it is left alone: that is the
    file's own mistake and is reported there.
    """
    wanted, *rest = path
    name = next((key for key in branch.entries if key.lower() == wanted.lower()), wanted)
    present = branch.entries.get(name)
    if not rest:
        return _with(branch, name, Entry(place=leaf.place, node=leaf))
    match present:
        case None | Entry(node=Leaf(text=None)):
            below = overlay(Branch(place=leaf.place), rest, leaf)
            return _with(branch, name, Entry(place=leaf.place, node=below))
        case Entry(node=Branch() as below):
            return _with(branch, name, replace(present, node=overlay(below, rest, leaf)))
        case _:
            return branch


def _with(branch: Branch, name: str, entry: Entry) -> Branch:
    return replace(branch, entries={**branch.entries, name: entry})


def _decoded(content: bytes, file: str) -> str:
    if len(content) > LONGEST_FILE:
        _fail(Place(file=file, line=1, column=1), f"larger than {LONGEST_FILE:,} bytes; is this the right file?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place_in(content[: error.start].decode("utf-8-sig", "replace"), file)
        _fail(place, "not UTF-8 from here on; save the file as UTF-8")


def _place_in(before: str, file: str) -> Place:
    """The place right after this much text."""
    return Place(file=file, line=before.count("\n") + 1, column=len(before) - before.rfind("\n"))


def _fail(place: Place, message: str) -> NoReturn:
    problem = Problem(file=place.file, line=place.line, column=place.column, key="", message=message)
    raise ConfigError([problem]) from None  # not chained: PyYAML's errors quote the line, which may hold a password


class _Composer:
    """Turns PyYAML's events into nodes. Ours and not `yaml.compose`, whose recursion has no bound."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._anchors: dict[str, tuple[Node, int]] = {}  # with the number of values it unfolds to
        self._problems: list[Problem] = []
        self._path: list[str] = []
        self._values = 0
        self._depth = 0

    def document(self) -> Document:
        try:
            events = yaml.parse(self._text, Loader=yaml.SafeLoader)
            return Document(root=self._root(events), problems=tuple(self._problems))
        except yaml.reader.ReaderError as error:
            place = _place_in(self._text[: error.position], self._file)
            _fail(place, "a control character that no text file should hold; delete it")
        except yaml.MarkedYAMLError as error:
            line, column, message = in_plain_words(error)
            _fail(Place(file=self._file, line=line + 1, column=column + 1), message)

    def _root(self, events: Iterator[yaml.Event]) -> Node:
        root: Node = Leaf(place=Place(file=self._file, line=1, column=1), text=None)
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    _fail(self._place(event), "a second document begins here; keep everything in one")
                root = self._node(next(events), events)
        return root

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event]) -> Node:
        place = self._place(event)
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(str(event.anchor), place)
        assert isinstance(event, yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent)
        before = self._values
        self._count(1, place)
        if event.tag not in _PLAIN_TAGS:
            _fail(place, "tags (words that begin with '!') are not used here; leave it out, or quote the text")
        node = self._content(event, events, place)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, self._values - before)
        return node

    def _content(self, event: yaml.Event, events: Iterator[yaml.Event], place: Place) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            if _HALF_CHARACTER.search(event.value):
                _fail(place, "an escape that is only half a character; write the character itself")
            is_null = not event.value or (event.implicit[0] and _NULL.match(event.value))
            return Leaf(place=place, text=None if is_null else event.value)
        self._depth += 1
        if self._depth > DEEPEST:
            _fail(place, f"nested deeper than {DEEPEST} levels; nothing here goes so deep")
        if isinstance(event, yaml.SequenceStartEvent):
            node: Node = Items(place=place, nodes=tuple(self._items(events)))
        else:
            node = Branch(place=place, entries=self._entries(events))
        self._depth -= 1
        return node

    def _items(self, events: Iterator[yaml.Event]) -> Iterator[Node]:
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            yield self._node(event, events)

    def _entries(self, events: Iterator[yaml.Event]) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._node(event, events)
            if not isinstance(key, Leaf) or key.text is None:
                _fail(key.place, "expected a key, that is one word before the colon; quote a text that begins with '{'")
            self._path.append(key.text)
            node = self._node(next(events), events)
            if key.text in entries:
                self._given_twice(key.place, entries[key.text].place)
            entries.setdefault(key.text, Entry(place=key.place, node=node))
            self._path.pop()
        return entries

    def _given_twice(self, place: Place, first: Place) -> None:
        message = f"given twice, first in {first}; keep one of the two"
        key = ".".join(self._path)
        self._problems.append(Problem(file=place.file, line=place.line, column=place.column, key=key, message=message))

    def _aliased(self, anchor: str, place: Place) -> Node:
        if anchor not in self._anchors:  # not named yet, or still open: an alias inside what it names
            _fail(place, f"'*{anchor}' names nothing before it; put a text that begins with '*' in quotes")
        node, size = self._anchors[anchor]
        self._count(size, place)
        return node

    def _count(self, values: int, place: Place) -> None:
        self._values += values
        if self._values > MOST_VALUES:
            _fail(place, f"the file unfolds to more than {MOST_VALUES:,} values; write it without so many aliases")

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        assert mark is not None, "every event of a text has its place"
        return Place(file=self._file, line=mark.line + 1, column=mark.column + 1)
