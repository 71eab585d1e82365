"""`glossary.yaml`, beside `config.yaml`: names, and how each is written in each language."""

from collections.abc import Collection, Iterator
from pathlib import Path

from publisher.config import values
from publisher.config.reading import Reading
from publisher.config.tree import Items, Leaf, Node, Place, parse
from publisher.errors import ConfigError, Problem
from publisher.model import Language
from publisher.translate.glossary import Glossary, Name

FILE = "glossary.yaml"

_EXAMPLE = "- {ko: 최룡해, en: Choe Ryong-hae}"
_SHORTEST, _LONGEST = 2, 100


def read_glossary(folder: Path, languages: Collection[Language]) -> Glossary:
    """The names of the file; none where there is no file. Raises ConfigError with all that is wrong in it."""
    file = folder / FILE
    if not file.exists():
        return Glossary()
    try:
        content = file.read_bytes()
    except OSError as error:
        message = f"cannot be read: {(error.strerror or 'failed').lower()}"
        raise ConfigError([Problem(file=str(file), line=None, column=None, key="", message=message)]) from error
    document = parse(content, str(file))
    reading = Reading(document.problems)
    names = tuple(_names(document.root, languages, reading))
    reading.finish()
    return Glossary(names=names)


def _names(root: Node, languages: Collection[Language], reading: Reading) -> Iterator[Name]:
    if not isinstance(root, Items):
        if root != Leaf(place=root.place, text=None):
            reading.wrong(root.place, "", f"expected a list of names, each on a line such as {_EXAMPLE}")
        return
    seen: dict[tuple[Language, str], Place] = {}
    for number, node in enumerate(root.nodes, start=1):
        section = reading.section(f"name {number}", node, node.place, f"languages and forms, such as {_EXAMPLE[2:]}")
        forms = {language: section.one_or_more(language, _form) for language in languages}
        if sum(map(section.has, languages)) < 2:
            reading.wrong(node.place, f"name {number}", f"expected forms in two languages, such as {_EXAMPLE[2:]}")
        for language, written in forms.items():
            for form in written:
                first = seen.setdefault((language, form), section.place(language))
                if first is not section.place(language):
                    section.wrong(language, f"'{form}' stands in {first} already; put all its forms there")
        yield Name(forms={language: written for language, written in forms.items() if written})


def _form(value: str) -> str:
    form = " ".join(values.line(value).split())
    if not _SHORTEST <= len(form) <= _LONGEST:
        raise values.expected(f"a name of {_SHORTEST} to {_LONGEST} characters", value)
    return form
