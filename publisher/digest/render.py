"""
Editions become letters: rendered once per language key, filled per recipient.

What differs between two copies is a slot. A template is given a random mark in
its place, and the finished letter is split where the mark stands: no text of an
entry, however it was written, can name the mark and so open a slot of its own.
"""

import hashlib
import html
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from publisher.digest import prose
from publisher.digest.cover import Covers, cut, proven, seams_for, slots_for
from publisher.digest.notes import plain_of
from publisher.digest.templates import render_html, render_text
from publisher.digest.view import View, view_of
from publisher.errors import NotAllowed, TemplateError
from publisher.model import (
    Classification,
    Design,
    Edition,
    Letter,
    LetterKey,
    MailingList,
    Picture,
    Run,
    Site,
    Slot,
    fill,
)

ADVERTISEMENT = "(광고)"

# What titles carry of the label already, and its disguises: spaced, starred, in other brackets, with unseen characters.
_UNSEEN = r"[\s*＊.·ㆍ_\-\u00ad\u034f\u115f\u1160\u180e\u200b-\u200d\u2060-\u2064\u3164\uffa0]*"
_LABELS = re.compile(rf"[(（\[［<＜{{【〔〈《]{_UNSEEN}광{_UNSEEN}고{_UNSEEN}[)）\]］>＞}}】〕〉》]")

BUDGET = 95_000
"""Bytes of a letter's HTML on the wire, encoded: Gmail hides what lies behind 102 kB, and with it the way out."""

_LONGEST_LINK = 300  # what a reader's own link may take in the place of its mark


def compose_letters(
    edition: Edition,
    mailing_list: MailingList,
    site: Site,
    keys: Iterable[LetterKey],
    overrides: Path | None = None,
    copies: Mapping[str, Picture] | None = None,
) -> Mapping[LetterKey, Letter]:
    """
    The letters of an edition; a key for which nothing is left has none.

    What an entry without a face in the reader's language becomes is the list's
    setting, or the wish that the key carries (`ko:omit`); a wish changes nothing else.
    The same edition makes the same letters, at any time and on any machine.
    `overrides` is the operator's folder of changed templates, `copies` what the
    house has of the entries' images, by their addresses. The last entries of an
    edition that is too long for a letter are only counted in it. Raises
    TemplateError, and NotAllowed for a note that is too long.
    """
    house = _House(design=mailing_list.design, site=site, overrides=overrides)
    letters = {}
    for key in keys:
        if view := view_of(edition, mailing_list, site, key, copies or {}):
            letters[key] = _letter(key, view, edition, house)
    return letters


def content_hash(letters: Mapping[LetterKey, Letter]) -> str:
    """
    SHA-256 (hex) over the letters of an edition, whatever order they are held in.

    It covers one line `<key> <letter's hash>` per key, the keys sorted, so that
    a single letter can be checked against the edition's hash too.
    """
    lines = (f"{key} {letter_hash(letters[key])}\n" for key in sorted(letters))
    return _sha256("".join(lines))


def letter_hash(letter: Letter) -> str:
    """SHA-256 (hex) over the JSON of key, subject, text and HTML, in which a slot is `{"slot": "unsubscribe"}`."""
    parts = [letter.language_key, letter.subject, _named(letter.text), _named(letter.html)]
    return _sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":")))


def web_view(letter: Letter, unsubscribe_url: str, preferences_url: str) -> str:
    """The letter's HTML as a public page: the same bytes, its slots filled with the page's own links."""
    links = {Slot.UNSUBSCRIBE: unsubscribe_url, Slot.PREFERENCES: preferences_url}
    return fill(letter.html, {slot: html.escape(url) for slot, url in links.items()})


@dataclass(frozen=True, kw_only=True)
class _House:
    """What all letters of an edition are made with."""

    design: Design
    site: Site
    overrides: Path | None

    def template(self, name: str) -> str:
        return f"email/{self.design}/{name}"


