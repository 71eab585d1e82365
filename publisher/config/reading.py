"""
Taking a tree apart, key by key, and remembering everything that is wrong with it.

A wrong value does not stop the reading: it is noted, the default stands in for
it, and `Reading.finish` raises all that was noted at once. So nothing that was
read may be used before `finish` has returned. A section's known keys are
those that were asked for; whatever else stands in it is unknown.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from publisher.config import values
from publisher.config.tree import Branch, Items, Leaf, Node, Place
from publisher.errors import ConfigError, Problem

T = TypeVar("T")


class Reading:
    """One reading of one configuration: the problems, and remarks that forbid nothing."""

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self._problems = list(problems)
        self._remarks: list[Problem] = []
        self._sections: list[Section] = []

    def root(self, node: Node) -> "Section":
        return self.section("", node, node.place, "keys such as site:, archives: and lists:")

    def section(self, key: str, node: Node | None, place: Place, shape: str) -> "Section":
        if isinstance(node, Items) or (isinstance(node, Leaf) and node.text is not None):
            self.wrong(node.place, key, f"expected {shape}")
        section = Section(self, key, node if isinstance(node, Branch) else Branch(place=place), place)
        self._sections.append(section)
        return section

    def wrong(self, place: Place, key: str, message: str) -> None:
        self._problems.append(_problem(place, key, message))

    def remark(self, place: Place, key: str, message: str) -> None:
        self._remarks.append(_problem(place, key, message))

    def finish(self) -> tuple[Problem, ...]:
        """The remarks. Raises ConfigError with every problem, in the file's order and variables last."""
        for section in self._sections:
            section.report_unknown()
        if self._problems:
            raise ConfigError(sorted(self._problems, key=_order))
        return tuple(sorted(self._remarks, key=_order))


class Section:
    """Some keys of the file and what stands below them."""

    def __init__(self, reading: Reading, key: str, branch: Branch, place: Place) -> None:
        self._reading = reading
        self._key = key
        self._branch = branch
        self._place = place
        self._known: list[str] = []

    def value(self, name: str, parse: Callable[[str], T], default: T) -> T:
        """What the key says; the default when it is absent or null."""
        node = self._take(name)
        return default if node is None else self._parsed(name, node, parse, default)

    def required(self, name: str, parse: Callable[[str], T], stand_in: T, example: str) -> T:
        """What the key says; that it is absent or null is a problem."""
        if not self.has(name):
            self.wrong(name, f"is missing; expected {example}")
        return self.value(name, parse, stand_in)

    def values(
        self, name: str, parse: Callable[[str], T], default: tuple[T, ...] = (), *, needed: str = ""
    ) -> tuple[T, ...]:
        """A list, each of its values once. With an example in `needed` it must not be empty."""
        node = self._take(name)
        if node is None:
            if needed and not default:
                self.wrong(name, f"is missing; expected a list such as {needed}")
            return default
        items = self._items(name, node)
        if needed and items == ():
            self.wrong(name, f"expected at least one value, such as {needed}")
        found: list[T] = []
        for item in items or ():
            value = self._parsed(name, item, parse, None)
            if value is not None and value in found:
                self._reading.wrong(item.place, self.path(name), "stands in this list twice")
            elif value is not None:
                found.append(value)
        return tuple(found)

    def one_or_more(self, name: str, parse: Callable[[str], T]) -> tuple[T, ...]:
        """One value, or a list of them; none when it is absent or null."""
        entry = self._branch.entries.get(name)
        if entry is None or not isinstance(entry.node, Leaf):
            return self.values(name, parse)
        value = self.value(name, parse, None)
        return () if value is None else (value,)

    def texts(self, name: str, languages: Iterable[str]) -> dict[str, str]:
        """One line of text per language, empty ones left out."""
        below = self.section(name, "one text per language, such as {ko: 주간 소식, en: Weekly letter}")
        found = {language: below.value(language, values.line, "") for language in languages}
        return {language: text for language, text in found.items() if text}

    def section(self, name: str, shape: str = "keys below it, each on a line of its own") -> "Section":
        """The keys below this key; none when it is absent."""
        node = self._take(name)
        entry = self._branch.entries.get(name)
        return self._reading.section(self.path(name), node, entry.place if entry else self._place, shape)

    @property
    def names(self) -> tuple[str, ...]:
        """The keys that stand in it, in their order."""
        return tuple(self._branch.entries)

    def named(self, parse: Callable[[str], str]) -> Iterator[tuple[str, "Section"]]:
        """The sections of this one, whose keys are not ours but names."""
        for name, entry in self._branch.entries.items():
            self._known.append(name)
            try:
                parse(name)
            except ValueError as error:
                self._reading.wrong(entry.place, self.path(name), str(error))
            yield name, self._reading.section(self.path(name), entry.node, entry.place, "keys below it")

    def later(self, name: str, what: str) -> None:
        """A key whose room is not built yet: keys below it are let stand, and said to be without effect."""
        node = self._take(name)
        if isinstance(node, Branch):
            if node.entries:
                self.remark(name, f"{what} from a later version on; has no effect yet")
        elif node is not None:
            self._reading.wrong(node.place, self.path(name), "expected keys below it, or {}")

    def has(self, name: str) -> bool:
        entry = self._branch.entries.get(name)
        return entry is not None and entry.node != Leaf(place=entry.node.place, text=None)

    def path(self, name: str) -> str:
        return f"{self._key}.{name}" if self._key else name

    def place(self, name: str) -> Place:
        """Where the key's value stands; where the section does, when it is absent."""
        entry = self._branch.entries.get(name)
        return entry.node.place if entry else self._place

    def wrong(self, name: str, message: str) -> None:
        self._reading.wrong(self.place(name), self.path(name), message)

    def remark(self, name: str, message: str) -> None:
        self._reading.remark(self.place(name), self.path(name), message)

    def report_unknown(self) -> None:
        for name, entry in self._branch.entries.items():
            if name not in self._known:
                near = values.nearest(name, self._known)
                cure = f"did you mean '{near}'?" if near else f"known here: {', '.join(self._known)}"
                self._reading.wrong(entry.place, self.path(name), f"unknown key; {cure}")

    def _take(self, name: str) -> Node | None:
        """The key's node, None for null as well; from now on the key is known."""
        self._known.append(name)
        return self._branch.entries[name].node if self.has(name) else None

    def _items(self, name: str, node: Node) -> tuple[Node, ...] | None:
        """The values of a list (a variable has commas between them); None for something else, which is reported."""
        if isinstance(node, Items):
            return node.nodes
        if isinstance(node, Leaf) and node.text is not None and node.place.is_variable:
            return tuple(Leaf(place=node.place, text=part.strip()) for part in node.text.split(","))
        self._reading.wrong(node.place, self.path(name), "expected a list in brackets, such as [one, two]")
        return None

    def _parsed(self, name: str, node: Node, parse: Callable[[str], T], otherwise: T) -> T:
        message = "expected one value"
        if isinstance(node, Leaf) and node.text is not None:
            try:
                return parse(node.text)
            except ValueError as error:
                message = str(error)
        self._reading.wrong(node.place, self.path(name), message)
        return otherwise


def _problem(place: Place, key: str, message: str) -> Problem:
    return Problem(file=place.file, line=place.line, column=place.column, key=key, message=message)


def _order(problem: Problem) -> tuple[bool, int, int]:
    return problem.line is None, problem.line or 0, problem.column or 0
