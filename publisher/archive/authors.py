"""How authors' names are printed: a name per language for those that are configured."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from publisher.archive.source import ArchivePolicy
from publisher.model import Entry, Texts, text_in

# What a board calls whoever is signed in as its administrator; it names no author.
NAMELESS = frozenset({"최고관리자", "관리자", "운영자", "admin", "administrator", "webmaster"})


def printed(author: str | None, authors: Mapping[str, Texts]) -> Texts:
    """The name per language; {} when nothing should be printed. An unmapped name is printed as it is."""
    if not author:
        return {}
    if author in authors:
        return authors[author]
    return {} if author.casefold() in NAMELESS else {"": author}


def sign(entries: Sequence[Entry], policies: Mapping[str, ArchivePolicy]) -> list[Entry]:
    """The entries with `printed_author` set as their archive's policy says."""
    return [
        replace(entry, printed_author=_printed_by(entry, policies)) if entry.archive in policies else entry
        for entry in entries
    ]


def _printed_by(entry: Entry, policies: Mapping[str, ArchivePolicy]) -> Texts:
    """Each version of a text may be signed in its own language; any other reader gets the entry's own author."""
    names = printed(entry.author, policies[entry.archive].authors)
    known = {
        name: texts
        for archive in entry.archives
        if archive in policies
        for name, texts in policies[archive].authors.items()
    }
    signed = {
        face.language: text_in(printed(face.author, known), face.language)
        for face in entry.faces.values()
        if face.author and face.author != entry.author
    }
    return {**names, **{language: name for language, name in signed.items() if name}}
