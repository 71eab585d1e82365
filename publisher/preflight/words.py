"""What a letter says: nothing half made, who writes and what it is, names as the glossary has them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from publisher.i18n import noted
from publisher.markup import text_of
from publisher.model import Classification, Edition, Face, Language, Slot, languages_of
from publisher.preflight.finding import Colour, Finding
from publisher.preflight.message import Arrived

ADVERTISEMENT = "(광고)"

# Of a template, of what merges letters, and our own slots and seams: other words before 32 digits end an address.
_OWN = "|".join((*Slot, "seam"))
_MARKS = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}|\*\||\|\*|%\([a-z_]+\)[sd]|" rf"\b(?:{_OWN})-[0-9a-f]{{32}}")
_SHEET = re.compile(r"<style\b[^>]*>.*?</style>", re.DOTALL)  # whose braces are no marks
_ADDRESS = re.compile(r"https?://[!-~]+(?!\S)")  # as the site's own pages have them
_BEHIND = ".,;:!?)]}"  # ends the sentence, not the address
# Whole texts only: “None” and “null” are words of English, too.
_NOTHING = frozenset({"none", "undefined", "null", "nan", "[object object]"})

NamesMissing: TypeAlias = Callable[[str, str, Language, Language], Sequence[str]]
"""The glossary's own question: of a text and its version in another language, which names that has another way."""


def _none_missing(_text: str, _version: str, _from: Language, _to: Language) -> Sequence[str]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """
    What the letters of an edition must say.

    `languages` are those that the list's readers read. `unsaid` are the
    configuration's keys about the sender that are empty, `signs` are words that
    advertising often has, where the edition is information.
    """

    edition: Edition
    site_url: str
    languages: Sequence[Language]
    sender_name: Mapping[Language, str]
    unsaid: Sequence[str] = ()
    signs: Sequence[str] = ()
    names_missing: NamesMissing = _none_missing


def words(letter: Arrived, wanted: Wanted) -> Iterator[Finding]:
    """What is wrong with the words of one letter."""
    yield from _half_made(letter, wanted)
    yield from _languages(letter)
    yield from _both_parts(letter, wanted)
    yield from _sender(letter, wanted)
    yield from _label(letter, wanted)


def edition_words(wanted: Wanted) -> Iterator[Finding]:
    """What is wrong with the words of the edition as a whole, whatever the language key."""
    yield from _class(wanted)
    yield from _faces(wanted)
    yield from _names(wanted)


def _yellow(check: str, what: str, cure: str, where: str = "", **values: object) -> Finding:
    return Finding(check=check, colour=Colour.YELLOW, what=what, cure=cure, where=where, values=values)


# ── One letter ───────────────────────────────────────────────────────────────


def _half_made(letter: Arrived, wanted: Wanted) -> Iterator[Finding]:
    """What an archive wrote may look like a template's mark; anything else was left over by one."""
    shown = [letter.decoded("Subject"), letter.body("text/plain"), _SHEET.sub("", letter.body("text/html"))]
    marks = {mark for text in shown for mark in _MARKS.findall(text)}
    theirs = {mark for text in _texts(wanted.edition) for mark in _MARKS.findall(text)}
    if ours := sorted(marks - theirs):
        yield Finding(
            check="marks",
            colour=Colour.RED,
            what=noted("A mark of a template was left over: %(marks)s."),
            cure=noted("Mend the template in templates/email/digest that prints it."),
            where=letter.key,
            values={"marks": " ".join(ours)},
        )
    if both := sorted(marks & theirs):
        what = noted("The archive's text has what looks like a template's mark: %(marks)s.")
        yield _yellow("marks", what, noted("Look at the preview."), letter.key, marks=" ".join(both))
    texts = (node.text(deep=False).strip() for node in letter.page.css("body *"))
    if empty := sorted({text for text in texts if text.lower() in _NOTHING}):
        what = noted("Somewhere the letter only says “%(text)s”.")
        yield _yellow("marks", what, noted("Look at the preview."), letter.key, text=", ".join(empty))


def _texts(edition: Edition) -> Iterator[str]:
    yield from edition.notes.values()
    for entry in edition.all_told:
        for face in entry.faces.values():
            yield from (face.title, face.summary, face.html, face.author or "", entry.citation_of(face).outlet or "")
        yield from (attachment.name for attachment in entry.attachments)
        yield from (*entry.printed_author.values(), entry.author or "")
    for correction in edition.corrections:
        yield from correction.before.titles.values()


