"""Two versions of one text as the entry that readers see. Pure: entries in, one entry out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from publisher.model import Attachment, Entry, EntryStatus, Face, Joined, Language, Origin

# When a human and a machine face exist in one language, the human one is shown.
PRECEDENCE = (Origin.ORIGINAL, Origin.HUMAN, Origin.MACHINE)


def as_one(kept: Entry, others: Sequence[Entry], joined: tuple[Joined, ...]) -> Entry:
    """
    The kept entry with what belongs to the others: faces, attachments, categories and links.

    Its ids, its arrival and what holds it stay its own. A version that was
    taken away is left out; where it is the kept one's, the other tells the entry.
    """
    standing = [entry for entry in (kept, *others) if entry.status is EntryStatus.LIVE] or [kept]
    telling = standing[0]
    return replace(
        telling,
        id=kept.id,
        public_id=kept.public_id,
        atom_id=kept.atom_id,
        arrived_at=kept.arrived_at,
        updated_at=max(entry.updated_at for entry in (kept, *others)),
        due_at=kept.due_at,
        held=kept.held,
        categories=_once(category for entry in standing for category in entry.categories),
        attachments=tuple(_attachments(standing)),
        links=_once(link for entry in standing for link in entry.links),
        faces=_faces(standing),
        joined=joined,
        joined_to=None,
    )


def _faces(standing: Sequence[Entry]) -> Mapping[Language, Face]:
    every = [
        replace(face, citation=entry.citation_of(face), author=entry.author)
        for entry in standing
        for face in entry.faces.values()
    ]
    shown: dict[Language, Face] = {}
    for face in sorted(every, key=lambda face: PRECEDENCE.index(face.origin)):
        shown.setdefault(face.language, face)
    return shown


def _attachments(standing: Sequence[Entry]) -> Iterable[Attachment]:
    """Each file once: boards carry the same one beside both versions, under two addresses."""
    seen: set[tuple[object, ...]] = set()
    for entry in standing:
        for file in entry.attachments:
            marks = set(_marks(file))
            if seen.isdisjoint(marks):
                yield replace(file, page=entry.url) if file.needs_session else file
            seen |= marks


def _marks(file: Attachment) -> Iterator[tuple[object, ...]]:
    """By what a file is known to be the same: its address, and its name where the size agrees."""
    yield (file.url, file.name) if file.needs_session else (file.url,)
    if file.size is not None:
        yield file.name.casefold(), file.size


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