def _letter(key: LetterKey, view: View, edition: Edition, house: _House) -> Letter:
    """The letter with as many entries as it has room for, in their order; all of them as a rule."""
    every = view.items
    page = _set(view, edition, house)
    while page.size > BUDGET:
        # What an entry takes is only known when it is set: come near by the average, and go on one by one.
        kept = min(len(view.items) - 1, len(view.items) * BUDGET // page.size + 1)
        if kept < 0 or (kept == 0 and not view.notes):  # nothing that a subject could name would be left
            what, cure = (
                ("without any entry", "shorten the note")
                if kept < 0
                else ("with its first entry alone", "let the templates print less of it")
            )
            raise NotAllowed(
                f"{edition.list} No. {edition.number}: the letter '{key}' is too long {what}"
                f" ({page.size:,} bytes, {BUDGET:,} fit); {cure}"
            )
        view = replace(view, items=every[:kept], more=len(every) - kept)
        page = _set(view, edition, house)
    name = house.template("body.txt")
    text, _ = _open(
        name, render_text(name, {**page.values, "links": prose.Footnotes()}, house.overrides), page.slots, {}
    )
    omitted = {entry.public_id: () for entry in edition.all_told if entry.public_id not in view.said}
    covers = {**proven(page.run, page.covers, view.said), **omitted}
    return Letter(language_key=key, subject=str(page.values["subject"]), html=page.run, text=text, covers=covers)


@dataclass(frozen=True, kw_only=True)
class _Page:
    """A letter's HTML, cut open at its marks, and what it was made with."""

    run: Run
    covers: Covers
    slots: Mapping[Slot, str]
    values: Mapping[str, object]

    @property
    def size(self) -> int:
        """Bytes in base64 or quoted-printable, the shorter of the two, with line ends and a reader's links."""
        text = fill(self.run, dict.fromkeys(Slot, "x" * _LONGEST_LINK))
        size = len(text.encode())
        quoted = size + 2 * (size - len(text.encode("ascii", "ignore")) + text.count("="))
        return min(-(-size // 3) * 4 * 79, quoted * 82) // 76


def _set(view: View, edition: Edition, house: _House) -> _Page:
    slots = slots_for()
    seams = seams_for(view.said)
    subject = _subject(view, edition, house)
    values = {"letter": view, "subject": subject, "preheader": _preheader(view), "site": house.site}
    values |= {f"{slot}_url": mark for slot, mark in slots.items()}
    name = house.template("body.mjml")
    run, covers = _open(name, render_html(name, {**values, "seams": seams}, house.overrides), slots, seams)
    return _Page(run=run, covers=covers, slots=slots, values=values)


def _subject(view: View, edition: Edition, house: _House) -> str:
    """One line, the editor's own if there is one. On advertising the law's label stands first and once."""
    written = edition.subjects.get(view.language, "")
    subject = prose.fold(written or render_text(house.template("subject.txt"), {"letter": view}, house.overrides))
    if edition.classification is Classification.ADVERTISING:
        subject = prose.fold(f"{ADVERTISEMENT} {_LABELS.sub('', unicodedata.normalize('NFC', subject))}")
    return subject


def _preheader(view: View) -> str:
    """What a mailbox shows behind the subject: the titles that are not in it, else the first summary."""
    titles = " · ".join(item.sides[0].title for item in view.items if item is not view.leading)
    summary = view.leading.sides[0].summary if view.items else ""
    note = " ".join(plain_of(line) for note in view.notes[:1] for block in note.blocks for line in block.lines)
    return prose.shorten(titles or summary or note, 140)


def _open(name: str, text: str, slots: Mapping[Slot, str], seams: Mapping[str, str]) -> tuple[Run, Covers]:
    """The text, cut open at its marks. One slot must be there: a letter that cannot be refused is unlawful."""
    if slots[Slot.UNSUBSCRIBE] not in text:
        slot = Slot.UNSUBSCRIBE
        raise TemplateError(f"{name}: the letter has no link to {slot}; print {{{{ {slot}_url }}}}")
    return cut(text, slots, seams)


def _named(run: Run) -> list[str | dict[str, str]]:
    """The run with its slots as named marks; where else it was cut makes no difference to its hash."""
    named: list[str | dict[str, str]] = []
    for piece in run:
        if isinstance(piece, Slot):
            named.append({"slot": piece.value})
        elif named and isinstance(named[-1], str):
            named[-1] += piece
        else:
            named.append(piece)
    return named


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