def _languages(letter: Arrived) -> Iterator[Finding]:
    """A letter in two languages has something in each; so has one in one language."""
    spoken = {node.attributes.get("lang") for node in letter.page.css("[lang]")}
    for language in languages_of(letter.key):
        if language not in spoken:
            yield _yellow(
                "languages",
                noted('No block of the letter is marked lang="%(language)s".'),
                noted("Blocks of text in changed templates need their lang attribute."),
                letter.key,
                language=language,
            )


def _both_parts(letter: Arrived, wanted: Wanted) -> Iterator[Finding]:
    """Whoever reads one part gets to the same pages of the site as from the other; files are found on those."""
    here = f"{wanted.site_url}/"
    linked = {node.attributes.get("href") or "" for node in letter.page.css("a[href]")}
    named = {url.rstrip(_BEHIND) for url in _ADDRESS.findall(letter.body("text/plain"))}
    if missing := [url for url in linked if url.startswith(here) and url not in letter.both[0]]:
        what = noted("Links of the HTML part that the text part does not have: %(count)d, such as %(url)s.")
        cure = noted("Put them into body.txt of templates/email/digest.")
        yield _yellow("both-parts", what, cure, letter.key, count=len(missing), url=min(missing))
    if missing := [url for url in named if url.startswith(here) and url not in linked]:
        what = noted("Links of the text part that the HTML part does not have: %(count)d, such as %(url)s.")
        cure = noted("Put them into body.mjml of templates/email/digest.")
        yield _yellow("both-parts", what, cure, letter.key, count=len(missing), url=min(missing))


def _sender(letter: Arrived, wanted: Wanted) -> Iterator[Finding]:
    """The same name and the same address at the top and at the foot."""
    name, address = letter.sender
    expected = wanted.sender_name.get(languages_of(letter.key)[0], "")
    for text in (name, address):
        if text and any("".join(text.split()) not in part for part in letter.both):
            yield _yellow(
                "sender",
                noted("From says “%(text)s”, and the foot of the letter does not."),
                noted("Write the sender in site.sender as the letter is to name it, and print it in both parts."),
                letter.key,
                text=text,
            )
    if expected and name != expected:
        what = noted("From is read as “%(text)s” and not as “%(expected)s”.")
        cure = noted("Write site.sender.name without control characters.")
        yield _yellow("sender", what, cure, letter.key, text=name, expected=expected)


def _label(letter: Arrived, wanted: Wanted) -> Iterator[Finding]:
    is_labelled = letter.decoded("Subject").startswith(ADVERTISEMENT)
    if wanted.edition.classification is Classification.ADVERTISING and not is_labelled:
        yield Finding(
            check="class",
            colour=Colour.RED,
            what=noted("It is advertising, and its subject does not begin with (광고)."),
            cure=noted("The law wants that label first; mend subject.txt of templates/email/digest."),
            where=letter.key,
        )


# ── The edition ──────────────────────────────────────────────────────────────


def _class(wanted: Wanted) -> Iterator[Finding]:
    if wanted.unsaid:
        is_advertising = wanted.edition.classification is Classification.ADVERTISING
        yield Finding(
            check="sender",
            colour=Colour.RED if is_advertising else Colour.YELLOW,
            what=noted("The foot of the letter is not complete. Missing: %(keys)s"),
            cure=noted("Put it into the configuration; advertising may not go out without it."),
            values={"keys": ", ".join(wanted.unsaid)},
        )
    if wanted.signs:
        what = noted("It goes as information and has words of advertising: %(words)s.")
        cure = noted("If it is meant to sell something, publisher classify says so.")
        yield _yellow("class", what, cure, words=", ".join(wanted.signs))


def _faces(wanted: Wanted) -> Iterator[Finding]:
    """An entry in another language is marked in the letter; a whole letter of them is worth a question."""
    entries = wanted.edition.entries
    for language in wanted.languages:
        if entries and not any(language in entry.faces for entry in entries):
            what = noted("No entry has a version in the language “%(language)s”; its readers get all in another one.")
            yield _yellow("languages", what, noted("Translate one, or send it as it is."), language, language=language)


def _names(wanted: Wanted) -> Iterator[Finding]:
    """Names that stand in the Korean face and are written another way in the English one."""
    for entry in wanted.edition.entries:
        korean, english = entry.faces.get("ko"), entry.faces.get("en")
        if korean is None or english is None:
            continue
        for name in wanted.names_missing(_said(korean), _said(english), "ko", "en"):
            what = noted("“%(title)s” writes a name another way than the glossary does: %(name)s.")
            cure = noted("Mend the entry's English version, or the glossary.")
            yield _yellow("glossary", what, cure, "en", title=english.title, name=name)


def _said(face: Face) -> str:
    """The whole text: a summary may leave a name out."""
    return f"{face.title}\n{face.summary}\n{text_of(face.html)}"
