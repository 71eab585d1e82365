"""How authors' names are printed: a name per language for those that are configured."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from publisher.archive.source import ArchivePolicy
from publisher.model import Entry, Texts

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
        replace(entry, printed_author=printed(entry.author, policies[entry.archive].authors))
        if entry.archive in policies
        else entry
        for entry in entries
    ]
