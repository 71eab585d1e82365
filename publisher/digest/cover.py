"""
Letters cut open, so that what may not be shown any more can be covered on the public page.

A template prints seams, random marks as those of slots, before and after all
that shows an entry. The finished HTML is cut where they stood and holds them no
longer: the copies that are mailed, and the hash, know nothing of them. A
template of the operator's own may have no seams, or show a title outside of
them. That is found out here, once, and such an entry has no cover: then the
page shows nothing of the letter, rather than perhaps what it must not.
"""

import html
import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from publisher.model import PREHEADER, Letter, Run, Slot

Covers: TypeAlias = Mapping[str, tuple[int, ...]]

_BODY = re.compile(r"<body[^>]*>")
# Of any letter: to compile a pattern of each one's own marks takes longer than to look for them.
_MARK = re.compile(f"((?:{'|'.join(('seam', *Slot))})-[0-9a-f]{{32}})")


def slots_for() -> dict[Slot, str]:
    """A mark for each slot; a template prints it where a reader's value is to stand."""
    return {slot: _mark(slot) for slot in Slot}


def seams_for(public_ids: Iterable[str]) -> dict[str, str]:
    """A mark for each entry, and one for the preheader; a template prints it before and after."""
    return {name: _mark("seam") for name in (*public_ids, PREHEADER)}


def _mark(kind: str) -> str:
    return f"{kind}-{secrets.token_hex(16)}"


def cut(text: str, slots: Mapping[Slot, str], seams: Mapping[str, str]) -> tuple[Run, Covers]:
    """The text in pieces, and which of them stand between the seams of each name."""
    slot_of = {mark: slot for slot, mark in slots.items()}
    name_of = {mark: name for name, mark in seams.items()}
    run: list[str | Slot] = []
    covers: dict[str, list[int]] = {}
    within: list[str] = []
    for part in _MARK.split(text):
        name = name_of.get(part)
        if name in within:
            within.remove(name)
        elif name is not None:
            within.append(name)
            covers.setdefault(name, [])
        elif part:
            for around in within:
                covers[around].append(len(run))
            run.append(slot_of.get(part, part))
    closed = {name: tuple(pieces) for name, pieces in covers.items() if name not in within}
    return tuple(run), closed


def proven(run: Run, covers: Covers, said: Mapping[str, Collection[str]]) -> Covers:
    """
    The covers without those that leave something of their entry to be seen.

    `said` has, by public id, what the letter says of an entry: none of it may
    stand in another place. What another entry says as well is that one's own.
    """
    sure = {}
    spoken = [html.unescape(piece) for piece in run]
    of_none = _text_without(spoken, {number for numbers in covers.values() for number in numbers})
    for name, pieces in covers.items():
        rest = _text_without(spoken, {*pieces, *covers.get(PREHEADER, ())})
        others = "\n".join(text for other, texts in said.items() if other != name for text in texts)
        if not any(text in (of_none if text in others else rest) for text in said.get(name, ()) if text):
            sure[name] = pieces
    return sure


def _text_without(spoken: Sequence[str], hidden: Collection[int]) -> str:
    return "".join(piece for number, piece in enumerate(spoken) if number not in hidden)


def cover(letter: Letter, instead: Mapping[str, str], notice: str) -> Letter | None:
    """
    The letter without some of its entries (`instead`: their public ids, and the HTML in their place).

    `notice` stands on top. A letter that says nothing of them is given back as
    it is; None means that they cannot be covered, and that it must not be shown.
    """
    if not instead.keys() <= letter.covers.keys():
        return None
    places = {public_id: letter.covers[public_id] for public_id in instead if letter.covers[public_id]}
    if not places:
        return letter
    pieces = list(letter.html)
    for public_id, (first, *others) in places.items():
        pieces[first] = instead[public_id]
        for number in (*others, *letter.covers.get(PREHEADER, ())):
            pieces[number] = ""
    top = next((number for number, piece in enumerate(pieces) if _BODY.search(piece)), None)
    if top is None:
        return None
    pieces[top] = _BODY.sub(lambda body: body[0] + notice, pieces[top], count=1)
    return replace(letter, html=tuple(pieces))
